package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"

	"scrutineer/reports/run"
)

// runs measures what a user waits for: `scrutineer run`, all scenarios and the
// honest elections around them, as a process of its own with the same seed each
// time. CPU seconds, which the system counts, say what it costs on a machine
// that has other work, where the wall says little.
func runs(ctx context.Context, o Options) (out []Figure, err error) {
	dir, err := os.MkdirTemp("", "scrutineer-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, program, "run", "--seed", "1", "--out", dir, "--quiet")
	start := time.Now()
	told, err := c.CombinedOutput()
	if exited := (*exec.ExitError)(nil); errors.As(err, &exited) && exited.Exited() {
		o.Log("scrutineer run: %v: %s", err, told) // its verdicts are not what is measured
	} else if err != nil {
		return nil, err
	}
	wall, cpu := time.Since(start), c.ProcessState.UserTime()+c.ProcessState.SystemTime()
	elections, cases, err := held(dir)
	if err != nil {
		return nil, err
	}
	return []Figure{
		{fmt.Sprintf("scrutineer run: %d sub-cases, %d elections", cases, elections),
			fmt.Sprintf("%.1f s on %d cores, %.1f CPU seconds", wall.Seconds(), runtime.GOMAXPROCS(0), cpu.Seconds()), "≤ 60 s on 2 quiet cores"},
		{"an election of a run", fmt.Sprintf("%.3f CPU seconds", cpu.Seconds()/float64(elections)), "≤ 0.24 CPU seconds"},
	}, nil
}

// held counts the elections of the newest run below a folder: those that were
// held, and not again those whose verdict stands for another sub-case as well.
func held(dir string) (elections, cases int, err error) {
	r, err := run.Open(dir + "/latest")
	if err != nil {
		return 0, 0, err
	}
	elections = len(r.Probes)
	for _, s := range r.Scenarios {
		cases += len(s.SubCases)
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				if e.Verdict.SameAs == "" {
					elections++
				}
			}
		}
	}
	return elections, cases, nil
}
