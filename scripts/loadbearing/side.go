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
	// sound are the stages that were seen to pass without any change.
	sound map[string]bool
}

// stage is a run of `go test`. V-nn stands for the number of the mutant: the
// cases that are named after a check are tried before all others.
type stage struct {
	name string
	args []string
}

func sides() []*side {
	return []*side{
		{
			name: "reference",
			dirs: []string{"reference-evoting/rules", "reference-evoting/ceremony", "reference-evoting/authority",
				"reference-evoting/trustee", "reference-evoting/verify", "reference-evoting/voter", "reference-evoting/registrar",
				"reference-evoting/identity", "reference-evoting/service/api"},
			stages: []stage{
				{"the rules' tests", []string{"-run", "TestFaults/V-nn", "./reference-evoting/rules"}},
				{"the mutants that both verifiers get", []string{"-run", "TestMutants/V-nn", "./harness/verify"}},
				{"the rules' tests", []string{"./reference-evoting/rules"}},
				{"the core's tests", []string{"./reference-evoting/ceremony", "./reference-evoting/authority", "./reference-evoting/trustee",
					"./reference-evoting/verify", "./reference-evoting/voter", "./reference-evoting/registrar", "./reference-evoting/identity",
					"./reference-evoting/countcentre"}},
				{"the forgers' tests", []string{"./harness/dialect/scrutineer"}},
				{"the scenarios", []string{"-run", "TestScenarios", "./harness/runner"}},
				{"the services' tests", []string{"./reference-evoting/service/...", "./targets/..."}},
			},
		},
		{
			name: "verifier",
			dirs: []string{"harness/verify"},
			stages: []stage{
				{"the verifier's mutants", []string{"-run", "TestMutants/V-nn", "./harness/verify"}},
				{"the verifier's tests", []string{"./harness/verify"}},
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

// kill tells what fails without the check; "" where nothing does. A mutant that
// panics is tried again in its quiet form, so that its absence is judged.
func (m mutant) kill(ctx context.Context, root string, timeout time.Duration) (string, error) {
	by, err := m.try(ctx, root, timeout, false)
	if err != nil || !strings.Contains(by, panics) {
		return by, err
	}
	again, err := m.try(ctx, root, timeout, true)
	switch {
	case errors.Is(err, errBuild), err == nil && again == "":
		return by, nil
	case err != nil:
		return "", err
	}
	return again, nil
}

func (m mutant) try(ctx context.Context, root string, timeout time.Duration, quiet bool) (string, error) {
	byFile := map[string][]site{}
	for _, s := range m.sites {
		if len(s.edits) > 0 {
			byFile[s.file] = append(byFile[s.file], s)
		}
	}
	if len(byFile) == 0 {
		return "", nil
	}
	dir, err := os.MkdirTemp("", "loadbearing")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	overlay, err := write(root, dir, byFile, quiet)
	if err != nil {
		return "", err
	}
	for _, st := range m.side.stages {
		failed, err := st.run(ctx, m.check, overlay, timeout)
		if err != nil {
			return "", fmt.Errorf("%s: %w", m.name(), err)
		}
		if failed == "" {
			continue
		}
		if err := m.side.soundly(ctx, st, timeout); err != nil {
			return "", fmt.Errorf("%s: %w", m.name(), err)
		}
		return st.name + ": " + failed, nil
	}
	return "", nil
}

// soundly is nil where a stage passes without any change: one that does not
// kills every mutant and shows nothing. Each is tried once, when it kills first;
// of those that take the cases of one check alone the other checks' pass.
func (s *side) soundly(ctx context.Context, st stage, timeout time.Duration) error {
	key := strings.Join(st.args, " ")
	if s.sound[key] || strings.Contains(key, "V-nn") {
		return nil
	}
	failed, err := st.run(ctx, "", "", timeout)
	if err != nil {
		return err
	}
	if failed != "" {
		return fmt.Errorf("%s fail without a mutant: %s", st.name, failed)
	}
	if s.sound == nil {
		s.sound = map[string]bool{}
	}
	s.sound[key] = true
	return nil
}

// write writes the changed files and the overlay that names them.
func write(root, dir string, byFile map[string][]site, quiet bool) (string, error) {
	replace := map[string]string{}
	for file, list := range byFile {
		src, err := apply(root, file, list, quiet)
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
	panicked    = regexp.MustCompile(`(?m)^panic: (.*?)(?: \[recovered.*)?$`)
	ginkgo      = regexp.MustCompile(`(?m)^\s*\[FAIL\] (.*)`)
)

// panics stands between a test and the panic that ended it.
const panics = " panics: "

var errBuild = errors.New("the mutant does not compile")

// run runs a stage and returns the first test that failed. A mutant that does
// not compile is an error of this command and no kill.
func (st stage) run(ctx context.Context, check, overlay string, timeout time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	args := []string{"test", "-vet=off", "-failfast", "-count=1", "-timeout", timeout.String()}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	args = append(args, st.args...)
	for i := range args {
		args[i] = strings.ReplaceAll(args[i], "V-nn", check)
	}
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
		return "", fmt.Errorf("%w:\n%s", errBuild, out.Bytes())
	}
	if name := failure(out.Bytes()); name != "" {
		return name, nil
	}
	return "", fmt.Errorf("go test failed in a way that is not read here:\n%s", out.Bytes())
}

// failure names the first test that failed, with its first failed case. That a
// mutant panicked is said: the test needs the check, and judges nothing.
func failure(out []byte) string {
	if m := ginkgo.FindSubmatch(out); m != nil {
		return strings.TrimSpace(string(m[1]))
	}
	name := ""
	for _, m := range failedTest.FindAllSubmatch(out, -1) {
		if next := string(m[1]); name == "" || strings.HasPrefix(next, name+"/") {
			name = next
		}
	}
	if m := panicked.FindSubmatch(out); m != nil {
		return strings.TrimSpace(name + panics + string(m[1]))
	}
	return name
}
