package pkg_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "twofold/"

// source is one Go file of the repository, with what the layout's rules look at.
type source struct {
	path    string // from the repository's root, with slashes
	folder  string // of the file, likewise
	test    bool
	name    string // the package's
	doc     string // the package comment, if the file has it
	imports []string
	tree    *ast.File
}

// repository finds the root, which is where go.mod is.
func repository(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		t.Fatalf("this test belongs into pkg/, right below the repository's root: %v", err)
	}
	return root
}

// passedOver are folders that hold no code of the product. pkg/zz is not committed: it only
// keeps go.mod complete while the first version is being written.
func passedOver(folder string) bool {
	base := filepath.Base(folder)
	return base == "testdata" || base == "node_modules" || folder == "pkg/zz" || strings.HasPrefix(base, ".") && base != "."
}

// sources parses every Go file of the repository.
func sources(t *testing.T) []source {
	t.Helper()
	root := repository(t)
	var found []source
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && passedOver(path):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(path) != ".go":
			return nil
		}
		s, err := parse(root, path)
		found = append(found, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 50 {
		t.Fatalf("only %d Go files found: the test looks in the wrong place", len(found))
	}
	return found
}

func parse(root, path string) (source, error) {
	tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	s := source{
		path: path, folder: filepath.ToSlash(filepath.Dir(path)), test: strings.HasSuffix(path, "_test.go"),
		name: tree.Name.Name, doc: tree.Doc.Text(), tree: tree,
	}
	for _, spec := range tree.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, imported)
	}
	return s, nil
}

// part is the package below pkg that a folder or an import path of ours belongs to: "user" for
// "pkg/user" and "twofold/pkg/user". It is empty for everything else.
func part(path string) string {
	below, found := strings.CutPrefix(strings.TrimPrefix(path, module), "pkg/")
	if !found {
		return ""
	}
	first, _, _ := strings.Cut(below, "/")
	return first
}
