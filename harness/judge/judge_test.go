package judge

import (
	"context"
	"reflect"
	"strings"
	"testing"

	"scrutineer/harness/action"
	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/verify"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// fields lists the names of all fields that a type reaches.
func fields(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var out []string
	for i := range t.NumField() {
		out = append(append(out, t.Field(i).Name), fields(t.Field(i).Type, seen)...)
	}
	return out
}

// The judge has no field from which it could know what is planted.
func TestTheJudgeCannotKnow(t *testing.T) {
	names := fields(reflect.TypeFor[Input](), map[reflect.Type]bool{})
	if len(names) < 20 {
		t.Fatalf("only %v", names)
	}
	for _, name := range names {
		for _, word := range []string{"plant", "weak", "switch", "judgement", "runkind"} {
			if strings.Contains(strings.ToLower(name), word) {
				t.Errorf("the judge has a field %s", name)
			}
		}
	}
}

// world is a board with one cast at index 1.
func world(t *testing.T) (*board, scrutineer.Authority, message.Decision) {
	t.Helper()
	seed := scrutineer.NewSeed(1)
	d := scrutineer.Description{Opens: 1, Contests: []message.Contest{scrutineer.Choose("c", 0, 1, false, "a", "b")}}
	keys := d.Keys(seed)
	m, err := d.Manifest(keys.Public())
	if err != nil {
		t.Fatal(err)
	}
	made := func(tracker byte) message.Decision {
		d, err := seed.Credential("v").Decide(message.Digest{1}, message.Digest{tracker}, message.None, seed.Stream("v"))
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	kept := made(2)
	body, err := codec.Encode(message.Cast{Decision: kept, Ballot: message.Ballot{Contests: []message.BallotContest{}}})
	if err != nil {
		t.Fatal(err)
	}
	b := &board{manifest: &m, size: 3, entries: []message.Entry{{Type: message.TypeManifest}, {Type: message.TypeCast}, {Type: message.TypeSeal}},
		bodies: [][]byte{nil, body, nil}}
	return b, scrutineer.Authority{Key: keys.Authority, Board: keys.Board}, kept
}

// A voter's alarm convinces others only where the board signed a promise that
// it did not keep.
func TestBrokenPromises(t *testing.T) {
	b, authority, kept := world(t)
	other := kept
	other.Tracker = message.Digest{9}
	election := &scrutineer.Election{Fingerprint: message.Digest{1}}
	receipt := func(d message.Decision, index uint64, change func(*message.Receipt)) []byte {
		r, err := authority.Receipt(election, d, index)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(&r)
		}
		raw, err := codec.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, c := range map[string]struct {
		file []byte
		want bool
	}{
		"kept":                        {receipt(kept, 1, nil), false},
		"another ballot stands there": {receipt(other, 1, nil), true},
		"no ballot stands there":      {receipt(kept, 2, nil), true},
		"beyond the board":            {receipt(other, 3, nil), false},
		"not signed":                  {receipt(other, 1, func(r *message.Receipt) { r.Signature = message.Signature{} }), false},
		"index changed":               {receipt(kept, 1, func(r *message.Receipt) { r.Index = 2 }), false},
		"no receipt":                  {[]byte(`{"trust":"me"}`), false},
	} {
		p := proofs{board: b, in: Input{Evidence: func(string) ([]byte, error) { return c.file, nil }}}
		f := event.Finding{Role: "voter", ThirdParty: true, Evidence: &event.Evidence{File: "receipt"}}
		if got := p.convince(f); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
		f.Evidence = nil
		if p.convince(f) {
			t.Errorf("%s: convinces without a file", name)
		}
	}
	// Others are believed where the independent verifier sees the same.
	p := proofs{board: b, checks: []string{"V-20"}}
	for check, want := range map[string]bool{"V-20": true, "V-21": false} {
		if got := p.convince(event.Finding{Role: "trustee", Check: check}); got != want {
			t.Errorf("a trustee's %s: %t", check, got)
		}
	}
}

// What a run was not able to show is in the facts.
func TestStepsThatFailed(t *testing.T) {
	r := history.NewRecorder(nil)
	for _, code := range []string{action.CodeMissing + ":insider", action.CodeMissing + ":insider", action.CodeTarget} {
		r.Invoke(event.Operation{Actor: "plan", Op: action.OpStep}).Unknown(func(o *event.Operation) { o.Code, o.Message = code, "why" })
	}
	o, err := Judge(context.Background(), Input{History: r.History()})
	if err != nil || len(o.Facts.Missing) != 1 || o.Facts.Missing[0] != "insider" || o.Facts.Broken != "why" {
		t.Errorf("%+v %v", o.Facts, err)
	}
}

// A refusal is told once, however often it was said.
func TestRefusals(t *testing.T) {
	r := history.NewRecorder(nil)
	for range 3 {
		r.Invoke(event.Operation{Actor: "authority", Role: "authority", Op: action.OpRefuse}).
			OK(func(o *event.Operation) { o.Code, o.Message = "V-20", "no proof" })
	}
	o, err := Judge(context.Background(), Input{History: r.History()})
	if err != nil || len(o.Facts.Refusals) != 1 || o.Facts.Refusals[0].Role != "authority" || o.Facts.Refusals[0].Check != "V-20" {
		t.Errorf("%+v %v", o.Facts, err)
	}
}

// A file that holds something else than its head covers is wrong whenever the
// run was judged, and though nobody can say then whether there was an opening.
func TestFilesAreNeverEarly(t *testing.T) {
	r := &verify.Report{Ending: verify.Incomplete, Findings: []verify.Finding{{Check: verify.Tree}, {Check: verify.Files}}}
	if before, after := rejected(r, nil); len(before) != 0 || len(after) != 1 || after[0].Check != verify.Tree.String() {
		t.Errorf("%v, %v", before, after)
	}
}
