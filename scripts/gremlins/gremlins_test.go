package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const said = `#!/bin/sh
test "$1" = unleash || exit 1
test "$(go)" = "instead of $SCRUTINEER_REAL_GO" || exit 1
echo "Starting..."
echo "      KILLED ARITHMETIC_BASE at a.go:7:9"
echo "       LIVED CONDITIONALS_BOUNDARY at a.go:9:12"
echo " NOT COVERED CONDITIONALS_NEGATION at b.go:1:2"
echo "  NOT VIABLE ARITHMETIC_BASE at b.go:2:2"
echo "   TIMED OUT INCREMENT_DECREMENT at b.go:3:2"
test "$6" = ./slow && exec sleep 60
echo "Mutation testing completed in 1 second"
`

// The table counts what gremlins says, also of a package that took too long,
// and the other go is in front of the real one.
func TestTable(t *testing.T) {
	dir := t.TempDir()
	tool, self := filepath.Join(dir, "gremlins"), filepath.Join(dir, "self")
	for path, text := range map[string]string{tool: said, self: "#!/bin/sh\necho \"instead of $SCRUTINEER_REAL_GO\"\n"} {
		if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if err := run(context.Background(), self, tool, 5*time.Second, []string{"x/quick/", "slow"}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"| x/quick | 1 | 1 | 1 | 1 | 1 | 50.0 % | 66.7 % | ",
		"| slow | 1 | 1 | 1 | 1 | 1 | 50.0 % | 66.7 % | 5s, stopped |",
		"| total | 2 | 2 | 2 | 2 | 2 | 50.0 % | 66.7 % | 5s, stopped |",
		"- slow/a.go:9:12 CONDITIONALS_BOUNDARY\n- x/quick/a.go:9:12 CONDITIONALS_BOUNDARY\n",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if err := run(context.Background(), self, filepath.Join(t.TempDir(), "none"), time.Second, []string{"x"}, &out); err == nil {
		t.Error("a program that there is not")
	}
}

// A build that failed and a test that did end with other statuses.
func TestPassOn(t *testing.T) {
	for text, want := range map[string]int{
		"echo 'ok p 0.1s'":                         0,
		"echo '--- FAIL: TestX'; exit 1":           1,
		"echo 'FAIL p [build failed]' >&2; exit 1": 2,
	} {
		var out strings.Builder
		if got := passOn("/bin/sh", []string{"-c", text}, &out); got != want || out.Len() == 0 {
			t.Errorf("%s: status %d, want %d", text, got, want)
		}
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
