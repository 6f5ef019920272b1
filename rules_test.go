package scrutineer_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

const module = "scrutineer"

// A pattern names packages. One that begins with "./" names ours, relative to
// the module; any other is an import path as it stands. A tail of "/..." takes
// in all below, and "./..." is all of ours. In rule.of, "!" takes away again.
type pattern = string

// rule says what some packages may reach.
type rule struct {
	name  string
	of    []pattern
	may   []pattern // of our own packages, these only; nil is no limit
	never []pattern // of all packages, none of these
	why   string
}

// graph is every package that ours reach, each with its direct imports.
type graph map[string][]string

// violation is a shortest chain of imports from a package to what it must
// not reach.
type violation struct {
	pkg  string
	path []string
}

func (v violation) reached() string { return v.path[len(v.path)-1] }

// ours returns our packages in order.
func (g graph) ours() []string {
	var list []string
	for pkg := range g {
		if isOurs(pkg) {
			list = append(list, pkg)
		}
	}
	slices.Sort(list)
	return list
}

func isOurs(pkg string) bool { return pkg == module || strings.HasPrefix(pkg, module+"/") }

func matches(p pattern, pkg string) bool {
	if rel, found := strings.CutPrefix(p, "./"); found {
		if rel == "..." {
			return isOurs(pkg)
		}
		p = module + "/" + rel
	}
	if base, found := strings.CutSuffix(p, "/..."); found {
		return pkg == base || strings.HasPrefix(pkg, base+"/")
	}
	return pkg == p
}

func matchesAny(list []pattern, pkg string) bool {
	return slices.ContainsFunc(list, func(p pattern) bool { return matches(p, pkg) })
}

// covers tells whether the rule is about pkg.
func (r rule) covers(pkg string) bool {
	covered := false
	for _, p := range r.of {
		if rest, found := strings.CutPrefix(p, "!"); found {
			covered = covered && !matches(rest, pkg)
		} else {
			covered = covered || matches(p, pkg)
		}
	}
	return covered
}

func (r rule) forbids(pkg string) bool {
	if matchesAny(r.never, pkg) {
		return true
	}
	return r.may != nil && isOurs(pkg) && !matchesAny(r.may, pkg)
}

// check returns one violation for each package and each thing it must not
// reach. It does not look beyond what is forbidden: that only repeats.
func (r rule) check(g graph) []violation {
	var found []violation
	for _, pkg := range g.ours() {
		if !r.covers(pkg) {
			continue
		}
		from := map[string]string{pkg: ""}
		for queue := []string{pkg}; len(queue) > 0; queue = queue[1:] {
			for _, next := range g[queue[0]] {
				if _, seen := from[next]; seen {
					continue
				}
				from[next] = queue[0]
				if r.forbids(next) {
					found = append(found, violation{pkg, chain(from, next)})
					continue
				}
				queue = append(queue, next)
			}
		}
	}
	return found
}

func chain(from map[string]string, end string) []string {
	var path []string
	for pkg := end; pkg != ""; pkg = from[pkg] {
		path = append(path, pkg)
	}
	slices.Reverse(path)
	return path
}

// known is what a pattern may name although no package of ours matches it.
type known struct {
	goroot  string
	modules []string  // that go.mod requires
	planned []pattern // of ours, to come
}

// vacuous says why a pattern cannot match anything; "" means that it can.
func (k known) vacuous(p pattern, g graph) string {
	p = strings.TrimPrefix(p, "!")
	base := strings.TrimSuffix(p, "/...")
	if base == "." || strings.HasPrefix(base, "./") {
		within := module + strings.TrimPrefix(base, ".")
		if len(matching(p, g)) == 0 && !matchesAny(k.planned, within) {
			return "no package of ours matches, and none is planned"
		}
		return ""
	}
	if first, _, _ := strings.Cut(base, "/"); !strings.Contains(first, ".") {
		if _, err := os.Stat(filepath.Join(k.goroot, "src", filepath.FromSlash(base))); err != nil {
			return "the standard library has no such package"
		}
		return ""
	}
	for _, m := range k.modules {
		if base == m || strings.HasPrefix(base, m+"/") {
			return ""
		}
	}
	return "go.mod requires no such module"
}

// matching returns our packages that a pattern names.
func matching(p pattern, g graph) []string {
	return slices.DeleteFunc(g.ours(), func(pkg string) bool { return !matches(p, pkg) })
}

// strays returns our packages that lie in none of the allowed folders. The
// root itself holds tests only.
func strays(g graph, allowed []string) []string {
	return slices.DeleteFunc(g.ours(), func(pkg string) bool {
		return pkg == module || slices.ContainsFunc(allowed, func(folder string) bool {
			return matches("./"+folder+"/...", pkg)
		})
	})
}

func listPackages(t *testing.T) graph {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports,ImportMap", "./...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			t.Fatalf("go list: %v\n%s", err, exit.Stderr)
		}
		t.Fatalf("go list: %v", err)
	}
	g := graph{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
			ImportMap  map[string]string
		}
		if err := dec.Decode(&p); err == io.EOF {
			return g
		} else if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		// The standard library's vendored packages go by a longer name.
		for i, name := range p.Imports {
			if mapped := p.ImportMap[name]; mapped != "" {
				p.Imports[i] = mapped
			}
		}
		g[p.ImportPath] = p.Imports
	}
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatalf("go env: %v", err)
	}
	return strings.TrimSpace(string(out))
}

func requiredModules(t *testing.T) []string {
	t.Helper()
	data, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, r := range mod.Require {
		paths = append(paths, r.Mod.Path)
	}
	return paths
}
