package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/harness/runner"
	"scrutineer/harness/scenario"
	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
	"scrutineer/reports/event"
	"scrutineer/targets"
	"scrutineer/targets/check"
	"scrutineer/targets/remote"
)

func newTargetCommand(a *app) *cobra.Command {
	group := &cobra.Command{
		Use:     "target",
		Short:   "look at a system before it is attacked, or start one",
		Long:    "Target has what concerns a system under test itself, and no attack on it.",
		Example: `  scrutineer target check`,
	}
	group.AddCommand(newTargetCheckCommand(a), newTargetSchemaCommand(a), newTargetUpCommand(a), newTargetDownCommand(a), newTargetLogsCommand(a), newTargetNodesCommand(a), newTargetExampleCommand(a))
	return group
}

// targetCheck are the flags of target check.
type targetCheck struct {
	target    string
	scenarios string
	remote    remoteFlags
	asJSON    bool
}

func newTargetCheckCommand(a *app) *cobra.Command {
	var f targetCheck
	cmd := &cobra.Command{
		Use:   "check",
		Short: "say what a target is and can, which scenarios apply, and whether it does what it says",
		Long: `Check asks a target what it is, and tells for each ability that it lacks why, and
which scenarios cannot be run because of it. Then it runs the conformance suite
in its short form: one honest election, from the definition to a record that two
verifiers accept, and a few messages that must be refused. An election that is
there already is looked at and not changed.

The status is 1 where the target does something that it must not, 2 where no
scenario applies, and 3 where it does not answer or answers nonsense.`,
		Example: `  scrutineer target check
  scrutineer target check --target remote --url http://127.0.0.1:9100 --config engagement.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), a) },
	}
	cmd.Flags().StringVar(&f.target, "target", defaultTarget, "the system under test")
	cmd.Flags().StringVar(&f.scenarios, "scenarios", "", "read scenarios from this `folder`, too")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	f.remote.bind(cmd)
	return cmd
}

// checked is what a check came to, as it is printed in JSON.
type checked struct {
	Name         string              `json:"name"`
	Version      string              `json:"version"`
	Dialect      string              `json:"dialect"`
	Test         bool                `json:"test"`
	Abilities    []targets.Ability   `json:"abilities"`
	Lacks        map[string]string   `json:"lacks"`
	Applicable   []string            `json:"applicable"`
	Inapplicable map[string][]string `json:"inapplicable"`
	Checks       []checkLine         `json:"checks"`
	Engagement   *event.Engagement   `json:"engagement,omitempty"`
}

// checkLine is one check: "passed", "failed", "broke", or "left out".
type checkLine struct {
	Name   string `json:"name"`
	Status string `json:"status"`
	Detail string `json:"detail,omitempty"`
	// Means is what follows from a check that failed or was left out.
	Means string `json:"means,omitempty"`
}

func (f *targetCheck) run(ctx context.Context, a *app) error {
	scenarios, err := loadScenarios(f.scenarios)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	target, rules, err := newTarget(ctx, a, f.target, &f.remote)
	if err != nil {
		return err
	}
	defer func() { _ = target.Close() }() // its elections are closed already
	d, err := target.Describe(ctx)
	if err != nil {
		return failed(err)
	}
	out := checked{Name: d.Name, Version: d.Version, Dialect: d.Dialect, Test: d.Test, Abilities: d.Abilities,
		Lacks: map[string]string{}, Applicable: []string{}, Inapplicable: map[string][]string{}, Engagement: rules}
	for _, ability := range targets.All() {
		if !slices.Contains(d.Abilities, ability) {
			out.Lacks[string(ability)] = cmp.Or(d.Lacks[ability], "the target does not have it")
		}
	}
	if err := out.apply(scenarios, d); err != nil {
		return exit.Wrap(exit.Bug, err)
	}
	if !f.asJSON {
		out.about(a)
	}
	results, err := f.checks(ctx, a, target, d)
	if err != nil {
		return err
	}
	for _, r := range results {
		out.Checks = append(out.Checks, lineOf(r))
	}
	if f.asJSON {
		if err := writeJSON(a.Stdout, out); err != nil {
			return err
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return out.status(results)
}

// apply says which scenarios the target is able to, with which of its
// sub-cases.
func (c *checked) apply(list []*scenario.Scenario, d targets.Description) error {
	for _, s := range list {
		for _, sub := range s.Cases {
			plan, err := s.Plan(sub.ID, event.Attack)
			if err != nil {
				return err
			}
			if p, ok := s.OpaquePlan(sub.ID, event.Attack); ok && runner.Opaque(d) {
				plan = p
			}
			name := s.ID + "/" + sub.ID
			for _, need := range plan.Needs {
				if !slices.Contains(d.Abilities, targets.Ability(need)) {
					c.Inapplicable[name] = append(c.Inapplicable[name], need)
				}
			}
			if c.Inapplicable[name] == nil {
				c.Applicable = append(c.Applicable, name)
			}
		}
	}
	return nil
}

// about prints what the target is.
func (c *checked) about(a *app) {
	test := "it takes no planted weaknesses"
	if c.Test {
		test = "it takes planted weaknesses and hands out insider help"
	}
	a.UI.Printf("%s, version %s, speaks %s; %s", c.Name, cmp.Or(c.Version, "unknown"), cmp.Or(c.Dialect, "nothing that we know"), test)
	for _, ability := range targets.All() {
		if why, missing := c.Lacks[string(ability)]; missing {
			a.UI.Printf("lacks     %-9s  %s", string(ability), why)
		} else {
			a.UI.Printf("able      %-9s", string(ability))
		}
	}
	a.UI.Printf("applies   %d of %d sub-cases of scenarios", len(c.Applicable), len(c.Applicable)+len(c.Inapplicable))
	by := map[string][]string{}
	for name, needs := range c.Inapplicable {
		why := strings.Join(needs, ", ")
		by[why] = append(by[why], name)
	}
	var reasons []string
	for why := range by {
		reasons = append(reasons, why)
	}
	slices.Sort(reasons)
	if c.Dialect == "" && len(c.Applicable) > 0 {
		a.UI.Printf("          %s", strings.Join(c.Applicable, " "))
	}
	for _, why := range reasons {
		slices.Sort(by[why])
		a.UI.Printf("left out  without %s: %s", why, strings.Join(by[why], " "))
	}
}

// checks runs the short form of the conformance suite.
func (f *targetCheck) checks(ctx context.Context, a *app, target targets.Target, d targets.Description) ([]check.Result, error) {
	cfg := check.Config{Target: target, Description: d, Verify: independent, Patience: 2 * time.Minute}
	if r, ok := target.(*remote.Target); ok && !slices.Contains(d.Abilities, targets.Open) {
		var err error
		if cfg.Standing, err = r.Attach(); err != nil {
			return nil, exit.Wrap(exit.Usage, err)
		}
	}
	return check.Run(ctx, cfg, func(r check.Result) {
		if !f.asJSON {
			l := lineOf(r)
			a.UI.Printf("%-8s  %s", l.Status, l.Name)
			if l.Detail != "" {
				a.UI.Printf("          %s", l.Detail)
			}
			if l.Means != "" {
				a.UI.Printf("          where it does not hold: %s", l.Means)
			}
		}
	}), nil
}

// independent is the verifier that shares no code with the reference.
func independent(ctx context.Context, files map[string][]byte) error {
	report, err := verify.Verify(ctx, record.Memory(files), verify.Options{})
	if err == nil && !report.Passed {
		err = fmt.Errorf("failed %v", report.Failed())
	}
	return err
}

func lineOf(r check.Result) checkLine {
	l := checkLine{Name: r.Name, Status: "passed"}
	switch {
	case len(r.Missing) > 0:
		var words []string
		for _, a := range r.Missing {
			words = append(words, string(a))
		}
		l.Status, l.Detail = "left out", "without "+strings.Join(words, ", ")
	case r.Broke:
		l.Status, l.Detail = "broke", r.Err.Error()
	case r.Failed():
		l.Status, l.Detail = "failed", r.Err.Error()
	}
	if l.Status != "passed" && l.Status != "broke" {
		l.Means = r.Means
	}
	return l
}

// status is that of the command.
func (c *checked) status(results []check.Result) error {
	var broke, wrong int
	for _, r := range results {
		switch {
		case r.Broke:
			broke++
		case r.Failed():
			wrong++
		}
	}
	switch {
	case broke > 0:
		return exit.Errorf(exit.Target, "%d of %d checks broke off, %d failed", broke, len(results), wrong)
	case wrong > 0:
		return exit.Errorf(exit.Finding, "%d of %d checks failed", wrong, len(results))
	case len(c.Applicable) == 0:
		return exit.Wrap(exit.Inconclusive, errors.New("no scenario applies to this target"))
	}
	return nil
}
