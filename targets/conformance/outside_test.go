package conformance_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// The suite is for modules of others: the example of one is built and tested
// as they would, without a network, with the libraries that we have.
func TestOutsideModule(t *testing.T) {
	dir, err := filepath.Abs("../../examples/vendor-target")
	if err != nil {
		t.Fatal(err)
	}
	// The files of the module are not written to: its sums are its own and ours.
	tmp := t.TempDir()
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	var sums []byte
	for _, path := range []string{filepath.Join(dir, "go.sum"), "../../go.sum"} {
		raw, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		sums = append(sums, raw...)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(tmp, "go.mod"), mod, 0o600), os.WriteFile(filepath.Join(tmp, "go.sum"), sums, 0o600)); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-v", "-mod=mod", "-modfile="+filepath.Join(tmp, "go.mod"), "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOPROXY=off", "GOWORK=off", "CGO_ENABLED=0")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ran := regexp.MustCompile(`Ran (\d+) of (\d+) Specs`).FindSubmatch(out)
	if ran == nil {
		t.Fatalf("no specs ran:\n%s", out)
	}
	if n, err := strconv.Atoi(string(ran[1])); err != nil || n < 20 {
		t.Errorf("%s", ran[0])
	}
	t.Logf("%s", ran[0])
}
