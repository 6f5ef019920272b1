package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"time"

	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
)

// heap is what the process holds after a collection, in bytes.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// memory measures authority and verifier at several sizes, and the slope
// between the largest two.
func memory(ctx context.Context, o Options) ([]Figure, error) {
	var out []Figure
	type point struct{ ballots, authority, verifier uint64 }
	var points []point
	for _, n := range o.Memory {
		a, v, took, err := measured(ctx, o, n)
		if err != nil {
			return out, fmt.Errorf("%d ballots: %w", n, err)
		}
		points = append(points, point{uint64(n), a, v})
		out = append(out, Figure{
			fmt.Sprintf("memory at %d ballots: authority, verifier", n),
			fmt.Sprintf("%.1f MB, %.1f MB", float64(a)/1e6, float64(v)/1e6), "",
		}, Figure{fmt.Sprintf("verifying %d ballots", n), took.String(), "every core"})
	}
	if len(points) >= 2 {
		p, q := points[len(points)-2], points[len(points)-1]
		slope := func(a, b uint64) string {
			return fmt.Sprintf("%.0f bytes", (float64(b)-float64(a))/float64(q.ballots-p.ballots))
		}
		out = append(out,
			Figure{"authority, a ballot more (and its credential)", slope(p.authority, q.authority), "≤ 160 bytes"},
			Figure{"verifier, a ballot more (and its credential)", slope(p.verifier, q.verifier), "≤ 160 bytes"})
	}
	return out, nil
}

// measured runs an election of n ballots on disk and returns what authority
// and verifier hold, and how fast its record is verified. The authority's share is what is freed when it goes.
func measured(ctx context.Context, o Options, n int) (held, verifier uint64, took speed, err error) {
	dir, err := os.MkdirTemp("", "scrutineer-bench-")
	if err != nil {
		return 0, 0, speed{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h, err := openHall(ctx, dir, n)
	if err != nil {
		return 0, 0, speed{}, err
	}
	source, err := h.hold(ctx, n, filepath.Join(dir, "record"))
	if err != nil {
		return 0, 0, speed{}, errors.Join(err, h.close(ctx))
	}
	defer source.Close()
	with := heap()
	if err := h.close(ctx); err != nil {
		return 0, 0, speed{}, err
	}
	h.authority, h.db = nil, nil
	held = with - min(with, heap())
	runtime.KeepAlive(h) // registrar and trustees count on both sides
	o.Log("election of %d ballots held, verifying its record", n)
	if verifier, err = peak(ctx, source); err != nil {
		return 0, 0, speed{}, err
	}
	took, err = timed(ctx, source, n)
	return held, verifier, took, err
}

// speed is how fast a record was verified.
type speed struct {
	ballots int
	wall    time.Duration
	cores   float64 // busy on average
}

func (s speed) String() string {
	return fmt.Sprintf("%.1f s, %.0f a second, %.1f cores of %d", s.wall.Seconds(),
		float64(s.ballots)/s.wall.Seconds(), s.cores, runtime.GOMAXPROCS(0))
}

// timed verifies a record once more, with nobody looking at its memory.
func timed(ctx context.Context, source record.Source, n int) (speed, error) {
	cpu, start := busy(), time.Now()
	_, err := verify.Verify(ctx, source, verify.Options{})
	s := speed{ballots: n, wall: time.Since(start)}
	s.cores = (busy() - cpu) / s.wall.Seconds()
	return s, err
}

// busy is the time that processors have spent in this process's own code.
func busy() float64 {
	runtime.GC() // which is when the runtime adds it up
	sample := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64()
}

// peak verifies a record and gives what it held towards its end: the median of
// the last quarter of samples, each after a collection. What is kept for each
// ballot only grows; what is in flight comes and goes.
func peak(ctx context.Context, source record.Source) (uint64, error) {
	before := heap()
	done := make(chan error, 1)
	go func() {
		report, err := verify.Verify(ctx, source, verify.Options{})
		if err == nil && !report.Passed {
			err = fmt.Errorf("the verifier does not accept the record: %s", report.Findings[0].Message)
		}
		done <- err
	}()
	var samples []uint64
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			last := slices.Clone(samples[len(samples)*3/4:])
			if err != nil || len(last) == 0 {
				return 0, err
			}
			slices.Sort(last)
			held := last[len(last)/2]
			return held - min(held, before), nil
		case <-tick.C:
			samples = append(samples, heap())
		}
	}
}
