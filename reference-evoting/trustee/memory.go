package trustee

import (
	"sync"

	"scrutineer/protocols/message"
)

// MemoryKeys is a key store for elections that live in one process.
type MemoryKeys struct {
	mu      sync.Mutex
	secrets map[message.Digest]Secrets
}

// NewMemoryKeys is empty.
func NewMemoryKeys() *MemoryKeys { return &MemoryKeys{secrets: map[message.Digest]Secrets{}} }

// Load implements KeyStore.
func (m *MemoryKeys) Load(setupID message.Digest) (Secrets, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.secrets[setupID]
	if !ok {
		return Secrets{}, ErrNoKeys
	}
	return s, nil
}

// Save implements KeyStore.
func (m *MemoryKeys) Save(setupID message.Digest, s Secrets) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.secrets[setupID] = s
	return nil
}
