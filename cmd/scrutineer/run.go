package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/render"
	"scrutineer/cmd/internal/ui"
	"scrutineer/cmd/internal/version"
	"scrutineer/examples/municipal"
	"scrutineer/harness/expect"
	"scrutineer/harness/runner"
	"scrutineer/harness/scenario"
	"scrutineer/harness/verdict"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/reports/live"
	"scrutineer/reports/run"
)

// attackFlags are those of commands that run scenarios.
type attackFlags struct {
	runFlags
	remote    remoteFlags
	scenarios string
	election  string
	parallel  int
	formats   []string
	failOn    string
	deep      bool
}

func (f *attackFlags) bind(cmd *cobra.Command) {
	f.runFlags.bind(cmd)
	f.remote.bind(cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.scenarios, "scenarios", "", "read scenarios from this `folder`, too")
	flags.StringVar(&f.election, "election", "", "hold the election of this `file` before and after, instead of the example")
	flags.IntVar(&f.parallel, "parallel", 16*runtime.GOMAXPROCS(0), "how many elections are in flight at once")
	flags.StringSliceVar(&f.formats, "format", []string{"html"}, "reports to write: "+strings.Join(render.Formats(), ", "))
	flags.BoolVar(&f.deep, "deep", false, "play games of chance with all their rounds, and the sub-cases that take long")
	flags.StringVar(&f.failOn, "fail-on", "low", "the least severity of a finding that fails: "+strings.Join(verdict.Severities(), ", "))
}

func newRunCommand(a *app) *cobra.Command {
	var f attackFlags
	var expected, ui string
	cmd := &cobra.Command{
		Use:   "run [scenario[/sub-case]]...",
		Short: "hold elections, attack them, and judge",
		Long: `Run attacks a voting system with every scenario, or with those that are named.
Each sub-case runs three times: the attack on the sound system, the attack on a
system with the planted weakness that it needs, and an honest twin on both. An
honest election is held before and after. What happened, the verdicts and the
reports are written to a folder of their own; runs/latest points at the newest.

Games of chance, in which an adversary guesses or voters audit at random, are
played with few rounds; --deep plays as many as the bounds of the catalogue ask
for, and the sub-cases that are left out otherwise.

--target container attacks the same system with every role in a container of its
own; it needs a Docker engine, and pulls nothing.

--target remote attacks what somebody else runs, at --url. It needs the rules of
engagement: who allowed what, and until when. They are part of the run and of
its bundle.

--target command attacks what stands behind an adapter of its vendor's, a program
that reads requests on its standard input; docs/vendors.md shows how to write
one. The harness cannot read such a system's ballots, so that attacks on bytes,
order, time, identity and availability are left.

--expect compares the verdicts with a file of expected ones and fails on any
change, better verdicts included.

--ui serves a page on which the run can be followed: verdicts as they fall,
casts a second, and faults in force. It is for this machine alone, and its
address, which is told, has a token.`,
		Example: `  scrutineer run
  scrutineer run A03 C11/two --seed 7 --format html,json
  scrutineer run --target core --fail-on high --expect expected.yaml
  scrutineer run --ui 127.0.0.1:0
  scrutineer run --target container
  scrutineer run --target remote --url https://vote.example --config engagement.yaml
  scrutineer run --target command --command 'python3 adapter.py'`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return attack(cmd, a, &f, args, expected, ui)
		},
	}
	f.bind(cmd)
	cmd.Flags().StringVar(&expected, "expect", "", "compare the verdicts with those of this `file`")
	cmd.Flags().StringVar(&ui, "ui", "", "serve a page that follows the run at this loopback `address`, such as 127.0.0.1:0")
	return cmd
}

// deepDeadline is how long one election of a run of full depth may take: it may
// have hundreds of voters where others have ten.
const deepDeadline = 15 * time.Minute

func attack(cmd *cobra.Command, a *app, f *attackFlags, ids []string, expected, ui string) error {
	cfg, err := f.config(cmd, a, ids)
	if err != nil {
		return err
	}
	if expected != "" {
		if cfg.Expect, err = expect.Read(expected); err != nil {
			return exit.Wrap(exit.Usage, err)
		}
	}
	defer func() { _ = cfg.Target.Close() }() // its elections are closed already
	if ui != "" {
		view, err := follow(a, ui, f.target)
		if err != nil {
			return err
		}
		defer func() { _ = view.Close() }() // nobody can see it any more
		cfg.Watch = view
	}
	code, err := once(cmd, a, cfg, f.formats)
	if err != nil {
		return err
	}
	return exit.Status(code)
}

// follow serves the page that follows a run, and tells where.
func follow(a *app, address, target string) (*live.View, error) {
	view, err := live.Listen(address, target, a.Now)
	if errors.Is(err, live.ErrAddress) {
		return nil, exit.Wrap(exit.Usage, err)
	}
	if err != nil {
		return nil, exit.Wrap(exit.Target, err)
	}
	a.UI.Printf("live view: %s", view.URL())
	return view, nil
}

// failed classifies an error of the runner.
func failed(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return exit.Wrap(exit.Target, err)
}

// tell renders the reports and prints the summary.
func tell(a *app, s runner.Summary, formats []string) error {
	r, err := run.Open(s.Dir)
	if err != nil {
		return exit.Wrap(exit.Target, err)
	}
	if err := render.To(a.Stdout, r, "text", coloured(a)); err != nil {
		return exit.Wrap(exit.Target, err)
	}
	paths, err := render.Into(s.Dir, r, formats)
	for _, path := range paths {
		a.UI.Printf("report: %s", path)
	}
	for _, c := range s.Changes {
		a.UI.Printf("not as expected: %s", c)
	}
	return exit.Wrap(exit.Target, err)
}

// coloured says whether standard output shows colours.
func coloured(a *app) bool {
	f, ok := a.Stdout.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// config reads flags and arguments.
func (f *attackFlags) config(cmd *cobra.Command, a *app, ids []string) (runner.Config, error) {
	var cfg runner.Config
	if err := render.Check(f.formats); err != nil {
		return cfg, ui.WithHint(exit.Wrap(exit.Usage, err), "the formats are %s", strings.Join(render.Formats(), ", "))
	}
	failOn, err := verdict.ParseSeverity(f.failOn)
	if err != nil {
		return cfg, ui.WithHint(exit.Wrap(exit.Usage, err), "the severities are %s", strings.Join(verdict.Severities(), ", "))
	}
	if cfg.Scenarios, err = loadScenarios(f.scenarios); err != nil {
		return cfg, exit.Wrap(exit.Usage, err)
	}
	if cfg.Only, err = chosen(cfg.Scenarios, ids); err != nil {
		return cfg, exit.Wrap(exit.Usage, err)
	}
	if cfg.Seed, err = f.chosenSeed(cmd, a.Random); err != nil {
		return cfg, err
	}
	probe, err := f.probe(a)
	if err != nil {
		return cfg, err
	}
	roomyHeap()
	var rules *event.Engagement
	if cfg.Target, rules, err = newTarget(cmd.Context(), a, f.target, &f.remote); err != nil {
		return cfg, err
	}
	cfg.Matrix, cfg.Probe, cfg.Out, cfg.Parallel, cfg.Clock, cfg.FailOn = true, &probe, f.out, f.parallel, a.Now, failOn
	cfg.Started = f.started(cmd, a, cfg.Scenarios)
	cfg.Started.Engagement = rules
	if rules != nil || f.target == commandTarget {
		cfg.Started.TargetSHA256 = "" // it is no part of this executable
	}
	cfg.Replay = func(seed uint64, id, sub string) string {
		command := fmt.Sprintf("scrutineer run %s/%s --seed %d --target %s", id, sub, seed, f.target)
		command += f.remote.replayed(f.target)
		if f.deep {
			command += " --deep"
		}
		return command
	}
	if cfg.Deep = f.deep; f.deep {
		cfg.Deadline, cfg.Limits.Step = deepDeadline, deepDeadline/2
	}
	return cfg, nil
}

// probe reads the honest election.
func (f *attackFlags) probe(a *app) (scenario.Election, error) {
	if f.election == "" {
		name, file := municipal.Name, municipal.File
		if f.target == commandTarget {
			name, file = municipal.Parish, municipal.ParishFile
		}
		e, err := scenario.ParseElection(name, file)
		return e, exit.Wrap(exit.Bug, err)
	}
	raw, err := a.ReadFile(f.election)
	if err != nil {
		return scenario.Election{}, exit.Wrap(exit.Usage, err)
	}
	e, err := scenario.ParseElection(f.election, raw)
	return e, exit.Wrap(exit.Usage, err)
}

// started are the facts about this process.
func (f *attackFlags) started(cmd *cobra.Command, a *app, list []*scenario.Scenario) event.RunStarted {
	build := version.Current()
	digest := executableDigest()
	return event.RunStarted{
		// Our own targets are part of this executable.
		ToolSHA256: digest, TargetSHA256: digest,
		Version: build.Version, Commit: build.Commit, SpecVersion: message.Protocol,
		CommandLine:   commandLine(cmd),
		CatalogueHash: catalogueHash(list),
		Config:        effective(cmd),
	}
}

// executableDigest is the SHA-256 of the running program, or nothing where it
// cannot be read.
func executableDigest() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return ""
	}
	return hex.EncodeToString(h.Sum(nil))
}

// chosen says which sub-cases are meant; without names all are.
func chosen(all []*scenario.Scenario, ids []string) (func(id, sub string) bool, error) {
	for _, name := range ids {
		id, sub, one := strings.Cut(name, "/")
		i := slices.IndexFunc(all, func(s *scenario.Scenario) bool { return s.ID == id })
		if i < 0 {
			return nil, ui.WithHint(fmt.Errorf("there is no scenario %q", id), "scrutineer list names them")
		}
		if _, ok := all[i].Case(sub); one && !ok {
			return nil, ui.WithHint(fmt.Errorf("scenario %s has no sub-case %q", id, sub), "scrutineer list %s names them", id)
		}
	}
	return func(id, sub string) bool {
		return len(ids) == 0 || slices.Contains(ids, id) || slices.Contains(ids, id+"/"+sub)
	}, nil
}
