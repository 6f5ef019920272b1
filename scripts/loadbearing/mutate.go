package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// site is a place at which a check reports that it failed.
type site struct {
	file  string // below the repository
	line  int
	check string // V-07
	edits []edit // none where it cannot be switched off by an edit
	// quiet leaves the report out and lets the function end as it did with it.
	// It is for mutants that panic because they go on with what is not there.
	quiet []edit
}

// edit inserts text before an offset of the file.
type edit struct {
	offset int
	text   string
}

var number = regexp.MustCompile(`^V-\d\d$`)

// sites finds where the packages in dirs report failed checks. A check is
// named by a literal "V-07", or by the constant that constants gives.
func sites(root string, dirs []string, constants map[string]string) ([]site, error) {
	var out []site
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			found, err := sitesIn(file, constants)
			if err != nil {
				return nil, err
			}
			for i := range found {
				found[i].file = filepath.ToSlash(filepath.Join(dir, filepath.Base(file)))
			}
			out = append(out, found...)
		}
	}
	return out, nil
}

func sitesIn(file string, constants map[string]string) ([]site, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var out []site
	var path []ast.Node
	ast.Inspect(tree, func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return false
		}
		path = append(path, n)
		if check := checkOf(n, constants); check != "" && reports(path) {
			w := woodcutter{set: set, src: src, unless: "false"}
			out = append(out, site{line: set.Position(n.Pos()).Line, check: check, edits: w.site(path), quiet: w.alone(path)})
		}
		return true
	})
	return out, nil
}

// checkOf is the number that an expression names.
func checkOf(n ast.Node, constants map[string]string) string {
	switch n := n.(type) {
	case *ast.BasicLit:
		if text := strings.Trim(n.Value, `"`); n.Kind == token.STRING && number.MatchString(text) {
			return text
		}
	case *ast.Ident:
		return constants[n.Name]
	}
	return ""
}

// reporters are the functions that make or record a failed check.
var reporters = []string{"found", "broken", "refused", "fault", "stop", "fail", "twice", "note", "reject", "bad", "problem", "Errorf"}

// reports says whether the last node of the path is an argument of a reporter,
// becomes the field Check of a fault, or is what a variable gets that is handed
// to a reporter. Other mentions of a number (what is expected, what was seen,
// where a loop begins) are none.
func reports(path []ast.Node) bool {
	if len(path) < 2 {
		return false
	}
	switch parent := path[len(path)-2].(type) {
	case *ast.CallExpr:
		return isReporter(parent.Fun)
	case *ast.KeyValueExpr:
		key, ok := parent.Key.(*ast.Ident)
		return ok && key.Name == "Check"
	case *ast.AssignStmt:
		if _, loop := path[len(path)-3].(*ast.ForStmt); loop {
			return false
		}
		switch to := assigned(parent, path[len(path)-1]).(type) {
		case *ast.Ident:
			return true
		case *ast.SelectorExpr:
			return to.Sel.Name == "Check"
		}
	}
	return false
}

// assigned is what gets a value of an assignment.
func assigned(n *ast.AssignStmt, value ast.Node) ast.Expr {
	k := slices.IndexFunc(n.Rhs, func(e ast.Expr) bool { return ast.Node(e) == value })
	return n.Lhs[max(0, k)]
}

func isReporter(f ast.Expr) bool {
	switch f := f.(type) {
	case *ast.Ident:
		return slices.Contains(reporters, f.Name)
	case *ast.SelectorExpr:
		return slices.Contains(reporters, f.Sel.Name)
	}
	return false
}

// woodcutter switches a report off by the smallest edit that still compiles.
type woodcutter struct {
	set *token.FileSet
	src []byte
	// unless is the condition under which a report is still made; its variable
	// is known from a position on.
	unless string
	known  token.Pos
}

func (w woodcutter) offset(p token.Pos) int { return w.set.Position(p).Offset }

func (w woodcutter) text(n ast.Node) string {
	return string(w.src[w.offset(n.Pos()):w.offset(n.End())])
}

// site switches off the report in which the path ends. Where it gets its number
// from a variable that may hold another, the reports of the other stay.
func (w woodcutter) site(path []ast.Node) []edit {
	n, ok := path[len(path)-2].(*ast.AssignStmt)
	if !ok {
		return w.off(path)
	}
	value := path[len(path)-1]
	name, ok := assigned(n, value).(*ast.Ident)
	if !ok {
		return w.off(path)
	}
	w.unless = name.Name + " != " + w.text(value)
	for i := len(path) - 1; i >= 0; i-- {
		switch path[i].(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			w.known = declared(path[i], name.Name)
			return w.uses(path[:i+1], name)
		}
	}
	return nil
}

// declared is where a function declares a variable.
func declared(function ast.Node, name string) token.Pos {
	at := token.NoPos
	ast.Inspect(function, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok && at == token.NoPos && a.Tok == token.DEFINE {
			if slices.ContainsFunc(a.Lhs, func(e ast.Expr) bool { id, ok := e.(*ast.Ident); return ok && id.Name == name }) {
				at = a.Pos()
			}
		}
		return true
	})
	return at
}

// off makes the condition on which the report hangs false; a report that hangs
// on none is put behind one.
func (w woodcutter) off(path []ast.Node) []edit {
	for i := len(path) - 1; i > 0; i-- {
		switch n := path[i].(type) {
		case *ast.IfStmt:
			if path[i+1] != ast.Node(n.Body) {
				continue
			}
			if w.known > n.Body.Pos() {
				return w.behind(path[i+2])
			}
			return w.never(n.Cond)
		case *ast.CaseClause:
			if len(n.List) == 0 {
				return w.alone(path)
			}
			if s, ok := switchOf(path[:i]); !ok || s.Tag != nil {
				return w.alone(path)
			}
			var out []edit
			for _, e := range n.List {
				out = append(out, w.never(e)...)
			}
			return out
		case *ast.FuncDecl, *ast.FuncLit:
			return w.alone(path)
		}
	}
	return nil
}

func switchOf(path []ast.Node) (*ast.SwitchStmt, bool) {
	for i := len(path) - 1; i >= 0; i-- {
		if s, ok := path[i].(*ast.SwitchStmt); ok {
			return s, true
		}
	}
	return nil, false
}

func (w woodcutter) never(cond ast.Expr) []edit {
	return []edit{{w.offset(cond.Pos()), w.unless + " && ("}, {w.offset(cond.End()), ")"}}
}

// behind puts a statement of an if behind the condition.
func (w woodcutter) behind(n ast.Node) []edit {
	return []edit{{w.offset(n.Pos()), "if " + w.unless + " {\n"}, {w.offset(n.End()), "\n}"}}
}

// alone handles a report that a function makes on no condition of its own.
func (w woodcutter) alone(path []ast.Node) []edit {
	for i := len(path) - 1; i > 0; i-- {
		switch n := path[i].(type) {
		case *ast.ReturnStmt:
			results := make([]string, len(n.Results))
			for k, r := range n.Results {
				results[k] = w.text(r)
				if r.Pos() <= path[len(path)-1].Pos() && path[len(path)-1].End() <= r.End() {
					results[k] = "nil"
				}
			}
			return []edit{{w.offset(n.Pos()), "if " + w.unless + " {\n"}, {w.offset(n.End()), "\n}\nreturn " + strings.Join(results, ", ")}}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				return w.kept(path[:i], n, path[i+1])
			}
			return w.behind(n)
		case *ast.ExprStmt:
			return w.behind(n)
		}
	}
	return nil
}

// kept switches off a report that a variable keeps.
func (w woodcutter) kept(outer []ast.Node, n *ast.AssignStmt, value ast.Node) []edit {
	name, ok := assigned(n, value).(*ast.Ident)
	if !ok {
		return nil
	}
	if out := w.uses(outer, name); len(out) > 0 {
		return out
	}
	return []edit{{w.offset(n.End()), "\n" + name.Name + " = nil"}}
}

// uses switches off what is done with a report, or with its number, that a
// variable keeps: the calls that get it as an argument.
func (w woodcutter) uses(outer []ast.Node, name *ast.Ident) []edit {
	var out []edit
	path := slices.Clone(outer)
	ast.Inspect(outer[len(outer)-1], func(n ast.Node) bool {
		if n == nil {
			path = path[:len(path)-1]
			return false
		}
		path = append(path, n)
		id, ok := n.(*ast.Ident)
		if !ok || id.Name != name.Name || id.Pos() <= name.Pos() {
			return true
		}
		if call, ok := path[len(path)-2].(*ast.CallExpr); ok && call.Fun != ast.Expr(id) {
			out = append(out, w.off(path)...)
		}
		return true
	})
	return out
}

// apply returns the source of a file with the edits of its sites.
func apply(root, file string, list []site, quiet bool) ([]byte, error) {
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	var all []edit
	for _, s := range list {
		edits := s.edits
		if quiet && len(s.quiet) > 0 {
			edits = s.quiet
		}
		for _, e := range edits {
			// Two reports on one condition need it made false once.
			if !slices.Contains(all, e) {
				all = append(all, e)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b edit) int { return b.offset - a.offset })
	for _, e := range all {
		if e.offset > len(src) {
			return nil, fmt.Errorf("%s changed while it was read", file)
		}
		src = slices.Concat(src[:e.offset:e.offset], []byte(e.text), src[e.offset:])
	}
	return src, nil
}
