package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awskms "github.com/aws/aws-sdk-go-v2/service/kms"

	local "twofold/infra/local/dynamodb"
	"twofold/infra/local/kms"
	"twofold/pkg/access"
	"twofold/pkg/dynamo"
	"twofold/pkg/seal"
)

// environment points the SDK at DynamoDB Local and at the KMS of infra/local, as a shell would.
func environment(t *testing.T) (client *dynamodb.Client, table string, key *kms.KMS) {
	t.Helper()
	client, table = local.TableForTest(t)
	key, err := kms.New("", "eu-west-1")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(key)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_DYNAMODB": local.ForTest(t), "AWS_ENDPOINT_URL_KMS": server.URL,
		"AWS_REGION": client.Options().Region, "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "",
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		t.Setenv(name, value)
	}
	return client, table, key
}

func TestTheCommandPreparesATable(t *testing.T) {
	client, table, key := environment(t)
	file := filepath.Join(t.TempDir(), "keys.json")
	arguments := []string{"-table", table, "-kms-key", key.ARN(), "-out", file, "-email", "root@twofold.test"}
	ctx := context.Background()
	var report bytes.Buffer
	for range 2 {
		if err := run(ctx, arguments, &report, io.Discard); err != nil {
			t.Fatal(err)
		}
	}

	store := dynamo.New(client, table)
	wrapped, err := store.Keysets(ctx, "sign", "secrets", "contacts", "codes", "app_passwords", "exports", "checkpoints", "webhooks")
	if err != nil {
		t.Fatal(err)
	}
	endpoint := os.Getenv("AWS_ENDPOINT_URL_KMS")
	unwrapper := awskms.New(awskms.Options{Region: "eu-west-1", BaseEndpoint: &endpoint, Credentials: client.Options().Credentials})
	for _, p := range seal.Purposes() {
		raw, err := seal.Unwrap(ctx, unwrapper, key.ARN(), p, wrapped[string(p)])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.Load(p, raw); err != nil {
			t.Error(err)
		}
	}

	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var content struct {
		Admin struct{ ID, Key string } `json:"system_admin"`
	}
	if err := json.Unmarshal(raw, &content); err != nil {
		t.Fatal(err)
	}
	if _, err := access.Parse(content.Admin.Key); err != nil || !strings.HasPrefix(content.Admin.Key, "tfk_system_") {
		t.Errorf("the file's key: %v", err)
	}
	if strings.Contains(report.String(), "tfk_") {
		t.Error("the report holds the key")
	}
	dump := scan(t, client, table)
	secret := content.Admin.Key[strings.LastIndexByte(content.Admin.Key, '_')+1:]
	if !strings.Contains(dump, content.Admin.ID) || strings.Contains(dump, secret) {
		t.Error("the table lacks the key's id, or holds the key itself")
	}
}

// scan gives everything that stands in the table, as text.
func scan(t *testing.T, client *dynamodb.Client, table string) string {
	t.Helper()
	out, err := client.Scan(context.Background(), &dynamodb.ScanInput{TableName: aws.String(table), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Items) < 9 { // six keysets, the key, its event, the mark
		t.Errorf("%d items", len(out.Items))
	}
	encoded, err := json.Marshal(out.Items)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestAFailureOfKMSStoresNothing(t *testing.T) {
	client, table, key := environment(t)
	key.SetFault(func(string) int { return 400 })
	file := filepath.Join(t.TempDir(), "keys.json")
	err := run(context.Background(), []string{"-table", table, "-kms-key", key.ARN(), "-out", file, "-email", "root@twofold.test"}, io.Discard, io.Discard)
	if err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Errorf("the file: %v", err)
	}
	out, err := client.Scan(context.Background(), &dynamodb.ScanInput{TableName: aws.String(table)})
	if err != nil || len(out.Items) != 0 {
		t.Errorf("%d items, %v", len(out.Items), err)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	good := map[string]string{
		"-table": "t", "-kms-key": "arn:aws:kms:eu-west-1:111122223333:key/1", "-out": "keys.json", "-email": " Root@Twofold.TEST ",
	}
	with := func(name, value string) []string {
		var arguments []string
		for flag, is := range good {
			if flag == name {
				is = value
			}
			arguments = append(arguments, flag, is)
		}
		return arguments
	}
	r, err := parse(with("", ""), io.Discard)
	if err != nil || r.who.Email != "Root@twofold.test" || r.who.Name != "System administrator" || r.table != "t" || r.file != "keys.json" {
		t.Errorf("%+v, %v", r, err)
	}
	for name, arguments := range map[string][]string{
		"nothing": nil, "no table": with("-table", ""), "no file": with("-out", ""), "no key": with("-kms-key", ""), "no address": with("-email", ""),
		"an alias": with("-kms-key", "arn:aws:kms:eu-west-1:111122223333:alias/twofold"), "an id": with("-kms-key", "1234abcd"),
		"two addresses": with("-email", "a@b.example, c@d.example"), "a display name": with("-email", "Root <a@b.example>"),
		"an empty name": append(with("", ""), "-name", " "), "an unknown flag": append(with("", ""), "-verbose"), "an argument": append(with("", ""), "now"),
	} {
		if _, err := parse(arguments, io.Discard); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
