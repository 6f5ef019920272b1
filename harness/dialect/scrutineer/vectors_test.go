package scrutineer_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
)

// eachVector asks about every case of some checks. The error is that of the
// check that fails.
func eachVector[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), about []error, judge func(C, I) error) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			// Of the decision (V-24), elements and scalars included, the view
			// makes the check.
			if c.Result == vectors.Invalid && !slices.ContainsFunc(about, func(e error) bool { return number(e) == c.Check }) || c.May("V-24") {
				continue
			}
			err := judge(g.Context, c.Input)
			if (err == nil) != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, c.Check, err)
			}
			if err != nil && !slices.ContainsFunc(about, func(e error) bool { return errors.Is(err, e) && c.May(number(e)) }) {
				t.Errorf("%s, tcId %d (%s: %s) is %s %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, c.Check, err)
			}
		}
	}
}

// number is the check that an error of this package begins with.
func number(e error) string {
	n, _, _ := strings.Cut(e.Error(), ":")
	return n
}

// known is the election of a context, as it is computed from the board.
func known(t *testing.T, v vectors.Election) *scrutineer.Election {
	t.Helper()
	root := rootOf(t, v.Credentials)
	e, err := scrutineer.NewElection(&v.Manifest, v.SetupID, v.Commitments, root, uint64(len(v.Credentials)))
	if err != nil {
		t.Fatal(err)
	}
	if e.Fingerprint != v.Fingerprint || e.Key != v.ElectionKey {
		t.Fatalf("fingerprint %s and key %s, the context says %s and %s", e.Fingerprint, e.Key, v.Fingerprint, v.ElectionKey)
	}
	return e
}

func TestVectorsOfBallots(t *testing.T) {
	elections := map[message.Digest]*scrutineer.Election{}
	find := func(v vectors.Voting) *scrutineer.Election {
		if elections[v.Election.Fingerprint] == nil {
			elections[v.Election.Fingerprint] = known(t, v.Election)
		}
		return elections[v.Election.Fingerprint]
	}
	ballots := []error{scrutineer.ErrDecoding, scrutineer.ErrShape, scrutineer.ErrCaster, scrutineer.ErrSelection, scrutineer.ErrSum}
	eachVector(t, vectors.Casts, ballots, func(v vectors.Voting, in vectors.CastInput) error {
		return find(v).CheckBallot(&in.Cast.Ballot, in.Cast.Decision.Credential)
	})
	eachVector(t, vectors.Challenges, []error{scrutineer.ErrDecoding, scrutineer.ErrOpening}, func(v vectors.Voting, in vectors.ChallengeInput) error {
		_, err := find(v).CheckChallenge(&in.Challenge)
		return err
	})
}

func TestVectorsOfCheckpoints(t *testing.T) {
	eachVector(t, vectors.Checkpoints, []error{scrutineer.ErrCheckpoint}, func(c vectors.CheckpointContext, in vectors.CheckpointInput) error {
		_, err := scrutineer.OpenCheckpoint(&message.Manifest{Board: c.Board, Quorum: c.Quorum, Witnesses: c.Witnesses}, []byte(in.Note))
		return err
	})
}

// rootOf is the credential root of S-07.
func rootOf(t *testing.T, list []message.Credential) message.Digest {
	t.Helper()
	var leaves [][]byte
	for _, c := range list {
		leaf, err := codec.Encode(c)
		if err != nil {
			t.Fatal(err)
		}
		leaves = append(leaves, leaf)
	}
	return scrutineer.TreeRoot(leaves)
}
