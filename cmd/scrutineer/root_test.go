package main

import (
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scrutineer/cmd/internal/shell"
)

func eachCommand(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, do)
	}
}

// What a person reads first is held to the house's tone.
func TestEveryCommandHelps(t *testing.T) {
	root := newRootCommand(shell.New())
	eachCommand(root, func(cmd *cobra.Command) {
		name := cmd.CommandPath()
		if first := []rune(cmd.Short + " ")[0]; !unicode.IsLower(first) || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: short help %q: lower case, no full stop", name, cmd.Short)
		}
		if !strings.Contains(cmd.Example, name) {
			t.Errorf("%s: no example calls it", name)
		}
		if cmd.Runnable() && cmd.Args == nil {
			t.Errorf("%s: says nothing about its arguments", name)
		}
		if cmd.PreRun != nil || cmd.PreRunE != nil || cmd.PersistentPreRun != nil || cmd.PersistentPreRunE != nil || cmd.Run != nil {
			t.Errorf("%s: only RunE comes after the settings and has a status", name)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if f.Usage == "" || strings.HasSuffix(f.Usage, ".") || unicode.IsUpper([]rune(f.Usage)[0]) && !strings.HasPrefix(f.Usage, "JSON") {
				t.Errorf("%s --%s: help %q: lower case, no full stop", name, f.Name, f.Usage)
			}
		})
	})
}

// One key of the configuration holds for every command that has the flag, so
// the flag must be of one kind everywhere.
func TestFlagsOfOneNameAreOfOneKind(t *testing.T) {
	kinds := map[string]string{}
	eachCommand(newRootCommand(shell.New()), func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			if kind, seen := kinds[f.Name]; seen && kind != f.Value.Type() {
				t.Errorf("--%s is %s in %s and %s elsewhere", f.Name, f.Value.Type(), cmd.CommandPath(), kind)
			}
			kinds[f.Name] = f.Value.Type()
		})
	})
}

func TestChosenSeed(t *testing.T) {
	var f runFlags
	cmd := &cobra.Command{Use: "run"}
	f.bind(cmd)
	fresh, err := f.chosenSeed(cmd, strings.NewReader("\x01\x02\x03\x04\x05\x06\x07\x08"))
	if err != nil || fresh != 0x01020304 {
		t.Errorf("fresh seed %#x, %v", fresh, err)
	}
	if _, err := f.chosenSeed(cmd, strings.NewReader("short")); err == nil {
		t.Error("a seed without randomness")
	}
	if err := cmd.Flags().Set("seed", "0"); err != nil {
		t.Fatal(err)
	}
	if asked, err := f.chosenSeed(cmd, nil); err != nil || asked != 0 {
		t.Errorf("asked for 0, got %d, %v", asked, err)
	}
}
