package store_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"scrutineer/reference-evoting/service/store"
)

// BenchmarkCommit stores bodies of 2 KiB from 64 writers, each in a Commit of
// its own. It reports commits a second and the latency that 99 of 100 keep within.
// With one writer, for comparison, every commit pays for a sync of its own.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) { benchmarkCommit(b, writers) })
	}
}

func benchmarkCommit(b *testing.B, writers int) {
	s := newStore(b)
	ctx := b.Context()
	took := make([]time.Duration, b.N)
	next := make(chan int)
	b.ResetTimer()
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range next {
				body := store.Body{Bytes: make([]byte, 2048), Credential: []byte("credential"), Expires: time.Now()}
				binary.BigEndian.PutUint64(body.Tracker[:], uint64(i)*0x9e3779b97f4a7c15)
				body.Hash = body.Tracker
				start := time.Now()
				if err := s.Commit(ctx, func(tx *store.Tx) error { return tx.PutBody(ctx, body) }); err != nil {
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
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
