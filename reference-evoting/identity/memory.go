package identity

import (
	"context"
	"sync"

	"scrutineer/protocols/message"
)

// MemoryStore is a Store for elections that live in one process.
type MemoryStore struct {
	mu          sync.Mutex
	credentials map[string]message.Element
	voters      map[message.Element]string
	byDecision  map[message.Digest]Authorisation
	lists       map[message.Element][]Authorisation
}

var _ Store = (*MemoryStore)(nil)

// NewMemoryStore is empty.
func NewMemoryStore() *MemoryStore {
	return &MemoryStore{
		credentials: map[string]message.Element{}, voters: map[message.Element]string{},
		byDecision: map[message.Digest]Authorisation{}, lists: map[message.Element][]Authorisation{},
	}
}

// Bind implements Store.
func (m *MemoryStore) Bind(_ context.Context, voter string, credential message.Element) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	has, bound := m.credentials[voter]
	by, taken := m.voters[credential]
	if bound && has != credential || taken && by != voter {
		return ErrBound
	}
	m.credentials[voter], m.voters[credential] = credential, voter
	return nil
}

// Keep implements Store.
func (m *MemoryStore) Keep(_ context.Context, a Authorisation, most int) (Authorisation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if kept, ok := m.byDecision[a.Decision]; ok {
		return kept, nil
	}
	list := m.lists[a.Credential]
	if len(list) >= most {
		return Authorisation{}, ErrFull
	}
	a.Number = uint64(len(list)) + 1
	m.byDecision[a.Decision], m.lists[a.Credential] = a, append(list, a)
	return a, nil
}

// Find implements Store.
func (m *MemoryStore) Find(_ context.Context, decision message.Digest) (Authorisation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, ok := m.byDecision[decision]
	if !ok {
		return Authorisation{}, ErrNotFound
	}
	return a, nil
}

// List implements Store.
func (m *MemoryStore) List(_ context.Context, credential message.Element) ([]Authorisation, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.lists[credential], nil
}
