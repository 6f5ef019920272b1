package runner_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"scrutineer/harness/action"
	"scrutineer/harness/runner"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

// system is everything that core can do.
type system interface {
	targets.Election
	targets.Submitter
	targets.BoardReader
	targets.Closer
	targets.Corruptible
	targets.Credentials
	targets.Trustees
	targets.Voters
	targets.Verifier
}

// hostile is a target whose elections are made worse.
type hostile struct {
	targets.Target
	worse func(system) targets.Election
}

func (h hostile) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	e, err := h.Target.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	return h.worse(e.(system)), nil
}

type badHead struct {
	system
	note string
}

func (b badHead) Head(context.Context) ([]byte, error) { return []byte(b.note), nil }

type fewEntries struct{ system }

func (b fewEntries) Entries(ctx context.Context, from, to uint64) ([][]byte, error) {
	all, err := b.system.Entries(ctx, from, to)
	return all[:len(all)/2], err
}

type deaf struct{ system }

func (deaf) Await(ctx context.Context, _ uint64) ([]byte, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

type badInfo struct{ system }

func (badInfo) Info(context.Context) ([]byte, error) { return []byte(`{"size": 1e9}`), nil }

type escaping struct{ system }

func (e escaping) Record(ctx context.Context) (map[string][]byte, error) {
	r, err := e.system.Record(ctx)
	r["../../../evil"] = []byte("evil")
	return r, err
}

type noRecord struct{ system }

func (noRecord) Record(context.Context) (map[string][]byte, error) {
	return map[string][]byte{"checkpoint": []byte("\x00\x1b[2J")}, nil
}

type badCredential struct{ system }

func (badCredential) Credential(context.Context, string) ([]byte, error) {
	return []byte(`{"key":null}`), nil
}

// shouting is a system whose voters find ten thousand things.
type shouting struct{ system }

func (s shouting) Voter(ctx context.Context, id string) (targets.Voter, error) {
	v, err := s.system.Voter(ctx, id)
	return shouter{v}, err
}

type shouter struct{ targets.Voter }

func (shouter) Check(context.Context) ([]targets.Finding, error) {
	out := make([]targets.Finding, 10_000)
	for i := range out {
		out[i] = targets.Finding{Role: "../../etc", Check: "\x1b[31mV-01", Detail: strings.Repeat("\u202e<script>", 10_000), ThirdParty: true,
			Evidence: map[string][]byte{"../../receipt": make([]byte, 1000), "receipt": []byte("{}")}}
	}
	return out, nil
}

// thief acknowledges everything and casts nothing.
type thief struct{ system }

func (t thief) Voter(ctx context.Context, id string) (targets.Voter, error) {
	v, err := t.system.Voter(ctx, id)
	return stolen{v}, err
}

type stolen struct{ targets.Voter }

func (stolen) Cast(context.Context, string) (targets.Answer, error) {
	return targets.Answer{Outcome: targets.OK}, nil
}
func (stolen) Check(context.Context) ([]targets.Finding, error) { return nil, nil }

type broken struct{ system }

func (broken) CloseVoting(context.Context) (targets.Answer, error) {
	return targets.Answer{}, errors.New("\x1b]0;gone\x07")
}

// What a target returns is hostile. Whatever it is, the run ends, nothing is
// written where it does not belong, and nothing of it passes for a defence.
func TestHostileTargets(t *testing.T) {
	for name, c := range map[string]struct {
		worse func(system) targets.Election
		want  event.Judgement // of the twin; "" where there is no verdict
	}{
		"head without lines":     {func(s system) targets.Election { return badHead{s, "\xff"} }, event.Inconclusive},
		"head of many entries":   {func(s system) targets.Election { return badHead{s, "x\n9000000000000000000\ny\n"} }, event.Inconclusive},
		"head below zero":        {func(s system) targets.Election { return badHead{s, "x\n-1\ny\n"} }, event.Inconclusive},
		"entries missing":        {func(s system) targets.Election { return fewEntries{s} }, event.Inconclusive},
		"never a head":           {func(s system) targets.Election { return deaf{s} }, ""},
		"status of another form": {func(s system) targets.Election { return badInfo{s} }, ""},
		"record that escapes":    {func(s system) targets.Election { return escaping{s} }, ""},
		"record of rubbish":      {func(s system) targets.Election { return noRecord{s} }, event.Undetected},
		"credential of rubbish":  {func(s system) targets.Election { return badCredential{s} }, event.Inconclusive},
		"ten thousand findings":  {func(s system) targets.Election { return shouting{s} }, event.FalseAlarm},
		"everything is stolen":   {func(s system) targets.Election { return thief{s} }, event.Undetected},
		"it breaks":              {func(s system) targets.Election { return broken{s} }, event.Inconclusive},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, hostile{core.New(time.Now), c.worse}, "C11", "D03")
			sub := one("C11", "revote")
			if strings.Contains(name, "findings") || strings.Contains(name, "stolen") {
				sub = one("D03", "index-reused")
			}
			// Enough for an honest election beside all the others on a busy machine.
			cfg.Limits = action.Limits{Step: 6 * time.Second, Patience: 3 * time.Second}
			cfg.Deadline = 10 * time.Second
			cfg.Jobs = func(bool) []runner.Job {
				var out []runner.Job
				for _, j := range runner.Runs(cfg.Scenarios, sub, false) {
					if j.Kind == event.Twin {
						out = append(out, j)
					}
				}
				return out
			}
			s := run(t, cfg)
			contained(t, cfg.Out)
			if c.want == "" {
				if len(s.Verdicts) > 0 || len(s.Problems) == 0 || s.Finished.ExitCode != runner.TargetError {
					t.Errorf("%+v, problems %+v", s.Verdicts, s.Problems)
				}
				return
			}
			if len(s.Verdicts) != 1 || s.Verdicts[0].Judgement != c.want {
				t.Errorf("%+v, problems %+v", s.Verdicts, s.Problems)
			}
			for _, v := range s.Verdicts {
				if len(v.Alarms) > 100 {
					t.Errorf("%d alarms", len(v.Alarms))
				}
				for _, a := range v.Alarms {
					if a.ThirdParty {
						t.Errorf("the target's word is taken for evidence: %.200v", a)
					}
				}
			}
		})
	}
}

// contained looks for what does not belong into a folder of runs, and for
// files that a hostile target made too large.
func contained(t *testing.T, out string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(filepath.Dir(out), "evil")); err == nil {
		t.Error("a file was written outside")
	}
	var total int64
	err := filepath.WalkDir(out, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		total += info.Size()
		if strings.Contains(path, "evil") {
			t.Errorf("%s was written", path)
		}
		return err
	})
	if err != nil || total > 8*message.MaxBody {
		t.Errorf("%d bytes, %v", total, err)
	}
}
