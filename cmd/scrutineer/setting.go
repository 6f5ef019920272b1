package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/cmd/internal/version"
	"scrutineer/harness/scenario"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
	"scrutineer/targets"
	"scrutineer/targets/container"
	"scrutineer/targets/core"
	"scrutineer/targets/embedded"
)

// loadScenarios returns our own scenarios with those of a folder.
func loadScenarios(folder string) ([]*scenario.Scenario, error) {
	words := vocabulary.Standard()
	own, err := scenarios.All(words)
	if err != nil || folder == "" {
		return own, err
	}
	more, err := scenario.LoadFolder(folder, words)
	if err != nil {
		return nil, err
	}
	return scenario.Join(own, more)
}

// newTarget makes the target of that name. The rules of engagement are those
// of a target that is not ours, and nil for others.
func newTarget(ctx context.Context, a *app, name string, f *remoteFlags) (targets.Target, *event.Engagement, error) {
	switch {
	case foreign(name):
		rules, err := f.engagement(a.Now())
		if err != nil {
			return nil, nil, err
		}
		t, err := f.target(a, rules.Until)
		if err != nil {
			return nil, nil, err
		}
		return t, rules, nil
	case name == commandTarget:
		t, rules, err := f.adapted(ctx, a)
		if err != nil {
			return nil, nil, err
		}
		return t, rules, nil
	case f.command != "":
		return nil, nil, ui.WithHint(exit.Errorf(exit.Usage, "--command is the adapter of a target, and the target is %q", name), "add --target command")
	case f.url != "":
		return nil, nil, ui.WithHint(exit.Errorf(exit.Usage, "--url is for a target that somebody else runs, and the target is %q", name), "add --target remote")
	case name == "core":
		return core.New(a.Now), nil, nil
	case name == "embedded":
		return embedded.New(embedded.Config{Dir: scratch(), Network: true, Clock: a.Now, Version: version.Current().Version}), nil, nil
	case name == "container":
		cfg, err := containerConfig()
		if err != nil {
			return nil, nil, err
		}
		return container.New(cfg), nil, nil
	}
	return nil, nil, ui.WithHint(exit.Errorf(exit.Usage, "there is no target %q", name), "the targets are embedded, core, container, remote and command")
}

// scratch is where elections lie that end with this process: in memory where
// the system offers that, since their fsyncs protect nothing from a power cut
// and would be much of the time of a run. TMPDIR overrules it.
func scratch() string {
	const shm = "/dev/shm"
	if info, err := os.Stat(shm); os.Getenv("TMPDIR") != "" || err != nil || !info.IsDir() {
		return ""
	}
	probe, err := os.MkdirTemp(shm, "scrutineer-probe-*")
	if err != nil {
		return ""
	}
	if os.Remove(probe) != nil {
		return ""
	}
	return shm
}

// roomyHeap lets garbage wait: a run makes much of it and keeps little, and a
// machine that tests elections has the memory. GOGC overrules it.
func roomyHeap() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// catalogueHash is the SHA-256 of the scenarios that were loaded.
func catalogueHash(list []*scenario.Scenario) string {
	h := sha256.New()
	for _, s := range list {
		raw, err := json.Marshal(s)
		if err != nil {
			return ""
		}
		h.Write(raw)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// commandLine is the command as it was typed, for a shell.
func commandLine(cmd *cobra.Command) string {
	words := []string{filepath.Base(os.Args[0])}
	for _, w := range os.Args[1:] {
		words = append(words, quoted(w))
	}
	return strings.Join(words, " ")
}

// quoted is a word for a shell.
func quoted(w string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_./:=,@+-]+$`).MatchString(w) {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}

// effective are the settings of a command. Which of file, variable and flag
// gave a value is not told apart.
func effective(cmd *cobra.Command) []event.Setting {
	var out []event.Setting
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		source := "default"
		if f.Changed {
			source = "set"
		}
		out = append(out, event.Setting{Name: f.Name, Value: fmt.Sprint(f.Value), Source: source})
	})
	return out
}
