package rules

import (
	"context"
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/weakness"
)

// chains remembers every attached ballot of each credential. It exists only
// under weak.cast.checkThenInsert, whose count takes every leaf; a sound chain
// has one, and its index is in the electorate.
type chains struct {
	trees map[int]*tree
}

type tree struct {
	nodes  map[string]uint64 // tracker: index of its entry
	leaves map[string]bool
}

func newChains() *chains { return &chains{trees: map[int]*tree{}} }

func (c *chains) attach(voter int, d message.Decision, index uint64) {
	t := c.trees[voter]
	if t == nil {
		t = &tree{nodes: map[string]uint64{}, leaves: map[string]bool{}}
		c.trees[voter] = t
	}
	delete(t.leaves, d.Predecessor)
	t.nodes[d.Tracker.String()] = index
	t.leaves[d.Tracker.String()] = true
}

// place is where a ballot goes in its credential's chain: what it replaces.
type place struct {
	voter    int
	first    bool // the credential had no ballot
	replaces bool
	entry    uint64 // index of the entry that no longer counts
}

// attach makes V-26: the predecessor is the standing head, by the policy.
func (s *State) attach(ctx context.Context, voter int, d message.Decision) (place, *Fault, error) {
	head := s.roll.voters[voter].head
	p := place{voter: voter, first: head == noHead}
	standing, err := s.Head(ctx, voter)
	if err != nil {
		return p, nil, err
	}
	fault := s.chainFault(standing, d)
	// The last on the board replaces whatever stands.
	if s.weak.Widen(weakness.NoChain, false, func() bool { return s.election.Manifest.Revote != message.RevoteNone }) {
		p.replaces, p.entry = head != noHead, uint64(head)
		return p, nil, nil
	}
	if fault != nil && s.weak.Widen(weakness.AtLeastOnce, false, func() bool { return d.Tracker.String() == standing }) {
		return p, nil, nil // the same work done again: it replaces nothing
	}
	weak := s.weak.Widen(weakness.CheckThenInsert, fault == nil, func() bool { return s.attachable(voter, d) })
	if !weak {
		return p, fault, nil
	}
	if fault == nil {
		p.replaces, p.entry = head != noHead, uint64(head)
		return p, nil, nil
	}
	t := s.chains.trees[voter]
	p.entry, p.replaces = t.nodes[d.Predecessor], t.leaves[d.Predecessor]
	return p, nil, nil
}

func (s *State) chainFault(standing string, d message.Decision) *Fault {
	switch {
	case s.election.Manifest.Revote == message.RevoteNone && standing != message.None:
		return refused("V-26", message.ReasonNoRevote, "the credential has voted")
	case d.Predecessor != standing:
		return refused("V-26", message.ReasonNotHead, "predecessor %s, standing is %s", d.Predecessor, standing)
	}
	return nil
}

// attachable is the weak rule: any earlier ballot of the credential, or none,
// will do as predecessor.
func (s *State) attachable(voter int, d message.Decision) bool {
	if d.Predecessor == message.None {
		return true
	}
	t := s.chains.trees[voter]
	if t == nil || s.election.Manifest.Revote == message.RevoteNone {
		return false
	}
	_, known := t.nodes[d.Predecessor]
	return known
}

// Voter finds a credential in the list.
func (s *State) Voter(key message.Element) (int, bool) { return s.roll.find(key) }

// Head is the tracker of a voter's standing ballot, or None.
func (s *State) Head(ctx context.Context, voter int) (string, error) {
	head := s.roll.voters[voter].head
	if head == noHead {
		return message.None, nil
	}
	c, err := s.castAt(ctx, uint64(head))
	if err != nil {
		return "", fmt.Errorf("standing ballot: %w", err)
	}
	return c.Decision.Tracker.String(), nil
}

// HeadIndex is the index of a voter's standing entry.
func (s *State) HeadIndex(voter int) (uint64, bool) {
	head := s.roll.voters[voter].head
	return uint64(head), head != noHead
}

// castAt reads a cast entry again.
func (s *State) castAt(ctx context.Context, index uint64) (message.Cast, error) {
	var out message.Cast
	err := s.source.Entries(ctx, index, index+1, func(_ uint64, raw []byte) error {
		_, body, err := entry.Open(ctx, s.weak, raw, s.source)
		if err != nil {
			return err
		}
		c, fault := decode[message.Cast](s.weak, body)
		if fault != nil {
			return fault
		}
		out = c
		return nil
	})
	if err != nil {
		return out, fmt.Errorf("entry %d: %w", index, err)
	}
	return out, nil
}
