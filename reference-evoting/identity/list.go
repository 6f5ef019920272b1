package identity

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/rules"
)

// maxFaults bounds the faults that are kept.
const maxFaults = 1024

// Apply takes the next entry of a cosigned board.
func (s *Service) Apply(ctx context.Context, raw []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fault, err := s.state.Apply(ctx, raw, rules.Own)
	if err != nil {
		return err
	}
	if fault != nil {
		if len(s.faults) < maxFaults {
			s.faults = append(s.faults, fault)
		}
		return nil
	}
	return s.see(ctx, raw)
}

// see notes a ballot that stands, if this service has authorised it.
func (s *Service) see(ctx context.Context, raw []byte) error {
	e, body, err := entry.Open(ctx, s.weak, raw, s.source)
	if err != nil || e.Type != message.TypeCast {
		return err
	}
	c, err := reading.Decode[message.Cast](s.weak, body, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return err
	}
	digest, err := decisionDigest(c.Decision)
	if err != nil {
		return err
	}
	switch _, err := s.cfg.Store.Find(ctx, digest); {
	case errors.Is(err, ErrNotFound):
		return nil
	case err != nil:
		return err
	}
	s.last[c.Decision.Credential] = c.Decision.Tracker
	return nil
}

// Next gives the entries of the list that are due and not on the board yet
// (S-43).
func (s *Service) Next() ([]entry.Packed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Phase() != message.PhaseParticipated || !s.state.Election().HasIdentity() {
		return nil, nil
	}
	list := make([]message.LastBallot, 0, len(s.last))
	for credential, tracker := range s.last {
		list = append(list, message.LastBallot{Credential: credential, Tracker: tracker})
	}
	slices.SortFunc(list, func(a, b message.LastBallot) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	parts := slices.Collect(slices.Chunk(list, message.IdentityListChunk))
	if len(parts) == 0 {
		parts = [][]message.LastBallot{{}}
	}
	header := message.Entry{Context: s.state.Fingerprint(), Role: message.RoleIdentity, Type: message.TypeIdentityList}
	var out []entry.Packed
	for i := s.state.IdentityChunks(); i < uint64(len(parts)); i++ {
		p, err := entry.Pack(header, message.IdentityList{Chunk: i, Chunks: uint64(len(parts)), List: parts[i]}, s.cfg.Key)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// decisionDigest is hd of S-19.
func decisionDigest(d message.Decision) (message.Digest, error) {
	content, err := codec.Encode(d.Content())
	return transcript.DecisionDigest(content), err
}
