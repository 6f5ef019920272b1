package countcentre

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"scrutineer/protocols/message"
)

// Memory is a ledger without durability, for elections in one process.
type Memory struct {
	lines    []Line
	archives map[message.Digest][]byte
	held     map[string][]byte
	Refused  map[message.Digest]string
}

// NewMemory is an empty ledger.
func NewMemory() *Memory {
	return &Memory{archives: map[message.Digest][]byte{}, held: map[string][]byte{}, Refused: map[message.Digest]string{}}
}

var _ Ledger = (*Memory)(nil)

// Keep implements Ledger.
func (m *Memory) Keep(_ context.Context, l Line, archive []byte) error {
	if !slices.Contains(m.lines, l) {
		m.lines = append(m.lines, l)
		m.archives[l.Digest] = bytes.Clone(archive)
	}
	return nil
}

// Lines implements Ledger.
func (m *Memory) Lines(_ context.Context, device string) ([]Line, error) {
	var out []Line
	for _, l := range m.lines {
		if l.Device == device {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
	return out, nil
}

// Archive implements Ledger.
func (m *Memory) Archive(_ context.Context, digest message.Digest) ([]byte, error) {
	a, ok := m.archives[digest]
	if !ok {
		return nil, fmt.Errorf("archive %s is not in the ledger", digest)
	}
	return a, nil
}

// Refuse implements Ledger.
func (m *Memory) Refuse(_ context.Context, digest message.Digest, reason string) error {
	m.Refused[digest] = reason
	return nil
}

// Hold implements Ledger.
func (m *Memory) Hold(_ context.Context, t message.Type, id string, raw []byte) error {
	m.held[string(t)+" "+id] = bytes.Clone(raw)
	return nil
}

// Held implements Ledger.
func (m *Memory) Held(_ context.Context, t message.Type, id string) ([]byte, error) {
	return m.held[string(t)+" "+id], nil
}
