package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"scrutineer/harness/mutate"
	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
)

// judge says which checks reject a record; none where it is accepted. Another's
// verifier gives the check 0, which is none of ours.
type judge func(ctx context.Context, files record.Memory) ([]verify.Check, error)

// survey has mutants judged.
type survey struct {
	judge   judge
	workers int
	results []result
	none    int // mutants that there are not
}

type result struct {
	*mutate.Mutant
	checks []verify.Check
	reason string // why it is harmless, where it passed
}

// survived is a mutant that nobody rejects and that is not known to be
// harmless.
func (r *result) survived() bool { return len(r.checks) == 0 && r.reason == "" }

func (s *survey) run(ctx context.Context, list []*mutate.Mutant) error {
	results := make([]*result, len(list))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, s.workers))
	for i, m := range list {
		group.Go(func() error {
			files, err := m.Make()
			if errors.Is(err, mutate.ErrNone) {
				return nil
			}
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			checks, err := s.judge(ctx, files)
			if err != nil {
				return fmt.Errorf("%s: %w", m.Name, err)
			}
			r := &result{Mutant: m, checks: checks}
			if len(checks) == 0 {
				r.reason = whyHarmless(m)
			}
			results[i] = r
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	for _, r := range results {
		if r == nil {
			s.none++
			continue
		}
		s.results = append(s.results, *r)
	}
	return nil
}

func (s *survey) survivors() (out []result) {
	for _, r := range s.results {
		if r.survived() {
			out = append(out, r)
		}
	}
	return out
}

// ours is the verifier of this repository, with every check made.
func ours(ctx context.Context, files record.Memory) ([]verify.Check, error) {
	r, err := verify.Verify(ctx, files, verify.Options{Workers: 1, Findings: 1})
	if err != nil {
		return nil, err
	}
	if failed := r.Failed(); len(failed) > 0 || r.Passed {
		return failed, nil
	}
	return nil, errors.New("neither passed nor rejected by any check")
}

// command is another's verifier.
func command(argv []string) judge {
	return func(ctx context.Context, files record.Memory) ([]verify.Check, error) {
		dir, err := os.MkdirTemp("", "mutant-")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		folder := filepath.Join(dir, "record")
		if err := writeFolder(files, folder); err != nil {
			return nil, err
		}
		out, err := exec.CommandContext(ctx, argv[0], append(argv[1:len(argv):len(argv)], folder)...).CombinedOutput()
		var status *exec.ExitError
		switch {
		case err == nil:
			return nil, nil
		case errors.As(err, &status) && status.ExitCode() == 1:
			return []verify.Check{0}, nil
		}
		return nil, fmt.Errorf("%s: %w: %.200s", argv[0], err, strings.TrimSpace(string(out)))
	}
}

func writeFolder(files record.Memory, dir string) error {
	for path, data := range files {
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644)); err != nil {
			return fmt.Errorf("write record: %w", err)
		}
	}
	return nil
}
