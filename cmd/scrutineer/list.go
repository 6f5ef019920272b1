package main

import (
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/harness/scenario"
	"scrutineer/reports/event"
)

func newListCommand(a *app) *cobra.Command {
	var folder, by string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [scenario]...",
		Short: "list the attacks, or tell about some of them",
		Long: `List names the scenarios, one a line, or tells all about those that are named.

--by requirement lists the clauses of standards instead (Council of Europe, VVSG,
Swiss OEV, OWASP ASVS, and the stages of the lifecycle after ENISA): which scenarios
touch each, and which attacks of the catalogue would and have no scenario yet.
(K) marks numbers from memory, to be checked before they are quoted.`,
		Example: `  scrutineer list
  scrutineer list C11
  scrutineer list --by requirement
  scrutineer list --json --scenarios my-scenarios`,
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			switch by {
			case "scenario":
				return list(a, folder, args, asJSON)
			case "requirement":
				return listRequirements(a, folder, args, asJSON)
			}
			return ui.WithHint(exit.Errorf(exit.Usage, "--by: there is no list by %q", by), "it is scenario or requirement")
		},
	}
	cmd.Flags().StringVar(&folder, "scenarios", "", "read scenarios from this `folder`, too")
	cmd.Flags().StringVar(&by, "by", "scenario", "list by `what`: scenario or requirement")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func list(a *app, folder string, ids []string, asJSON bool) error {
	all, err := loadScenarios(folder)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	only, err := chosen(all, ids)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	var shown []*scenario.Scenario
	infos := []event.ScenarioInfo{}
	for _, s := range all {
		if only(s.ID, "") {
			shown, infos = append(shown, s), append(infos, s.Info())
		}
	}
	switch {
	case asJSON:
		return writeJSON(a.Stdout, infos)
	case len(ids) > 0:
		for _, s := range shown {
			describe(a.UI, s)
		}
		return nil
	}
	a.UI.Printf("%-4s  %-8s  %-13s  %-9s  %s", "ID", "SEVERITY", "STAGE", "SUB-CASES", "TITLE")
	for _, s := range shown {
		a.UI.Printf("%-4s  %-8s  %-13s  %9d  %s", s.ID, string(s.Severity), string(s.Stage), len(s.Cases), s.Title)
	}
	return nil
}

// describe tells about one scenario.
func describe(out *ui.UI, s *scenario.Scenario) {
	out.Printf("%s  %s", s.ID, s.Title)
	out.Printf("    severity %s, stage %s, vector %s, adversary %s", string(s.Severity), string(s.Stage), string(s.Vector), s.Info().Actor)
	paragraph(out, s.Mechanism)
	out.Printf("  What stops it")
	paragraph(out, s.Defence)
	out.Printf("  Sub-cases")
	for _, c := range s.Cases {
		out.Printf("    %-16s %s", c.ID, c.Title)
		out.Printf("    %-16s expected: %s; gets through with %s", "", string(c.Expect.Verdict), strings.Join(c.Planted, " + "))
	}
	for _, r := range s.References {
		out.Printf("  See %s", strings.TrimSpace(r.Text+" "+r.URL))
	}
}

// paragraph prints text in lines of about 76 characters.
func paragraph(out *ui.UI, text string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > 72 {
			out.Printf("    %s", line)
			line = ""
		}
		line = strings.TrimSpace(line + " " + word)
	}
	if line != "" {
		out.Printf("    %s", line)
	}
}
