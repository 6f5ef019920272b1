package rules_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// each asks about every case of a file. Judge returns the checks that fail;
// the case's own must be among them, or, where the rules stop at the first,
// one that fails with it.
func each[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), judge func(*testing.T, C, vectors.Case[I]) []string) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			failed := judge(t, g.Context, c)
			if (len(failed) == 0) != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s %s: %s failed", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, c.Check, failed)
			}
			if len(failed) > 0 && !slices.ContainsFunc(failed, c.May) {
				t.Errorf("%s, tcId %d (%s: %s) is %s %s %s: %s failed", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, c.Check, c.Also, failed)
			}
		}
	}
}

// eachWay asks about every case three times, of rules without a memory and twice
// of rules that share one: they judge alike.
func eachWay[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), judge func(m *recall.Memory) func(*testing.T, C, vectors.Case[I]) []string) {
	t.Helper()
	each(t, load, judge(nil))
	if testing.Short() {
		return
	}
	m := recall.New()
	each(t, load, judge(m))
	each(t, load, judge(m))
}

// unless is nothing, or the case's own check where a judge only says no.
func unless[I any](c vectors.Case[I], err error) []string {
	if err == nil {
		return nil
	}
	return []string{c.Check}
}

// fixed is a board that stands still.
type fixed [][]byte

func (b fixed) Entries(_ context.Context, from, to uint64, f func(uint64, []byte) error) error {
	for i := from; i < to; i++ {
		if i >= uint64(len(b)) {
			return board.ErrOutOfRange
		}
		if err := f(i, b[i]); err != nil {
			return err
		}
	}
	return nil
}

func (b fixed) Chunk(context.Context, board.Hash) ([]byte, error) { return nil, board.ErrNoChunk }

// replayed is the state after some entries, which break no rule.
func replayed(t *testing.T, m *recall.Memory, entries []message.Entry) *rules.State {
	t.Helper()
	var b fixed
	for _, e := range entries {
		raw, err := codec.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		b = append(b, raw)
	}
	s := rules.New(weakness.View{}, b).Remember(m)
	for _, raw := range b {
		fault, err := s.Apply(t.Context(), raw, rules.Full)
		if fault != nil || err != nil {
			t.Fatal(fault, err)
		}
	}
	return s
}

// next plans an entry and returns the check that it fails.
func next(t *testing.T, s *rules.State, e message.Entry) []string {
	t.Helper()
	raw, err := codec.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	step, err := s.Plan(t.Context(), raw, rules.Full)
	if err != nil {
		t.Fatal(err)
	}
	if step.Fault == nil {
		return nil
	}
	return []string{step.Fault.Check}
}

func unsigned(t *testing.T, kind message.Type, context message.Digest, body any) message.Entry {
	t.Helper()
	canonical, err := codec.Encode(body)
	if err != nil {
		t.Fatal(err)
	}
	return message.Entry{Type: kind, Version: message.Version, Context: context, Body: canonical}
}

// states replays the board of each group once.
func states[I any](t *testing.T, m *recall.Memory) func(vectors.Voting) *rules.State {
	known := map[int]*rules.State{}
	return func(c vectors.Voting) *rules.State {
		// boards of one file differ in length or in what they end with
		key := len(c.Board)<<16 + len(c.Board[len(c.Board)-1].Body)
		if known[key] == nil {
			known[key] = replayed(t, m, c.Board)
		}
		return known[key]
	}
}

func TestVectorsOfCasts(t *testing.T) {
	eachWay(t, vectors.Casts, func(m *recall.Memory) func(*testing.T, vectors.Voting, vectors.Case[vectors.CastInput]) []string {
		state := states[vectors.CastInput](t, m)
		return func(t *testing.T, c vectors.Voting, in vectors.Case[vectors.CastInput]) []string {
			return next(t, state(c), unsigned(t, message.TypeCast, c.Election.Fingerprint, in.Input.Cast))
		}
	})
}

func TestVectorsOfChallenges(t *testing.T) {
	state := states[vectors.ChallengeInput](t, nil)
	each(t, vectors.Challenges, func(t *testing.T, c vectors.Voting, in vectors.Case[vectors.ChallengeInput]) []string {
		return next(t, state(c), unsigned(t, message.TypeChallenge, c.Election.Fingerprint, in.Input.Challenge))
	})
}

func TestVectorsOfSubmissions(t *testing.T) {
	eachWay(t, vectors.Submissions, func(m *recall.Memory) func(*testing.T, vectors.Voting, vectors.Case[vectors.SubmissionInput]) []string {
		state := states[vectors.SubmissionInput](t, m)
		return func(t *testing.T, c vectors.Voting, in vectors.Case[vectors.SubmissionInput]) []string {
			return submitted(t, m, state(c), in.Input.Submission)
		}
	})
}

// submitted makes the checks of a submission that need no box.
func submitted(t *testing.T, m *recall.Memory, s *rules.State, submission message.Submission) []string {
	b := submission.Ballot
	canonical, err := codec.Encode(b)
	if err != nil {
		t.Fatal(err)
	}
	h := transcript.BodyDigest(canonical)
	if ok, err := proof.Signed(m, b.Caster.Credential, transcript.PurposeBallotBody, s.Fingerprint(), h, submission.Signature); err != nil || !ok {
		if b.Fingerprint == s.Fingerprint() {
			return []string{"S-16"}
		}
	}
	if _, fault := s.Voting().Ballot(&b); fault != nil {
		return []string{fault.Check}
	}
	voter, listed := s.Voter(b.Caster.Credential)
	if !listed {
		return []string{"V-25"}
	}
	if fault := s.Entitled(voter, &b); fault != nil {
		return []string{fault.Check}
	}
	return nil
}

// beside finds the chunks that lie beside the entry of a case.
type beside struct {
	context vectors.EntryContext
	input   vectors.EntryInput
}

func (b beside) Chunk(_ context.Context, digest board.Hash) ([]byte, error) {
	chunk, ok := b.context.Chunk(b.input, message.Digest(digest))
	if !ok {
		return nil, fmt.Errorf("%w: %w", entry.ErrForm, board.ErrNoChunk)
	}
	return chunk, nil
}

// What an entry says of itself is checked where its type has its place: after
// the manifest, or while voting. Of the others form and signature are checked.
func TestVectorsOfEntries(t *testing.T) {
	casts, err := vectors.Casts()
	if err != nil {
		t.Fatal(err)
	}
	opened := slices.IndexFunc(casts.TestGroups[0].Context.Board, func(e message.Entry) bool { return e.Type == message.TypeOpen })
	prefix := casts.TestGroups[0].Context.Board
	voting, committing := replayed(t, nil, prefix[:opened+1]), replayed(t, nil, prefix[:1])
	each(t, vectors.Entries, func(t *testing.T, c vectors.EntryContext, in vectors.Case[vectors.EntryInput]) []string {
		if voting.Fingerprint() != c.Fingerprint {
			t.Fatal("entries and casts are of two elections")
		}
		e := in.Input.Entry
		raw, err := codec.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		opened, body, err := entry.Open(t.Context(), weakness.View{}, raw, beside{c, in.Input})
		if err != nil {
			return []string{"V-05"}
		}
		switch e.Type {
		case message.TypeDKGCommit:
			return next(t, committing, e)
		case message.TypeParticipation, message.TypeDKGReveal, message.TypeDKGShares, message.TypeCredentials,
			message.TypeElectorate, message.TypeConfirm, message.TypeOpen, message.TypeManifest, message.TypeSeal:
			if fault := rules.Signed(nil, voting.Election(), opened, body); fault != nil {
				return []string{fault.Check}
			}
			if e.Type == message.TypeSeal { // its body is that of another type
				_, err := codec.Decode[message.Seal](body, codec.Limits{})
				return unless(in, err)
			}
			return nil
		}
		return next(t, voting, e)
	})
}

func TestVectorsOfCheckpoints(t *testing.T) {
	eachWay(t, vectors.Checkpoints, func(m *recall.Memory) func(*testing.T, vectors.CheckpointContext, vectors.Case[vectors.CheckpointInput]) []string {
		return func(t *testing.T, c vectors.CheckpointContext, in vectors.Case[vectors.CheckpointInput]) []string {
			key, err := board.NewVerifier(c.Board.Origin, c.Board.Key[:])
			if err != nil {
				t.Fatal(err)
			}
			var witnesses []cosign.Key
			for _, w := range c.Witnesses {
				witnesses = append(witnesses, cosign.Key{Name: w.ID, Public: w.Key[:]})
			}
			q, err := cosign.NewQuorum(key, witnesses, int(c.Quorum))
			if err != nil {
				t.Fatal(err)
			}
			_, err = q.Remembering(m).Open([]byte(in.Input.Note))
			return unless(in, err)
		}
	})
}

// The system's own verifier reads whole records.
func TestVectorsOfRecords(t *testing.T) {
	eachWay(t, vectors.Records, func(m *recall.Memory) func(*testing.T, vectors.RecordContext, vectors.Case[vectors.RecordInput]) []string {
		return func(t *testing.T, c vectors.RecordContext, in vectors.Case[vectors.RecordInput]) []string {
			files, err := c.Record(in.Input)
			if err != nil {
				t.Fatal(err)
			}
			report, err := verify.Record(t.Context(), files, verify.Options{Recall: m})
			if err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, fault := range report.Faults {
				if !slices.Contains(failed, fault.Check) {
					failed = append(failed, fault.Check)
				}
			}
			return failed
		}
	})
}
