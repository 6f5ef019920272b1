package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/reports/event"
	"scrutineer/targets/command"
)

// commandTarget is the name of a target behind an adapter.
const commandTarget = "command"

// adapted makes the target behind an adapter. A process that the user starts
// on his own machine, by his own words, needs nobody's leave; one that says
// that it talks to other machines is a way to a foreign target, and needs the
// rules of engagement like any. Where the rules are given they are kept to and
// part of the run in either case.
func (f *remoteFlags) adapted(ctx context.Context, a *app) (*command.Target, *event.Engagement, error) {
	if strings.TrimSpace(f.command) == "" {
		return nil, nil, ui.WithHint(exit.Errorf(exit.Usage, "--command is needed with --target command"),
			"scrutineer target example FOLDER writes one to begin from, and docs/vendors.md shows how to go on")
	}
	if f.timeout <= 0 || f.wait <= 0 {
		return nil, nil, exit.Errorf(exit.Usage, "--timeout and --wait: more than nothing is needed")
	}
	cfg := command.Config{Command: f.command, Limits: command.Limits{Request: f.timeout, Wait: f.wait}}
	var rules *event.Engagement
	if f.ruled() {
		var err error
		if rules, err = f.engagement(a.Now()); err != nil {
			return nil, nil, err
		}
		cfg.Pace = pace(f.rate, rules.Until, a.Now)
	}
	t, err := command.New(cfg)
	if err != nil {
		return nil, nil, exit.Wrap(exit.Usage, err)
	}
	if rules != nil {
		return t, rules, nil
	}
	d, err := t.Describe(ctx)
	if err != nil {
		return nil, nil, failed(err)
	}
	if len(d.Reaches) > 0 {
		a.UI.Printf("the adapter says that it talks to %s", strings.Join(d.Reaches, ", "))
		_, err := f.engagement(a.Now())
		return nil, nil, err
	}
	return t, nil, nil
}

// ruled says whether some rule of engagement was given.
func (f *remoteFlags) ruled() bool {
	return f.own || f.allowedBy != "" || f.scope != "" || f.until != ""
}

func newTargetSchemaCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "print the JSON Schema of the command protocol",
		Long: `Schema prints the form of every line of the command protocol, by which a vendor's
adapter is driven: requests to it and its responses. docs/command-protocol.md
says what they mean.`,
		Example: `  scrutineer target schema > command.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := a.Stdout.Write(command.Schema)
			return exit.Wrap(exit.Target, err)
		},
	}
}
