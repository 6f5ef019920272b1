package check_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"scrutineer/targets"
	"scrutineer/targets/check"
	"scrutineer/targets/core"
)

func run(t *testing.T, target targets.Target) map[string]check.Result {
	t.Helper()
	d, err := target.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]check.Result{}
	told := 0
	for _, r := range check.Run(t.Context(), check.Config{Target: target, Description: d, Patience: 20 * time.Second}, func(check.Result) { told++ }) {
		out[r.Name] = r
	}
	if told != len(out) || len(out) != 10 {
		t.Errorf("%d told of %d", told, len(out))
	}
	return out
}

func TestASoundTarget(t *testing.T) {
	for name, r := range run(t, core.New(time.Now)) {
		if r.Failed() || len(r.Missing) > 0 {
			t.Errorf("%s: %v, missing %v", name, r.Err, r.Missing)
		}
	}
}

// liar is core, but for what a test changes.
type liar struct {
	targets.Target
	says func(*targets.Description)
	gets func(full) targets.Election
}

// full is what core's elections can do.
type full interface {
	targets.Election
	targets.Submitter
	targets.BoardReader
	targets.Closer
	targets.Trustees
	targets.Voters
	targets.Verifier
	targets.Corruptible
}

func (l liar) Describe(ctx context.Context) (targets.Description, error) {
	d, err := l.Target.Describe(ctx)
	if l.says != nil {
		l.says(&d)
	}
	return d, err
}

func (l liar) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	e, err := l.Target.Open(ctx, d)
	if err != nil || l.gets == nil {
		return e, err
	}
	return l.gets(e.(full)), nil
}

type bare struct{ targets.Election }

type blind struct{ full }

func (blind) VerifyRecord(context.Context, map[string][]byte) ([]targets.Finding, error) {
	return nil, nil
}

type greedy struct{ full }

func (greedy) Submit(context.Context, string, []byte) (targets.Answer, error) {
	return targets.Answer{Outcome: targets.OK}, nil
}

type forger struct{ full }

func (f forger) Voter(ctx context.Context, id string) (targets.Voter, error) {
	v, err := f.full.Voter(ctx, id)
	return turned{v}, err
}

type turned struct{ targets.Voter }

func (v turned) Encrypt(ctx context.Context, choices map[string][]string) (string, string, error) {
	return v.Voter.Encrypt(ctx, map[string][]string{"council": {"ana"}})
}

type deaf struct{ full }

func (deaf) Info(context.Context) ([]byte, error) { return []byte("<html>"), nil }

func TestTargetsThatAreWrong(t *testing.T) {
	for name, c := range map[string]struct {
		liar   liar
		step   string
		reason string
		broke  bool
	}{
		"no name":         {liar{says: func(d *targets.Description) { d.Name = "" }}, "says who it is, in words that we know", "no name", false},
		"unknown words":   {liar{says: func(d *targets.Description) { d.Abilities = append(d.Abilities, "flight") }}, "says who it is, in words that we know", "flight", false},
		"claims too much": {liar{gets: func(f full) targets.Election { return bare{f} }}, "has the abilities that it claims", "board", false},
		"blind verifier":  {liar{gets: func(f full) targets.Election { return blind{f} }}, "has a verifier who sees what was changed", "bit of", false},
		"takes anything":  {liar{gets: func(f full) targets.Election { return greedy{f} }}, "refuses what is no message, and keeps nothing of it", "it takes", false},
		"turns votes":     {liar{gets: func(f full) targets.Election { return forger{f} }}, "closes, decrypts, and publishes the true totals", "the votes add up to", false},
		"answers pages":   {liar{gets: func(f full) targets.Election { return deaf{f} }}, "opens an election for voting", "misbehaved", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.liar.Target = core.New(time.Now)
			r := run(t, c.liar)[c.step]
			if !r.Failed() || !strings.Contains(r.Err.Error(), c.reason) || r.Broke != c.broke {
				t.Errorf("%+v", r)
			}
		})
	}
}

// What a target cannot do is left out.
func TestLeftOut(t *testing.T) {
	target := liar{Target: core.New(time.Now), says: func(d *targets.Description) { d.Abilities = []targets.Ability{targets.Open, targets.Board} }}
	for name, r := range run(t, target) {
		if r.Failed() {
			t.Errorf("%s: %v", name, r.Err)
		}
		if strings.HasPrefix(name, "takes votes") && !slices.Equal(r.Missing, []targets.Ability{targets.Client}) {
			t.Errorf("%s: %v", name, r.Missing)
		}
	}
}
