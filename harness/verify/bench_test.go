package verify_test

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// BenchmarkBallot is one ballot of one contest with five options and a sum
// proof, checked alone.
func BenchmarkBallot(b *testing.B) {
	c := testelection.Small()
	c.Manifest.Contests[0] = testelection.Contest("mayor", 5, 0, 1, false)
	e := testelection.New(c)
	e.Setup()
	x := e.EncryptBallot(0, [][]int{{1}})
	cast := &message.Cast{Ballot: x.Ballot, Decision: e.Decide(0, &x.Ballot, message.None)}
	setup, ok := verify.NewSetup(&e.Manifest, e.Fingerprint, e.ElectionKey)
	if !ok {
		b.Fatal("setup refused")
	}
	b.ReportAllocs()
	for b.Loop() {
		if f := setup.CheckCast(cast); len(f) > 0 {
			b.Fatal(f)
		}
	}
}

// BenchmarkRecord verifies records of 1,000 and 10,000 ballots (or of
// VERIFY_BALLOTS) of one contest with five options, and prints what memory
// grows by for each ballot.
func BenchmarkRecord(b *testing.B) {
	sizes := []int{1000, 10_000}
	if n, err := strconv.Atoi(os.Getenv("VERIFY_BALLOTS")); err == nil {
		sizes = append(sizes, n)
	}
	var before uint64
	var last int
	for _, n := range sizes {
		dir := b.TempDir() + "/record"
		writeSized(b, dir, n)
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			src, err := record.OpenFolder(dir)
			if err != nil {
				b.Fatal(err)
			}
			defer src.Close()
			for b.Loop() {
				requirePassed(b, check(b, src, verify.Options{}))
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "ballots/s")
			peak := measured(func() { check(b, src, verify.Options{}) })
			b.ReportMetric(float64(peak)/1e6, "MB-live")
			if last > 0 && last < n && peak > before {
				b.ReportMetric(float64(peak-before)/float64(n-last), "B/ballot")
			}
			before, last = peak, n
		})
	}
}

// writeSized writes the record of a large election to a folder.
func writeSized(b *testing.B, dir string, ballots int) {
	b.Helper()
	for path, data := range sized(ballots, 5).Record() {
		writeFile(b, dir, path, data)
	}
}

// measured is the most live memory while f runs, above that before it.
func measured(f func()) uint64 {
	live := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := live()
	done, peak := make(chan struct{}), make(chan uint64)
	go func() {
		most := uint64(0)
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				most = max(most, live())
			case <-done:
				peak <- max(most, before)
				return
			}
		}
	}()
	f()
	close(done)
	return <-peak - before
}
