package verify_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"scrutineer/harness/verify"
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
