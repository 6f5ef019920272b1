package board

import (
	"context"
	"sync"
)

// Head holds the newest checkpoint of one kind and wakes those who wait for it.
// The zero value is empty and ready for use.
type Head struct {
	mu      sync.Mutex
	raw     []byte
	size    uint64
	changed chan struct{} // closed at the next change; nil while nobody waits
}

// Set replaces the checkpoint by raw, which covers size entries, unless the one
// that it holds is larger. It reports whether it did.
func (h *Head) Set(raw []byte, size uint64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.raw != nil && size < h.size {
		return false
	}
	h.raw, h.size = raw, size
	if h.changed != nil {
		close(h.changed)
		h.changed = nil
	}
	return true
}

// Get returns the checkpoint, or ErrNoCheckpoint.
func (h *Head) Get() ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.raw == nil {
		return nil, ErrNoCheckpoint
	}
	return h.raw, nil
}

// Await returns the checkpoint as soon as there is one of at least size entries.
func (h *Head) Await(ctx context.Context, size uint64) ([]byte, error) {
	for {
		h.mu.Lock()
		if h.raw != nil && h.size >= size {
			raw := h.raw
			h.mu.Unlock()
			return raw, nil
		}
		if h.changed == nil {
			h.changed = make(chan struct{})
		}
		changed := h.changed
		h.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-changed:
		}
	}
}
