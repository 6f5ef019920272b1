package main

import (
	"errors"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/harness/matrix"
	"scrutineer/harness/runner"
)

func newMatrixCommand(a *app) *cobra.Command {
	var f attackFlags
	var seeds int
	cmd := &cobra.Command{
		Use:   "matrix [scenario[/sub-case]]...",
		Short: "try every attack on every planted weakness",
		Long: `Matrix runs what run does, and besides every scenario against the planted sets
of all the others, and each set with one of its weaknesses taken out. An attack
must get through where its own set is planted and nowhere with less; the sound
system and the honest twins must raise no alarm. What an attack does to the sets
of other scenarios is told and not judged.`,
		Example: `  scrutineer matrix
  scrutineer matrix --seeds 3 --seed 7
  scrutineer matrix A14 --target core`,
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return crossed(cmd, a, &f, args, seeds)
		},
	}
	f.bind(cmd)
	cmd.Flags().IntVar(&seeds, "seeds", 1, "how many seeds to try, one after the other")
	return cmd
}

// crossed runs the matrix for each seed; the gravest status counts.
func crossed(cmd *cobra.Command, a *app, f *attackFlags, ids []string, seeds int) error {
	if seeds < 1 {
		return exit.Errorf(exit.Usage, "--seeds %d: at least one seed is needed", seeds)
	}
	cfg, err := f.config(cmd, a, ids)
	if err != nil {
		return err
	}
	defer func() { _ = cfg.Target.Close() }() // its elections are closed already
	cfg.Matrix = true
	cfg.Jobs = func(planting bool) []runner.Job { return matrix.Jobs(cfg.Scenarios, cfg.Only, planting) }
	var codes []exit.Code
	for n := range seeds {
		code, err := once(cmd, a, cfg, f.formats)
		if err != nil {
			return err
		}
		codes = append(codes, code)
		if cmd.Context().Err() != nil || n == seeds-1 {
			break
		}
		cfg.Seed++
	}
	return exit.Status(exit.Worst(codes...))
}

// once makes one run and tells of it.
func once(cmd *cobra.Command, a *app, cfg runner.Config, formats []string) (exit.Code, error) {
	bar := a.UI.Progress("elections", runner.Elections(cfg))
	cfg.Progress = func(_, _ int, name string) { bar.Done(name) }
	summary, err := runner.Run(cmd.Context(), cfg)
	bar.Close()
	if summary.Dir == "" {
		return exit.Target, failed(err)
	}
	return exit.Code(summary.Finished.ExitCode), errors.Join(failed(err), tell(a, summary, formats))
}
