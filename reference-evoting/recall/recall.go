// Package recall keeps results of pure functions, so that the roles of one
// election that share a process need not compute the same again: each of them
// checks every proof and signature by itself, and where seven of them run in one
// process they multiply the same numbers seven times.
//
// A Memory holds what arithmetic gives and never a verdict: what a result means,
// and which weaknesses widen that, each role decides for itself. Who runs several
// roles of one election makes one Memory and hands it to them. A role in a
// process of its own has none, and everything here takes nil for none. Elections
// do not share one.
package recall

import (
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// limit bounds the results that are kept. At some hundred bytes each it is a few
// megabytes, and many times what an election of the harness needs.
const limit = 1 << 14

// Memory is safe for concurrent use. Nil is a memory that keeps nothing.
type Memory struct {
	mu      sync.Mutex
	results map[key]any // func() T of Of
}

// key is the digest of a function's name and of all of its inputs.
type key [sha256.Size]byte

// New is an empty memory.
func New() *Memory { return &Memory{results: map[key]any{}} }

// Of is the result of a pure function, computed or remembered. The name must
// stand for that function and result type alone, and inputs must be everything
// that compute depends on. The result is shared: nobody may change it.
//
// Who asks for a result while another computes it waits for that one.
func Of[T any](m *Memory, function string, compute func() T, inputs ...[]byte) T {
	if m == nil {
		return compute()
	}
	k := digest(function, inputs)
	m.mu.Lock()
	known, there := m.results[k]
	if !there {
		if len(m.results) >= limit {
			clear(m.results) // it is made again where it is asked for again
		}
		known = sync.OnceValue(compute)
		m.results[k] = known
	}
	m.mu.Unlock()
	return known.(func() T)()
}

// digest is SHA-256 over the name and the inputs, each preceded by its length
// and all by their number: different calls have different digests.
func digest(function string, inputs [][]byte) key {
	n := 8 * (len(inputs) + 2)
	for _, b := range inputs {
		n += len(b)
	}
	buf := make([]byte, 0, n+len(function))
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(inputs)))
	buf = binary.BigEndian.AppendUint64(buf, uint64(len(function)))
	buf = append(buf, function...)
	for _, b := range inputs {
		buf = binary.BigEndian.AppendUint64(buf, uint64(len(b)))
		buf = append(buf, b...)
	}
	return sha256.Sum256(buf)
}
