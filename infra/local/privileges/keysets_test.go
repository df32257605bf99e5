package privileges

import (
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"twofold/pkg/seal"
)

// opens says which keysets each function may unwrap, and no role more. Widening it is a decision: what a function can open,
// whoever takes the function over can open.
var opens = map[string][]seal.Purpose{
	"policy":    {seal.Secrets, seal.Codes, seal.Webhooks},
	"enroll":    {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords},
	"verify":    {seal.Sign, seal.Secrets, seal.Codes},
	"prompt":    {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords},
	"account":   {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.AppPasswords},
	"console":   {seal.Sign, seal.Secrets, seal.Contacts, seal.Codes, seal.Exports, seal.Webhooks},
	"report":    {seal.Exports},
	"mailer":    {seal.Codes, seal.Contacts},
	"projector": {seal.Checkpoints, seal.Webhooks},
}

// Every function × every purpose, by the product's own code and through the roles of template.yaml.
func TestEachFunctionUnwrapsItsOwnKeysetsOnly(t *testing.T) {
	v := newVault(t)
	if named := slices.Sorted(maps.Keys(opens)); !slices.Equal(named, slices.Sorted(slices.Values(v.functions))) {
		t.Fatalf("this test knows %v, the template has %v", named, v.functions)
	}
	for _, function := range v.functions {
		for _, p := range seal.Purposes() {
			raw, err := seal.Unwrap(t.Context(), v.as(function), v.key, p, v.wrapped[p])
			switch own := slices.Contains(opens[function], p); {
			case own && (err != nil || !bytes.Equal(raw, v.raw[p])):
				t.Errorf("%s cannot unwrap its keyset %s: %v", function, p, err)
			case !own && code(err) != "AccessDeniedException":
				t.Errorf("%s asks for the keyset %s: %v", function, p, err)
			}
		}
	}
}

// Whatever context a function tries, no keyset opens that is not its own. Where the role lets a context pass, KMS does not: a
// context binds whole and with its case. https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
func TestNoOtherContextOpensAKeyset(t *testing.T) {
	v := newVault(t)
	for _, function := range v.functions {
		client := v.as(function)
		for _, target := range seal.Purposes() {
			name := string(target)
			tries := []map[string]string{
				nil, {}, {"purpose": ""}, {"Purpose": name}, {"PURPOSE": name}, {"purpose": strings.ToUpper(name)}, {"purpose": name + " "}, {"purpose ": name},
				{"purpose": name, "more": "x"}, {"purpose": "*"}, {"kms:EncryptionContext:purpose": name},
			}
			for _, own := range opens[function] {
				tries = append(tries, map[string]string{"purpose": string(own), "Purpose": name}, map[string]string{"Purpose": string(own), "purpose": name})
				if own != target {
					tries = append(tries, map[string]string{"purpose": string(own)})
				}
			}
			for _, encryption := range tries {
				_, err := client.Decrypt(t.Context(), &sdk.DecryptInput{CiphertextBlob: v.wrapped[target], EncryptionContext: encryption})
				if c := code(err); c != "AccessDeniedException" && c != "InvalidCiphertextException" {
					t.Errorf("%s asks for the keyset %s with the context %q: %v", function, target, encryption, err)
				}
			}
		}
	}
}

// Unwrapping is all that any of them may do with the key: nobody who takes a function over can wrap keysets of their own.
func TestFunctionsOnlyDecrypt(t *testing.T) {
	v := newVault(t)
	for _, function := range v.functions {
		client := v.as(function)
		for _, p := range seal.Purposes() {
			encryption := map[string]string{"purpose": string(p)}
			for name, call := range map[string]func(context.Context) error{
				"Encrypt": func(ctx context.Context) error {
					_, err := client.Encrypt(ctx, &sdk.EncryptInput{KeyId: &v.key, Plaintext: []byte("x"), EncryptionContext: encryption})
					return err
				},
				"GenerateDataKey": func(ctx context.Context) error {
					_, err := client.GenerateDataKey(ctx, &sdk.GenerateDataKeyInput{KeyId: &v.key, KeySpec: types.DataKeySpecAes256, EncryptionContext: encryption})
					return err
				},
				"ReEncrypt": func(ctx context.Context) error {
					_, err := client.ReEncrypt(ctx, &sdk.ReEncryptInput{
						CiphertextBlob: v.wrapped[p], DestinationKeyId: &v.key, SourceEncryptionContext: encryption, DestinationEncryptionContext: encryption,
					})
					return err
				},
				"DescribeKey": func(ctx context.Context) error {
					_, err := client.DescribeKey(ctx, &sdk.DescribeKeyInput{KeyId: &v.key})
					return err
				},
				"Decrypt by another key": func(ctx context.Context) error {
					_, err := client.Decrypt(ctx, &sdk.DecryptInput{KeyId: aws.String(v.key + "0"), CiphertextBlob: v.wrapped[p], EncryptionContext: encryption})
					return err
				},
			} {
				if err := call(t.Context()); code(err) != "AccessDeniedException" {
					t.Errorf("%s: %s for %s: %v", function, name, p, err)
				}
			}
		}
	}
}

// The table above is what the mains open, so that a main that opens more is seen here at once.
func TestMainsOpenWhatTheTableSays(t *testing.T) {
	names := map[string]seal.Purpose{"Sign": seal.Sign, "Secrets": seal.Secrets, "Contacts": seal.Contacts, "Codes": seal.Codes, "AppPasswords": seal.AppPasswords, "Exports": seal.Exports, "Checkpoints": seal.Checkpoints, "Webhooks": seal.Webhooks}
	if len(names) != len(seal.Purposes()) {
		t.Fatalf("there are %d purposes", len(seal.Purposes()))
	}
	for function, want := range opens {
		path := filepath.Join(filepath.Dir(committed(t)), "functions", function, "main.go")
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		var got []seal.Purpose
		ast.Inspect(tree, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && selected(call.Fun, "keyring") == "Open" {
				for _, argument := range call.Args {
					if purpose, ok := names[selected(argument, "seal")]; ok {
						got = append(got, purpose)
					}
				}
			}
			return true
		})
		if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s opens %v, the table says %v", path, got, want)
		}
	}
}

// selected is the name that an expression takes from a package, empty if it takes none from it.
func selected(e ast.Expr, from string) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		if x, ok := s.X.(*ast.Ident); ok && x.Name == from {
			return s.Sel.Name
		}
	}
	return ""
}
