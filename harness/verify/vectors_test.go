package verify_test

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/head"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
)

// eachVector asks about every case of a file. Judge returns the checks that
// fail; nothing means that the input is accepted.
func eachVector[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), judge func(C, vectors.Case[I]) ([]string, error)) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			failed, err := judge(g.Context, c)
			if err != nil {
				t.Fatalf("%s, tcId %d: %v", f.Kind, c.TcID, err)
			}
			if problem := disagrees(c, failed); problem != "" {
				t.Errorf("%s, tcId %d (%s: %s) is %s %s %s: %s", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, c.Check, c.Also, problem)
			}
		}
	}
}

// disagrees says where the checks that failed are not those of the case.
func disagrees[I any](c vectors.Case[I], failed []string) string {
	if c.Result == vectors.Valid {
		if len(failed) > 0 {
			return fmt.Sprintf("%s failed", failed)
		}
		return ""
	}
	if !slices.Contains(failed, c.Check) {
		return fmt.Sprintf("%s failed, %s did not", failed, c.Check)
	}
	for _, check := range failed {
		if !c.May(check) {
			return fmt.Sprintf("%s failed too", check)
		}
	}
	return ""
}

func TestVectorsOfRecords(t *testing.T) {
	eachVector(t, vectors.Records, func(ctx vectors.RecordContext, c vectors.Case[vectors.RecordInput]) ([]string, error) {
		files, err := ctx.Record(c.Input)
		if err != nil {
			return nil, err
		}
		report, err := verify.Verify(context.Background(), files, verify.Options{Workers: 2})
		if err != nil {
			return nil, err
		}
		failed := []string{}
		for _, check := range report.Failed() {
			failed = append(failed, check.String())
		}
		if report.Passed != (len(failed) == 0) {
			t.Errorf("tcId %d: passed %t with %s failed", c.TcID, report.Passed, failed)
		}
		return failed, nil
	})
}

// accepted is for judges that say yes or no: no is the case's own check.
func accepted[I any](c vectors.Case[I], ok bool) ([]string, error) {
	if ok {
		return nil, nil
	}
	return []string{c.Check}, nil
}

func TestVectorsOfTheGroup(t *testing.T) {
	eachVector(t, vectors.Elements, func(_ vectors.None, c vectors.Case[vectors.Encoding]) ([]string, error) {
		if len(c.Input.Encoding) != point.Size {
			return []string{c.Check}, nil // the type of Decode's argument refuses it
		}
		_, ok := point.Decode([point.Size]byte(c.Input.Encoding))
		return accepted(c, ok)
	})
	eachVector(t, vectors.Scalars, func(_ vectors.None, c vectors.Case[vectors.Encoding]) ([]string, error) {
		if len(c.Input.Encoding) != point.Size {
			return []string{c.Check}, nil
		}
		_, ok := point.ParseScalar([point.Size]byte(c.Input.Encoding))
		return accepted(c, ok)
	})
}

func TestVectorsOfTranscripts(t *testing.T) {
	eachVector(t, vectors.Transcripts, func(ctx vectors.TranscriptContext, c vectors.Case[vectors.TranscriptInput]) ([]string, error) {
		text := challenge.Start(ctx.Label)
		for _, f := range c.Input.Fields {
			var err error
			if text, err = addField(text, f); err != nil {
				return nil, err
			}
		}
		scalar := text.Scalar()
		return accepted(c, text.Sum() == c.Input.Digest && scalar.Bytes() == c.Input.Challenge)
	})
}

func addField(text challenge.Text, f vectors.Field) (challenge.Text, error) {
	switch f.Type {
	case "string":
		return text.Str(f.Value), nil
	case "uint":
		n, err := strconv.ParseUint(f.Value, 10, 64)
		return text.Uint(n), err
	case "list":
		n, err := strconv.Atoi(f.Value)
		return text.List(n), err
	}
	b, err := hex.DecodeString(f.Value)
	if err != nil || f.Type != "bytes" && len(b) != 32 {
		return text, fmt.Errorf("field %s %s: %w", f.Type, f.Value, err)
	}
	switch f.Type {
	case "point":
		return text.Pt([32]byte(b)), nil
	case "scalar":
		return text.Sc([32]byte(b)), nil
	case "digest":
		return text.Dig([32]byte(b)), nil
	}
	return text.Bytes(b), nil
}

func TestVectorsOfTrackers(t *testing.T) {
	eachVector(t, vectors.Trackers, func(_ vectors.None, c vectors.Case[vectors.TrackerInput]) ([]string, error) {
		b := c.Input.Ballot
		caster := challenge.Caster(b.Caster.Credential)
		hct := challenge.Ciphertexts(b.Fingerprint, b.Style, b.Contests)
		hpr := challenge.Proofs(caster, b.Contests)
		return accepted(c, caster == c.Input.Caster && hct == c.Input.Ciphertexts && hpr == c.Input.Proofs &&
			challenge.Tracker(b.Fingerprint, b.Style, hct, hpr) == c.Input.Tracker)
	})
}

func TestVectorsOfCheckpoints(t *testing.T) {
	eachVector(t, vectors.Checkpoints, func(ctx vectors.CheckpointContext, c vectors.Case[vectors.CheckpointInput]) ([]string, error) {
		keys := head.Keys{Origin: ctx.Board.Origin, Board: ctx.Board.Key, Quorum: ctx.Quorum}
		for _, w := range ctx.Witnesses {
			keys.Witnesses = append(keys.Witnesses, head.Witness{ID: w.ID, Key: w.Key})
		}
		h, err := head.Parse([]byte(c.Input.Note))
		if err != nil {
			return accepted(c, false)
		}
		_, problems := h.Check(keys)
		return accepted(c, len(problems) == 0)
	})
}

// alone are the checks of a ballot that ask nothing of the rest of the board.
func alone(check string) bool {
	return !slices.Contains([]string{"V-22", "V-26", "V-27", "V-29"}, check)
}

func checks(findings []verify.Finding) []string {
	failed := []string{}
	for _, f := range findings {
		if number := f.Check.String(); !slices.Contains(failed, number) {
			failed = append(failed, number)
		}
	}
	return failed
}

// openSetup is the setup of a board that has been opened.
func openSetup(v vectors.Voting) (*verify.Setup, error) {
	entries := func(yield func([]byte, error) bool) {
		for _, e := range v.Board {
			raw, err := codec.Encode(e)
			if !yield(raw, err) {
				return
			}
		}
	}
	s, findings, err := verify.OpenSetup(entries, nil)
	if err != nil || len(findings) > 0 || s == nil || s.Fingerprint() != v.Election.Fingerprint {
		return nil, fmt.Errorf("the board of the context does not open: %v, %w", findings, err)
	}
	return s, nil
}

// Of what asks for the rest of the board, that it is there is all that is
// asked here; records have those cases.
func TestVectorsOfBallots(t *testing.T) {
	setups := map[message.Digest]*verify.Setup{}
	setup := func(v vectors.Voting) (*verify.Setup, error) {
		var err error
		if setups[v.Election.Fingerprint] == nil {
			setups[v.Election.Fingerprint], err = openSetup(v)
		}
		return setups[v.Election.Fingerprint], err
	}
	eachVector(t, vectors.Casts, func(v vectors.Voting, c vectors.Case[vectors.CastInput]) ([]string, error) {
		s, err := setup(v)
		if err != nil || c.Result == vectors.Invalid && !alone(c.Check) {
			return []string{c.Check}, err
		}
		return checks(s.CheckCast(&c.Input.Cast)), nil
	})
	eachVector(t, vectors.Challenges, func(v vectors.Voting, c vectors.Case[vectors.ChallengeInput]) ([]string, error) {
		s, err := setup(v)
		if err != nil || c.Result == vectors.Invalid && !alone(c.Check) {
			return []string{c.Check}, err
		}
		return checks(s.CheckChallenge(&c.Input.Challenge)), nil
	})
}

// The verifier looks at signature and election; whose decision it was is for
// its caller to compare.
func TestVectorsOfAnswers(t *testing.T) {
	casts, err := vectors.Casts()
	if err != nil {
		t.Fatal(err)
	}
	s, err := openSetup(casts.TestGroups[0].Context)
	if err != nil {
		t.Fatal(err)
	}
	eachVector(t, vectors.Receipts, func(ctx vectors.ReceiptContext, c vectors.Case[vectors.ReceiptInput]) ([]string, error) {
		r := c.Input.Receipt
		mine := r.Decision == ctx.Decision && r.Tracker == ctx.Tracker && r.Credential == ctx.Credential
		return accepted(c, mine && ctx.BoardKey == s.Manifest().Board.Key && s.CheckReceipt(&r))
	})
	eachVector(t, vectors.Refusals, func(ctx vectors.ReceiptContext, c vectors.Case[vectors.RefusalInput]) ([]string, error) {
		r := c.Input.Refusal
		if slices.Contains(c.Flags, "UnknownVariant") {
			return []string{c.Check}, nil // the verifier asks for no reasons
		}
		return accepted(c, r.Decision == ctx.Decision && s.CheckRefusal(&r))
	})
}
