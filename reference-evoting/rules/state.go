// Package rules applies SPEC.md to a board, entry by entry. State is the fold
// that every party of the reference keeps: the authority asks it whether an
// entry may be appended, trustees and the system's own verifier whether one
// that stands should. The counted set (S-32) is what it counts.
//
// An entry that breaks a rule has no effect on the state; it is a finding
// against whoever let it on the board.
//
// Memory: about 44 bytes a credential and 10 a ciphertext; everything else
// does not grow with the number of ballots.
package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/ceremony"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// Source is where entries are read again and chunks are found.
type Source interface {
	board.EntryReader
	entry.Chunks
}

// Depth says how much of an entry is checked.
type Depth int

// Full checks everything. Own leaves out the proofs of ballots: it is for a
// board that reads its own log again after a restart, or has checked a ballot
// when it came in.
const (
	Full Depth = iota
	Own
)

// State is the election as the entries so far tell it. It is not safe for
// concurrent use.
type State struct {
	weak   weakness.View
	source Source
	memory *recall.Memory

	size   uint64
	leaves *compact.Range
	phase  message.Phase

	announced message.Digest // of the definition; zero where nobody said

	election *manifest.Election
	ceremony *ceremony.Public
	roll     *electorate
	listed   *message.Electorate
	print    message.Digest
	voting   *Voting
	confirms map[string]bool
	culprit  string // of an upheld complaint

	seen     *alphas // of casts
	opened   *alphas // of challenges
	chains   *chains // only where checkThenInsert is planted
	sums     *tally.Sums
	closed   map[string]bool
	listing  listing
	places   *places // nil without polling places
	counts   Counts
	asked    []message.Aggregate // only where partialAllowed is planted
	early    map[string]bool     // the same: what was answered
	seal     *message.Seal
	tallying *tallying
	result   *message.Result
}

// Counts says how many entries of each kind stand.
type Counts struct {
	Casts      uint64
	Challenges uint64
	Voters     uint64 // credentials with a counted ballot
	Rejected   uint64 // entries without effect
}

// New starts before the first entry.
func New(weak weakness.View, source Source) *State {
	f := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	return &State{
		weak: weak, source: source, leaves: f.NewEmptyRange(0), phase: message.PhaseEmpty,
		roll: newElectorate(), confirms: map[string]bool{}, seen: newAlphas(), opened: newAlphas(),
		closed: map[string]bool{}, early: map[string]bool{},
	}
}

// Remember gives the state a memory of pure results, before the first entry, and
// returns the state. What follows from them it decides as without.
func (s *State) Remember(m *recall.Memory) *State {
	s.memory = m
	return s
}

// Step is an entry whose effect is known but not yet taken. An entry that
// breaks a rule has a Fault and no effect.
type Step struct {
	Fault  *Fault
	Type   message.Type
	leaf   []byte
	effect func() error
	trace  func() // what even an entry with a fault leaves behind (S-32)
}

// Plan checks an entry that would come next. The error is not about the
// entry: the source failed.
func (s *State) Plan(ctx context.Context, raw []byte, depth Depth) (*Step, error) {
	step := &Step{leaf: rfc6962.DefaultHasher.HashLeaf(raw)}
	e, body, fault, err := s.open(ctx, raw)
	if err != nil {
		return nil, err
	}
	step.Type = e.Type
	if fault == nil {
		step.effect, fault, err = s.dispatch(ctx, e, body, depth)
	}
	if fault != nil {
		fault.Index, fault.Type, fault.Role, fault.ID = s.size, e.Type, e.Role, e.ID
		step.Fault, step.effect = fault, nil
		step.trace = s.trace(e.Type, body)
	}
	return step, err
}

// Commit takes a step that Plan gave for this state.
func (s *State) Commit(step *Step) error {
	if step.effect != nil {
		if err := step.effect(); err != nil {
			return fmt.Errorf("entry %d: %w", s.size, err)
		}
	} else {
		s.counts.Rejected++
		step.trace()
	}
	if err := s.leaves.Append(step.leaf, nil); err != nil {
		return fmt.Errorf("entry %d: tree: %w", s.size, err)
	}
	s.size++
	return nil
}

// Apply plans and commits an entry that stands on the board.
func (s *State) Apply(ctx context.Context, raw []byte, depth Depth) (*Fault, error) {
	step, err := s.Plan(ctx, raw, depth)
	if err != nil {
		return nil, err
	}
	return step.Fault, s.Commit(step)
}

// open decodes an entry and finds its body (V-05).
func (s *State) open(ctx context.Context, raw []byte) (message.Entry, codec.Raw, *Fault, error) {
	e, body, err := entry.Open(ctx, s.weak, raw, s.source)
	switch {
	case err == nil:
		return e, body, nil, nil
	case errors.Is(err, entry.ErrForm):
		return e, nil, broken("V-05", "%v", err), nil
	}
	return e, nil, nil, err
}

// Size is the number of entries so far.
func (s *State) Size() uint64 { return s.size }

// Root is the tree's root over them.
func (s *State) Root() (message.Digest, error) { return rangeRoot(s.leaves) }

// Phase is where the order of entries stands.
func (s *State) Phase() message.Phase { return s.phase }

// Election is nil before the manifest.
func (s *State) Election() *manifest.Election { return s.election }

// Ceremony is nil before the manifest.
func (s *State) Ceremony() *ceremony.Public { return s.ceremony }

// Fingerprint is zero before the electorate is listed.
func (s *State) Fingerprint() message.Digest { return s.print }

// Voting is nil before the electorate is listed.
func (s *State) Voting() *Voting { return s.voting }

// Counts tells how many entries stand.
func (s *State) Counts() Counts { return s.counts }

// Culprit is the id of the trustee that an upheld complaint blames.
func (s *State) Culprit() string { return s.culprit }

// Key is the election key, nil before the electorate is listed.
func (s *State) Key() *proof.ElectionKey {
	if s.voting == nil {
		return nil
	}
	return s.voting.Key
}

// Closed reports that a channel has been closed.
func (s *State) Closed(channel string) bool { return s.closed[channel] }

// Seal is nil before the seal.
func (s *State) Seal() *message.Seal { return s.seal }

// Result is nil before the result.
func (s *State) Result() *message.Result { return s.result }

// Context is what the next entry of a role must name (SPEC.md §3).
func (s *State) Context() message.Digest {
	switch s.phase {
	case message.PhaseEmpty:
		return message.Digest{}
	case message.PhaseCommit, message.PhaseReveal, message.PhaseDeal, message.PhaseCredentials, message.PhaseConfirm:
		return s.election.SetupID
	}
	return s.print
}

// signed makes V-07: the signature of the role and id that the entry names,
// by the manifest's key, in the context. From the opening on the context is
// the fingerprint, and V-16's.
func (s *State) signed(e message.Entry, body codec.Raw, role message.Role, context message.Digest) *Fault {
	if e.Role != role {
		return broken("V-07", "is by %q, want %q", e.Role, role)
	}
	if e.Context != context {
		check := "V-07"
		if s.opening() {
			check = "V-16"
		}
		return broken(check, "is in the context %s, want %s", e.Context, context)
	}
	return s.verified(s.election, e, body)
}

// verified makes V-07 as Signed does. The weak rules let a key stand for a role
// that is another's: any of the manifest's, or the one that the message itself
// names in the place of its signer's id.
func (s *State) verified(election *manifest.Election, e message.Entry, body codec.Raw) *Fault {
	fault := Signed(s.memory, election, e, body)
	digest := transcript.EntrySignature(e, transcript.BodyDigest(body))
	holds := func(key message.Key) bool { return recall.Ed25519(s.memory, key[:], digest[:], e.Signature[:]) }
	sound := s.weak.Widen(weakness.AnyChain, fault == nil, func() bool {
		_, known := election.KeyOf(e.Role, e.ID)
		return known && slices.ContainsFunc(election.Keys(), holds)
	})
	if s.weak.Widen(weakness.KeyFromMessage, sound, func() bool {
		key, err := codec.ParseHex32(e.ID)
		return err == nil && holds(key)
	}) {
		return nil
	}
	return fault
}

// opening reports that the next entry opens the election or comes after that.
func (s *State) opening() bool {
	return s.print != (message.Digest{}) && s.Context() == s.print
}

// Signed checks an entry's signature by the manifest's key of the role and id
// that it names (V-07), in the context that it names.
func Signed(m *recall.Memory, election *manifest.Election, e message.Entry, body codec.Raw) *Fault {
	key, ok := election.KeyOf(e.Role, e.ID)
	if !ok {
		return broken("V-07", "role %q has no %q", e.Role, e.ID)
	}
	digest := transcript.EntrySignature(e, transcript.BodyDigest(body))
	if !recall.Ed25519(m, key[:], digest[:], e.Signature[:]) {
		return broken("V-07", "the signature of %s %s does not hold", e.Role, e.ID)
	}
	return nil
}

// decode reads a body as what its type says (V-05).
func decode[T any](weak weakness.View, body codec.Raw) (T, *Fault) {
	v, err := reading.Decode[T](weak, body, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return v, broken("V-05", "%v", err)
	}
	return v, nil
}

// CredentialChunks is how many chunks of the credential list stand.
func (s *State) CredentialChunks() uint64 { return s.roll.chunks }
