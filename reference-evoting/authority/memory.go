package authority

import (
	"context"
	"sync"
	"time"

	"scrutineer/protocols/message"
)

// MemoryStore is a Store for elections that live in one process.
type MemoryStore struct {
	mu      sync.Mutex
	bodies  map[message.Digest]Body
	answers map[message.Digest]Answer
	indices map[message.Digest]uint64
}

// NewMemoryStore is empty.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{
		bodies:  map[message.Digest]Body{},
		answers: map[message.Digest]Answer{},
		indices: map[message.Digest]uint64{},
	}
}

// PutBody implements Store.
func (m *MemoryStore) PutBody(_ context.Context, b Body) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.bodies[b.Tracker]; ok {
		b.Head = old.Head
	}
	m.bodies[b.Tracker] = b
	return nil
}

// Body implements Store.
func (m *MemoryStore) Body(_ context.Context, tracker message.Digest, now time.Time) (Body, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b, ok := m.bodies[tracker]
	if !ok || now.After(b.Expires) {
		return Body{}, ErrNotFound
	}
	return b, nil
}

// Waiting implements Store.
func (m *MemoryStore) Waiting(_ context.Context, credential message.Element, now time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for tracker, b := range m.bodies {
		switch {
		case now.After(b.Expires):
			delete(m.bodies, tracker)
		case b.Credential == credential:
			n++
		}
	}
	return n, nil
}

// Settle implements Store.
func (m *MemoryStore) Settle(_ context.Context, list []Answer) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range list {
		m.answers[a.Decision] = a
		if a.Accepted {
			m.indices[a.Tracker] = a.Index
		}
		if !a.KeepBody {
			delete(m.bodies, a.Tracker)
		}
	}
	return nil
}

// Answer implements Store.
func (m *MemoryStore) Answer(_ context.Context, decision message.Digest) (Answer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.answers[decision]
	if !ok {
		return Answer{}, ErrNotFound
	}
	return a, nil
}

// Index implements Store.
func (m *MemoryStore) Index(_ context.Context, tracker message.Digest) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, ok := m.indices[tracker]
	if !ok {
		return 0, ErrNotFound
	}
	return i, nil
}
