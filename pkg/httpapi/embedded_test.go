package httpapi_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// huma does not look into an embedded struct whose type is not exported, but JSON does: its members would be answered, and not
// documented.
func TestNoShapeEmbedsWhatIsNotDocumented(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	shapes := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			shape, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range shape.Fields.List {
				embedded, plain := field.Type.(*ast.Ident)
				tagged := field.Tag != nil
				shapes++
				if len(field.Names) == 0 && plain && !embedded.IsExported() && !tagged {
					t.Errorf("%s: a struct embeds %s: give it a name", name, embedded.Name)
				}
			}
			return true
		})
	}
	if shapes == 0 {
		t.Error("there is no struct at all")
	}
}
