package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync"
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
	var points []point
	for _, n := range o.Memory {
		p, err := measured(ctx, o, n)
		if err != nil {
			return out, fmt.Errorf("%d ballots: %w", n, err)
		}
		points = append(points, p)
		out = append(out, Figure{
			fmt.Sprintf("memory at %d ballots: authority, verifier", n),
			fmt.Sprintf("%.1f MB, %.1f MB", float64(p.authority)/1e6, float64(p.verifier)/1e6), "",
		}, Figure{fmt.Sprintf("verifying %d ballots", n), p.speed.String(), "every core"})
	}
	if len(points) >= 2 {
		p, q := points[len(points)-2], points[len(points)-1]
		slope := func(a, b, ballots uint64) string {
			return fmt.Sprintf("%.0f bytes", (float64(b)-float64(a))/float64(ballots))
		}
		out = append(out,
			Figure{"authority, a ballot more (and its credential)", slope(p.authority, q.authority, q.ballots-p.ballots), "≤ 160 bytes"},
			Figure{"verifier, a ballot more (and its credential)", slope(p.verifier, q.verifier, q.folded-p.folded), "≤ 160 bytes"})
	}
	return out, nil
}

// point is one election: what authority and verifier hold, and how fast its
// record is verified.
type point struct {
	ballots, authority uint64
	verifier, folded   uint64 // bytes, and the entries after which they were held: ballots but for a hundredth
	speed              speed
}

// measured runs an election of n ballots on disk. The authority's share is
// what is freed when it goes.
func measured(ctx context.Context, o Options, n int) (p point, err error) {
	p.ballots = uint64(n)
	dir, err := os.MkdirTemp("", "scrutineer-bench-")
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	h, err := openHall(ctx, dir, n)
	if err != nil {
		return p, err
	}
	source, err := h.hold(ctx, n, filepath.Join(dir, "record"))
	if err != nil {
		return p, errors.Join(err, h.close(ctx))
	}
	defer source.Close()
	with := heap()
	if err := h.close(ctx); err != nil {
		return p, err
	}
	h.authority, h.db = nil, nil
	p.authority = with - min(with, heap())
	runtime.KeepAlive(h) // registrar and trustees count on both sides
	o.Log("election of %d ballots held, verifying its record", n)
	if p.verifier, p.folded, err = kept(ctx, source); err != nil {
		return p, err
	}
	p.speed, err = timed(ctx, source, n)
	return p, err
}

// speed is how fast a record was verified.
type speed struct {
	ballots int
	wall    time.Duration
	cores   float64 // busy on average
}

func (s speed) String() string {
	return fmt.Sprintf("%.1f s, %.0f a second, %.1f of %d cores busy", s.wall.Seconds(),
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

// busy is the time that this process's own code has had a core, as the runtime
// counts it: on a machine with other work it counts waiting for one too.
func busy() float64 {
	runtime.GC() // which is when the runtime adds it up
	sample := []metrics.Sample{{Name: "/cpu/classes/user:cpu-seconds"}}
	metrics.Read(sample)
	return sample[0].Value.Float64()
}

// kept verifies a record and gives what it holds when all but the last bundle
// of entries is folded, with the number of entries until there. The reader is
// made to wait before the last bundle until nothing is in flight any more:
// what is kept for each ballot only grows, what is in flight is bounded
// (harness/verify/pipeline.go) and would be noise here, as would be whatever a
// running collection has not seen yet.
func kept(ctx context.Context, source record.Source) (bytes, entries uint64, err error) {
	last, err := lastBundle(source)
	if err != nil {
		return 0, 0, err
	}
	before := heap()
	p := &pausing{Source: source, at: last.String(), reached: make(chan struct{}), resume: make(chan struct{})}
	done := make(chan error, 1)
	go func() {
		report, err := verify.Verify(ctx, p, verify.Options{})
		if err == nil && !report.Passed {
			err = fmt.Errorf("the verifier does not accept the record: %s", report.Findings[0].Message)
		}
		done <- err
	}()
	select {
	case err := <-done:
		return 0, 0, errors.Join(errors.New("the verifier never read its last bundle"), err)
	case <-p.reached:
	}
	held := settled()
	close(p.resume)
	return held - min(held, before), last.Index * record.TileWidth, <-done
}

// lastBundle is the last bundle of entries of a record.
func lastBundle(source record.Source) (last record.Path, err error) {
	err = source.List(func(f record.File) bool {
		if p, err := record.Parse(f.Path); err == nil && p.Kind == record.KindEntries && p.Index >= last.Index {
			last = p
		}
		return true
	})
	return last, err
}

// settled is what the process holds once it holds no less a while later: the
// verifier has folded what it had read.
func settled() uint64 {
	held := heap()
	for quiet := 0; quiet < 5; {
		time.Sleep(50 * time.Millisecond) // there is no event for doing nothing
		now := heap()
		if quiet++; now+1<<12 < held || now > held+1<<12 {
			quiet = 0
		}
		held = now
	}
	return held
}

// pausing is a source that waits before it gives one of its files.
type pausing struct {
	record.Source
	at              string
	once            sync.Once
	reached, resume chan struct{}
}

// Read implements record.Source.
func (p *pausing) Read(path string, limit int) ([]byte, error) {
	if path == p.at {
		p.once.Do(func() { close(p.reached) })
		<-p.resume
	}
	return p.Source.Read(path, limit)
}
