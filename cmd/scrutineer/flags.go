package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
)

const (
	defaultOut    = "runs"
	defaultTarget = "embedded"
)

// runFlags are on every command that runs something.
type runFlags struct {
	seed   uint64
	out    string
	target string
}

func (f *runFlags) bind(cmd *cobra.Command) {
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "the seed of everything random (default: a fresh one, which is told)")
	cmd.Flags().StringVar(&f.out, "out", defaultOut, "write runs below this `folder`")
	cmd.Flags().StringVar(&f.target, "target", defaultTarget, "the system under test")
}

// chosenSeed returns the seed that was asked for, or a fresh one. It is for
// RunE, when the settings have been read.
func (f *runFlags) chosenSeed(cmd *cobra.Command, random io.Reader) (uint64, error) {
	if cmd.Flags().Changed("seed") {
		return f.seed, nil
	}
	var fresh [8]byte
	if _, err := io.ReadFull(random, fresh[:]); err != nil {
		return 0, exit.Wrap(exit.Target, fmt.Errorf("drawing a seed: %w", err))
	}
	// Short enough to be typed again from a report.
	return binary.BigEndian.Uint64(fresh[:]) >> 32, nil
}

func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		return exit.Wrap(exit.Target, fmt.Errorf("writing the result: %w", err))
	}
	return nil
}
