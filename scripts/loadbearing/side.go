package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"scrutineer/harness/verify"
)

// side is one of the two who make the numbered checks.
type side struct {
	name string
	// dirs are the packages in which the checks are.
	dirs []string
	// stages are what is run against a mutant, the nearest first.
	stages []stage
	// constants are names that stand for numbers.
	constants map[string]string
	checks    []string
}

// stage is a run of `go test`.
type stage struct {
	name string
	args []string
}

func sides() []*side {
	return []*side{
		{
			name: "reference",
			dirs: []string{"reference-evoting/rules", "reference-evoting/ceremony", "reference-evoting/authority",
				"reference-evoting/trustee", "reference-evoting/verify", "reference-evoting/voter", "reference-evoting/registrar"},
			stages: []stage{
				{"the core's tests", []string{"./reference-evoting/rules", "./reference-evoting/ceremony", "./reference-evoting/authority",
					"./reference-evoting/trustee", "./reference-evoting/verify", "./reference-evoting/voter", "./reference-evoting/registrar"}},
				{"the forgers' tests", []string{"./harness/dialect/scrutineer"}},
				{"the scenarios", []string{"-run", "TestScenarios", "./harness/runner"}},
				{"the services' tests", []string{"./reference-evoting/service/...", "./targets/..."}},
			},
		},
		{
			name: "verifier",
			dirs: []string{"harness/verify"},
			stages: []stage{
				{"the verifier's tests", []string{"./harness/verify/..."}},
				{"the scenarios", []string{"-run", "TestScenarios", "./harness/runner"}},
			},
		},
	}
}

var constant = regexp.MustCompile(`(?m)^\t([A-Z]\w+)(?:\s+Check = iota \+ 1)? +// (V-\d\d)`)

// complete reads the names of the verifier's constants, and lists the checks.
func (s *side) complete(root string) error {
	for _, c := range verify.Checks() {
		s.checks = append(s.checks, c.String())
	}
	if s.name != "verifier" {
		return nil
	}
	src, err := os.ReadFile(filepath.Join(root, "harness", "verify", "check.go"))
	if err != nil {
		return err
	}
	s.constants = map[string]string{}
	for _, m := range constant.FindAllStringSubmatch(string(src), -1) {
		s.constants[m[1]] = m[2]
	}
	if len(s.constants) != len(s.checks) {
		return fmt.Errorf("harness/verify/check.go names %d of %d checks in the form that is read here", len(s.constants), len(s.checks))
	}
	return nil
}

// kill tells what fails without the check; "" where nothing does.
func (m mutant) kill(ctx context.Context, root string, timeout time.Duration) (string, error) {
	off := 0
	byFile := map[string][]site{}
	for _, s := range m.sites {
		if len(s.edits) > 0 {
			off++
			byFile[s.file] = append(byFile[s.file], s)
		}
	}
	if off == 0 {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "loadbearing")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := write(root, dir, byFile)
	if err != nil {
		return "", err
	}
	for _, st := range m.side.stages {
		failed, err := st.run(ctx, overlay, timeout)
		if err != nil {
			return "", fmt.Errorf("%s %s: %w", m.side.name, m.check, err)
		}
		if failed != "" {
			return st.name + ": " + failed, nil
		}
	}
	return "", nil
}

// write writes the changed files and the overlay that names them.
func write(root, dir string, byFile map[string][]site) (string, error) {
	replace := map[string]string{}
	for file, list := range byFile {
		src, err := apply(root, file, list)
		if err != nil {
			return "", err
		}
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(to, src, 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(root, filepath.FromSlash(file))] = to
	}
	raw, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	overlay := filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, raw, 0o600)
}

var (
	failedTest  = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)
	failedBuild = regexp.MustCompile(`(?m)^FAIL\s+\S+ \[(?:build|setup) failed\]`)
	panicked    = regexp.MustCompile(`(?m)^panic: (.*)`)
	ginkgo      = regexp.MustCompile(`(?m)^\s*\[FAIL\] (.*)`)
)

// run runs a stage and returns the first test that failed. A mutant that does
// not compile is an error of this command and no kill.
func (st stage) run(ctx context.Context, overlay string, timeout time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	args := append([]string{"test", "-overlay", overlay, "-vet=off", "-failfast", "-count=1", "-timeout", timeout.String()}, st.args...)
	cmd := exec.CommandContext(ctx, "go", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	var exited *exec.ExitError
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "does not end", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case !errors.As(err, &exited):
		return "", err
	case failedBuild.Match(out.Bytes()):
		return "", fmt.Errorf("the mutant does not compile:\n%s", out.Bytes())
	}
	for _, form := range []*regexp.Regexp{ginkgo, failedTest, panicked} {
		if m := form.FindSubmatch(out.Bytes()); m != nil {
			return strings.TrimSpace(string(m[1])), nil
		}
	}
	return "", fmt.Errorf("go test failed in a way that is not read here:\n%s", out.Bytes())
}
