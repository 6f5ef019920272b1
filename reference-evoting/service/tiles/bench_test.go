package tiles_test

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkAppend64 appends entries of 2 KiB from 64 writers. It reports entries
// a second and the latency that 99 of 100 appends keep within.
func BenchmarkAppend64(b *testing.B) {
	l := newLog(b)
	ctx := b.Context()
	entry := make([]byte, 2048)
	took := make([]time.Duration, b.N)
	next := make(chan int)
	b.ResetTimer()
	var wg sync.WaitGroup
	for range 64 {
		wg.Go(func() {
			for i := range next {
				start := time.Now()
				if _, err := l.Append(ctx, entry); err != nil {
					b.Error(err)
				}
				took[i] = time.Since(start)
			}
		})
	}
	for i := range b.N {
		next <- i
	}
	close(next)
	wg.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
