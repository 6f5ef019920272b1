package liar

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/targets"
)

// bodyPath is where ballot bodies go.
const bodyPath = "/ballots"

// Body reads the ballot that a request hands in; false where there is none.
func Body(r targets.Request) (message.Ballot, bool) {
	if r.Method != "POST" || !strings.HasSuffix(r.Path, bodyPath) {
		return message.Ballot{}, false
	}
	s, err := codec.Decode[message.Submission](r.Body, codec.Limits{Size: message.MaxBody})
	return s.Ballot, err == nil
}

// Substituter is a server that keeps every body to itself, and casts another
// in its place when its voter decides (B07). Where the other has a tracker of
// its own, it names that one in its answer, for the client to show and sign.
// It is safe for concurrent use.
type Substituter struct {
	Authority scrutineer.Authority
	Election  *scrutineer.Election
	// Forge makes the other ballot.
	Forge func(b *message.Ballot) (*scrutineer.Prepared, error)
	// Write puts an entry on the board, and returns its index.
	Write func(ctx context.Context, p scrutineer.Parcel) (uint64, error)

	mu       sync.Mutex
	ballots  map[message.Digest]message.Ballot
	receipts map[message.Digest][]byte
}

// Answer is a targets.Liar.
func (s *Substituter) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	if b, ok := Body(r); ok {
		raw, err := s.accept(&b)
		return granted(raw), err
	}
	if d, ok := decision(r); ok {
		if b, receipt, ours := s.kept(d.Tracker); receipt != nil {
			return granted(receipt), nil
		} else if ours {
			raw, err := s.cast(ctx, b, d)
			return granted(raw), err
		}
	}
	return next(ctx, r)
}

// kept is the other ballot of a tracker, and the receipt for it if there is
// one.
func (s *Substituter) kept(tracker message.Digest) (message.Ballot, []byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.ballots[tracker]
	return b, s.receipts[tracker], ok
}

func granted(raw []byte) targets.Response {
	return targets.Response{Status: 200, ContentType: "application/json", Body: raw}
}

// accept answers a body with the tracker of another.
func (s *Substituter) accept(b *message.Ballot) ([]byte, error) {
	other, err := s.Forge(b)
	if err != nil {
		return nil, fmt.Errorf("making another ballot: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ballots == nil {
		s.ballots, s.receipts = map[message.Digest]message.Ballot{}, map[message.Digest][]byte{}
	}
	s.ballots[other.Tracker] = other.Ballot
	named := other.Tracker
	if other.Ballot.Unit != b.Unit {
		named = message.Digest{} // it is the voter's own
	}
	return s.Authority.Accepted(b, named)
}

// cast puts the other ballot on the board and promises its place. Others pass
// while it does: the board does not grow without them.
func (s *Substituter) cast(ctx context.Context, b message.Ballot, d message.Decision) ([]byte, error) {
	entry, err := s.Authority.Cast(s.Election, b, d)
	if err != nil {
		return nil, err
	}
	index, err := s.Write(ctx, entry)
	if err != nil {
		return nil, fmt.Errorf("writing the other ballot: %w", err)
	}
	receipt, err := s.Authority.Receipt(s.Election, d, index)
	if err != nil {
		return nil, err
	}
	raw, err := codec.Encode(receipt)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receipts[d.Tracker] = raw
	return raw, err
}

// tracker is S-15 of a ballot.
func tracker(b *message.Ballot) message.Digest { return transcript.Tracker(b) }
