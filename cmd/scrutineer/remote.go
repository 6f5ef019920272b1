package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/reports/event"
	"scrutineer/targets"
	"scrutineer/targets/remote"
	"scrutineer/targets/wire"
)

// remoteFlags say where a target is that somebody else runs, and under which
// rules it may be attacked.
type remoteFlags struct {
	url     string
	command string
	ports   []string
	ca      string
	timeout time.Duration
	wait    time.Duration
	rate    float64

	own       bool
	allowedBy string
	scope     string
	until     string
}

func (f *remoteFlags) bind(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.url, "url", "", "the `URL` of the remote target: who sets up elections there, or an authority")
	flags.StringVar(&f.command, "command", "", "the adapter of the target, a `line` for the shell: it reads requests on its standard input")
	flags.StringSliceVar(&f.ports, "port", nil, "a management port of a remote election, as `ROLE=URL`: authority, registrar, voter, auditor, trustee/2, witness/w1")
	flags.StringVar(&f.ca, "ca", "", "trust the TLS certificates in this PEM `file` at the remote target, instead of the system's")
	flags.DurationVar(&f.timeout, "timeout", 30*time.Second, "how long a request to the remote target or the adapter may take")
	flags.DurationVar(&f.wait, "wait", 5*time.Minute, "how long the remote target or the adapter may take for what is long: a ceremony, a tally")
	flags.Float64Var(&f.rate, "rate", 100, "requests a second to the remote target, at most; to an adapter where there are rules of engagement")
	flags.BoolVar(&f.own, "i-own-this-target", false, "say that the remote target is yours to attack, or that its owner asked you to")
	flags.StringVar(&f.allowedBy, "allowed-by", "", "who allowed the attack on the remote target: name and office")
	flags.StringVar(&f.scope, "scope", "", "what was allowed, in words for the report")
	flags.StringVar(&f.until, "until", "", "the last `day` or moment at which it is: 2026-12-31, or 2026-12-31T18:00:00Z")
}

// foreign says whether a target of that name is one that we did not start.
func foreign(name string) bool { return name == "remote" }

// replayed is what a command line that repeats a run needs beside the target's
// name.
func (f *remoteFlags) replayed(name string) string {
	switch {
	case foreign(name):
		return " --url " + quoted(f.url)
	case name == commandTarget:
		return " --command " + quoted(f.command)
	}
	return ""
}

// engagement reads the rules of engagement. Without them nothing is sent to a
// foreign target; nor when they are over.
func (f *remoteFlags) engagement(now time.Time) (*event.Engagement, error) {
	var missing []string
	for _, x := range []struct {
		flag  string
		given bool
	}{
		{"--i-own-this-target", f.own},
		{"--allowed-by", strings.TrimSpace(f.allowedBy) != ""},
		{"--scope", strings.TrimSpace(f.scope) != ""},
		{"--until", f.until != ""},
	} {
		if !x.given {
			missing = append(missing, x.flag)
		}
	}
	if len(missing) > 0 {
		return nil, ui.WithHint(exit.Errorf(exit.Usage, "a target that this run does not start itself needs the rules of engagement: %s", strings.Join(missing, ", ")),
			`--i-own-this-target --allowed-by "name, office" --scope "test system, all attacks" --until 2026-12-31, or the same keys in the file of --config`)
	}
	until, err := moment(f.until)
	if err != nil {
		return nil, ui.WithHint(exit.Errorf(exit.Usage, "--until %q is no day and no moment", f.until), "write 2026-12-31, whose end in UTC is meant, or 2026-12-31T18:00:00Z")
	}
	if !now.Before(until) {
		return nil, ui.WithHint(exit.Errorf(exit.Usage, "--until %s is over: the target must not be attacked any more", f.until), "ask %s for a new date", f.allowedBy)
	}
	return &event.Engagement{AllowedBy: f.allowedBy, Scope: f.scope, Until: until}, nil
}

func moment(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1).UTC(), nil
	}
	t, err := time.Parse(time.RFC3339, text)
	return t.UTC(), err
}

// target makes the remote target. After until it is not talked to.
func (f *remoteFlags) target(a *app, until time.Time) (*remote.Target, error) {
	if f.url == "" {
		return nil, ui.WithHint(exit.Errorf(exit.Usage, "--url is needed with --target remote"), "scrutineer reference host starts one to try it on")
	}
	if f.rate <= 0 || f.timeout <= 0 || f.wait <= 0 {
		return nil, exit.Errorf(exit.Usage, "--rate, --timeout and --wait: more than nothing is needed")
	}
	cfg := remote.Config{URL: f.url, Ports: map[string]string{}, Limits: wire.Limits{Request: f.timeout, Poll: max(f.timeout, time.Minute), Await: f.wait, Pace: pace(f.rate, until, a.Now)}}
	for _, p := range f.ports {
		role, at, ok := strings.Cut(p, "=")
		if !ok {
			return nil, exit.Errorf(exit.Usage, "--port %q: want ROLE=URL", p)
		}
		cfg.Ports[role] = at
	}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, exit.Wrap(exit.Usage, err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, exit.Errorf(exit.Usage, "--ca %s holds no certificate", f.ca)
		}
		cfg.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	t, err := remote.New(cfg)
	return t, exit.Wrap(exit.Usage, err)
}

// pace lets so many requests a second pass, and none after until.
func pace(perSecond float64, until time.Time, now func() time.Time) func(context.Context) error {
	limiter := rate.NewLimiter(rate.Limit(perSecond), max(1, int(perSecond/4)))
	return func(ctx context.Context) error {
		if !now().Before(until) {
			return fmt.Errorf("%w: the time for which it may be attacked is over", targets.ErrUnable)
		}
		err := limiter.Wait(ctx)
		if err != nil && ctx.Err() == nil {
			err = context.DeadlineExceeded // it would end before our turn
		}
		return err
	}
}
