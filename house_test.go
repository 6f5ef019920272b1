package scrutineer_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Work at import time cannot be ordered, passed a clock or tested; a test
// value in a library's signature makes the library a test.
func TestHouseRulesOfSourceFiles(t *testing.T) {
	files := token.NewFileSet()
	seen := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			name := entry.Name()
			if name == "testdata" || path != "." && strings.HasPrefix(name, ".") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		seen++
		for _, fault := range houseFaults(files, file) {
			t.Error(fault)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("no source file was read")
	}
}

// houseFaults returns where a file that is no test breaks a rule of
// CONTRIBUTING.md that a reader of the syntax can see.
func houseFaults(files *token.FileSet, file *ast.File) []string {
	var faults []string
	at := func(n ast.Node, text string) {
		faults = append(faults, files.Position(n.Pos()).String()+": "+text)
	}
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == "init" {
			at(f, "an init function: register explicitly where the program is wired")
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "testing" && (s.Sel.Name == "T" || s.Sel.Name == "TB") {
				at(s, "testing."+s.Sel.Name+" outside a test: name the few methods that are used in an interface")
			}
		}
		return true
	})
	return faults
}

func TestHouseFaultsAreFound(t *testing.T) {
	tests := map[string]struct {
		source string
		want   int
	}{
		"init":           {"package p\nfunc init() {}", 1},
		"method init":    {"package p\ntype t int\nfunc (t) init() {}", 0},
		"testing.T":      {"package p\nimport \"testing\"\nfunc f(t *testing.T) {}", 1},
		"testing.TB":     {"package p\nimport \"testing\"\nvar f func(testing.TB)", 1},
		"benchmark only": {"package p\nimport \"testing\"\nvar r testing.BenchmarkResult", 0},
		"clean":          {"package p\nfunc f() {}", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			files := token.NewFileSet()
			file, err := parser.ParseFile(files, "p.go", test.source, 0)
			if err != nil {
				t.Fatal(err)
			}
			if got := houseFaults(files, file); len(got) != test.want {
				t.Errorf("%d faults, want %d: %v", len(got), test.want, got)
			}
		})
	}
}

// TestSecretsStayInConstantTime holds that the packages which handle secrets
// never name what takes variable time or leaves the group.
func TestSecretsStayInConstantTime(t *testing.T) {
	forbidden := []string{"VarTime", "VarTable", "NewVarTable", "GeneratorTable", "DoubleMul", "Combine", "CombineBytes", "EncodeDoubles", "UnsafeFromEdwards"}
	for _, dir := range []string{"voter", "trustee", "registrar", "ceremony", "keys", "device", "pollbook"} {
		files, err := filepath.Glob(filepath.Join("reference-evoting", dir, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in %s: %v", dir, err)
		}
		for _, name := range files {
			for _, word := range namedIn(t, name, forbidden) {
				t.Errorf("%s names %s", name, word)
			}
		}
	}
	if len(namedIn(t, filepath.Join("reference-evoting", "proof", "range.go"), forbidden)) == 0 {
		t.Error("the test sees nothing: proof/range.go names CombineBytes")
	}
}

// namedIn lists which of the words a file names as identifiers.
func namedIn(t *testing.T, name string, words []string) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && slices.Contains(words, id.Name) {
			out = append(out, id.Name)
		}
		return true
	})
	return out
}
