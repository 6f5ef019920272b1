package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// said is a gremlins that finds a mutant of each fate.
const said = `#!/bin/sh
test "$1" = unleash || exit 1
for a in "$@"; do
	test "$a" = --dry-run && dry=1
	test "$a" = ./slow && slow=1
done
mutant() {
	if test "$dry"; then echo "    RUNNABLE $3 at $4"; return; fi
	go "$1" >/dev/null
	echo "   $2 $3 at $4"
}
echo "Starting..."
mutant "0.50 0.10 killed" KILLED ARITHMETIC_BASE a.go:7:9
mutant "0.50 0.10 killed" KILLED ARITHMETIC_BASE a.go:7:12
mutant "0.50 0.10 lived" LIVED CONDITIONALS_BOUNDARY a.go:9:12
echo " NOT COVERED CONDITIONALS_NEGATION at b.go:1:2"
mutant "0.50 0.00 not viable" "NOT VIABLE" ARITHMETIC_BASE b.go:2:2
mutant "0.50 1.20 timed out" KILLED INCREMENT_DECREMENT b.go:3:2
test "$slow" && test ! "$dry" && exec sleep 60
mutant "0.00 0.00 not tried" "NOT VIABLE" INCREMENT_DECREMENT b.go:4:2
echo "Mutation testing completed in 1 second"
`

// The table counts what the other go says, also of a package that took too
// long, and the other go is in front of the real one.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	tool, self := filepath.Join(dir, "gremlins"), filepath.Join(dir, "self")
	bin := filepath.Join(dir, "bin")
	for _, d := range []string{bin, filepath.Join(dir, "x", "quick"), filepath.Join(dir, "slow")} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(dir)
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("TESTS", "/bin/true")
	for path, text := range map[string]string{tool: said, filepath.Join(bin, "go"): fake, self: "#!/bin/sh\ntest \"$SCRUTINEER_REAL_GO\" && echo \"$1\" >>\"$SCRUTINEER_OUTCOMES\"\n"} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	c := command{self: self, tool: tool, limit: 5 * time.Second, most: 3, packages: []string{"x/quick/", "slow"}}
	var out, log strings.Builder
	if err := c.run(context.Background(), &out, &log); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| x/quick | 2 | 1 | 1 | 1 | 1 | 1 | 50 % | 66.7 % | 85.7 % | 0.5, 0.3 | ",
		"| slow | 2 | 1 | 1 | 1 | 1 | 0 | 50 % | 66.7 % | 83.3 % | 0.5, 0.3 | 5s, stopped |",
		"| total | 4 | 2 | 2 | 2 | 2 | 1 | – | 66.7 % | 84.6 % | 0.5, 0.3 | 5s, stopped |",
		"- lived: slow/a.go:9:12 CONDITIONALS_BOUNDARY\n- lived: x/quick/a.go:9:12 CONDITIONALS_BOUNDARY\n- timed out: slow/b.go:3:2 ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	c.tool, c.packages = filepath.Join(t.TempDir(), "none"), []string{"x"}
	if err := c.run(context.Background(), &out, &log); err == nil {
		t.Error("a program that there is not")
	}
}

// fake is a go that makes no difference between building and copying: the
// tests are what the environment says.
const fake = `#!/bin/sh
echo "$@"
test "$BROKEN" && exit 1
while test "$1" != -o; do shift; done
cp "$TESTS" "$2" && chmod +x "$2"
`

// A mutant is killed by a test that fails, and by nothing else.
func TestMutant(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	o := other{real: path("go"), patience: time.Second, share: 1, outcomes: path("outcomes")}
	for _, c := range []struct{ tests, broken, want string }{
		{"exit 0", "", lived},
		{"echo --- FAIL: TestX; exit 1", "", killed},
		{"echo panic: nil; exit 2", "", killed},
		{"test $1 = -test.short=true", "", killed},
		{"while :; do :; done", "", timedOut},
		{"echo panic: test timed out after 1s; exit 2", "", timedOut},
		{"", "yes", notViable},
	} {
		for name, text := range map[string]string{"go": fake, "tests": "#!/bin/sh\n" + c.tests} {
			if err := os.WriteFile(path(name), []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		t.Setenv("TESTS", path("tests"))
		t.Setenv("BROKEN", c.broken)
		var out strings.Builder
		o.run([]string{"test", "-timeout", "1s", "-failfast", "x/p"}, &out)
		data, err := os.ReadFile(o.outcomes)
		lines := strings.Split(strings.TrimSpace(string(data)), "\n")
		if err != nil || !strings.HasSuffix(lines[len(lines)-1], " "+c.want) {
			t.Errorf("%q: %q, %v, want %s\n%s", c.tests, lines[len(lines)-1], err, c.want, out.String())
		}
	}
}

// Coverage is of the package without those below it, and measured once.
func TestCoverageRun(t *testing.T) {
	dir := t.TempDir()
	o := other{real: filepath.Join(dir, "go"), outcomes: filepath.Join(dir, "outcomes")}
	if err := os.WriteFile(o.real, []byte("#!/bin/sh\necho \"$@\"\necho $# >\"$4\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	profile := filepath.Join(dir, "profile")
	for _, want := range []string{"test -cover -coverprofile " + profile + " ./x/p\n", ""} {
		var out strings.Builder
		status := o.run([]string{"test", "-cover", "-coverprofile", profile, "./x/p/..."}, &out)
		data, err := os.ReadFile(profile)
		if out.String() != want || status != 0 || err != nil || string(data) != "5\n" {
			t.Errorf("%q, status %d, profile %q, %v", out.String(), status, data, err)
		}
		if err := os.Remove(profile); err != nil {
			t.Fatal(err)
		}
	}
}

// A sample depends on the seed and the sources, has about the share asked for,
// and looks at no test.
func TestChosen(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	draw := func(o other) (n int, which string) {
		for i := range 200 {
			write("a.go", "package a // "+string(rune('a'+i)))
			in, err := o.chosen(dir)
			if err != nil {
				t.Fatal(err)
			}
			if in {
				n++
				which += string(rune('a' + i))
			}
		}
		return n, which
	}
	n, which := draw(other{seed: "1", share: 0.25})
	if n < 30 || n > 70 {
		t.Errorf("%d of 200 are chosen by a share of 25 %%", n)
	}
	write("a_test.go", "package a")
	if _, again := draw(other{seed: "1", share: 0.25}); again != which {
		t.Error("the same seed chose others")
	}
	if _, others := draw(other{seed: "2", share: 0.25}); others == which {
		t.Error("another seed chose the same")
	}
	if n, _ := draw(other{share: 1}); n != 200 {
		t.Errorf("%d of 200 are chosen by a share of all", n)
	}
}

// The packages of the list are there.
func TestPackages(t *testing.T) {
	for _, p := range packages() {
		if files, err := filepath.Glob(filepath.Join("..", "..", p, "*.go")); err != nil || len(files) == 0 {
			t.Errorf("no package %s, %v", p, err)
		}
	}
}
