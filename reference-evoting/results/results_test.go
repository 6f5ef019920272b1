package results_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"
	"time"

	"go.dedis.ch/kyber/v3"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/rules"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

const seed = "results"

// held is an election with three votes for Ana and one for Bo, closed; decrypted
// by the trustees that are named.
func held(t *testing.T, release uint64, trustees ...int) targets.Election {
	t.Helper()
	d := scrutineer.Description{Contests: []message.Contest{scrutineer.Choose("mayor", 0, 1, false, "ana", "bo")},
		Opens: 1_735_689_600, Closes: 4_102_444_800, PollInterval: 60, Release: release}
	draft := manage.Draft{Ceremony: 1, Roll: []manage.RollLine{}}
	public := scrutineer.Public{}
	for i := range uint64(3) {
		public.Trustees = append(public.Trustees, message.TrusteeLine{ID: "t" + string(rune('1'+i)), Index: i + 1})
		public.Witnesses = append(public.Witnesses, message.WitnessLine{ID: "w" + string(rune('1'+i))})
	}
	draft.Manifest = d.Draft(public)
	voters := map[string]string{"v1": "ana", "v2": "ana", "v3": "ana", "v4": "bo"}
	for id := range voters {
		draft.Roll = append(draft.Roll, manage.RollLine{ID: id, Style: "all", Unit: "main", Weight: 1})
	}
	raw, err := codec.Encode(draft)
	if err != nil {
		t.Fatal(err)
	}
	e, err := core.New(time.Now).Open(t.Context(), targets.Definition{ID: "results", Draft: raw, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	for id, option := range voters {
		v, err := e.(targets.Voters).Voter(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		handle, _, err := v.Encrypt(t.Context(), map[string][]string{"mayor": {option}})
		if err != nil {
			t.Fatal(err)
		}
		if a, err := v.Cast(t.Context(), handle); err != nil || a.Outcome != targets.OK {
			t.Fatal(a, err)
		}
	}
	if a, err := e.(targets.Closer).CloseVoting(t.Context()); err != nil || a.Outcome != targets.OK {
		t.Fatal(a, err)
	}
	for _, i := range trustees {
		if a, _, err := e.(targets.Trustees).Decrypt(t.Context(), i); err != nil || a.Outcome != targets.OK {
			t.Fatal(a, err)
		}
	}
	return e
}

// exported is the record, as it stands when the authority is gone.
func exported(t *testing.T, e targets.Election) record.Memory {
	t.Helper()
	files, err := e.(targets.BoardReader).Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	return files
}

func media(ids ...string) map[string]kyber.Scalar {
	out := map[string]kyber.Scalar{}
	for _, id := range ids {
		out[id] = keys.Seed(seed).Decryption(id)
	}
	return out
}

// The authority is gone after the seal, before anybody decrypted: the record
// and any two trustees give the result.
func TestRecoverWithoutAnAuthority(t *testing.T) {
	files := exported(t, held(t, 0))
	for _, ids := range [][]string{{"t1", "t2"}, {"t1", "t3"}, {"t2", "t3"}, {"t1", "t2", "t3"}} {
		out, err := results.Recover(t.Context(), files, message.Digest{}, media(ids...))
		if err != nil {
			t.Fatalf("%v: %v", ids, err)
		}
		if got := out.Result.Contests[0].Totals; len(got) != 2 || got[0] != 3 || got[1] != 1 || out.Published != nil {
			t.Errorf("%v: %v, %v", ids, got, out.Published)
		}
	}
}

func TestRecoverAgreesWithTheRecord(t *testing.T) {
	files := exported(t, held(t, 0, 1, 2))
	out, err := results.Recover(t.Context(), files, message.Digest{}, media("t2", "t3"))
	if err != nil || out.Published == nil || results.Differs(out.Result, *out.Published) != "" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestRecoverRefuses(t *testing.T) {
	files := exported(t, held(t, 0))
	other := media("t1")
	other["t2"] = keys.Seed("another").Decryption("t2")
	stranger := media("t1")
	stranger["t9"] = keys.Seed(seed).Decryption("t9")
	for name, c := range map[string]struct {
		media map[string]kyber.Scalar
		want  error
	}{
		"one of two": {media("t1"), rules.ErrTooFew}, "another's key": {other, rules.ErrNotHis}, "no trustee": {stranger, rules.ErrNotHis},
	} {
		if out, err := results.Recover(t.Context(), files, message.Digest{}, c.media); !errors.Is(err, c.want) || out.Result.Contests != nil {
			t.Errorf("%s: %v, %+v", name, err, out.Result)
		}
	}
	for path := range files {
		p, err := record.Parse(path)
		if err == nil && p.Kind == record.KindEntries {
			files[path][len(files[path])/2] ^= 1
		}
	}
	if _, err := results.Recover(t.Context(), files, message.Digest{}, media("t1", "t2")); !errors.Is(err, results.ErrRecord) {
		t.Errorf("a record that was changed: %v", err)
	}
}

// Before results are out, what a channel answers tells nothing.
func TestNothingIsOutBeforeItsTime(t *testing.T) {
	e := held(t, 4_102_444_800, 1, 2)
	c := e.(targets.Channels)
	for _, channel := range message.Channels() {
		never, err := c.ReadChannel(t.Context(), channel, "/no-such-thing")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{results.PathPage, results.PathResult, "/staging/unit-main.json"} {
			if got, err := c.ReadChannel(t.Context(), channel, path); err != nil || got.Status != 404 || string(got.Body) != string(never.Body) {
				t.Errorf("%s %s: %d %s, %v", channel, path, got.Status, got.Body, err)
			}
		}
	}
}

// Both channels show the record's result, each under its own key.
func TestChannelsAgree(t *testing.T) {
	e := held(t, 1, 1, 3)
	if found, err := e.(targets.Channels).WatchChannels(t.Context()); err != nil || len(found) > 0 {
		t.Fatal(found, err)
	}
	digests := map[message.Digest]bool{}
	for _, channel := range message.Channels() {
		got, err := e.(targets.Channels).ReadChannel(t.Context(), channel, results.PathResult)
		if err != nil {
			t.Fatal(err)
		}
		p, err := codec.Decode[message.Publication](got.Body, codec.Limits{Size: 1 << 20})
		if err != nil || p.Statement.Channel != channel || p.Result.Contests[0].Totals[0] != 3 {
			t.Fatalf("%s, %v", got.Body, err)
		}
		digests[p.Statement.Digest] = true
	}
	if len(digests) != 1 {
		t.Errorf("%d digests", len(digests))
	}
}

// A unit that has no polling place, or whose officers have not signed, gives no
// unit result.
func TestUnitResultsAreRefused(t *testing.T) {
	e := held(t, 1)
	for name, upload := range map[string]any{
		"no place":   message.UnitUpload{Result: message.UnitResult{Contests: []message.UnitTotals{}, Unit: "main"}},
		"a password": message.UnitUpload{Password: "wahl", Result: message.UnitResult{Contests: []message.UnitTotals{}, Unit: "main"}},
	} {
		raw, err := codec.Encode(upload)
		if err != nil {
			t.Fatal(err)
		}
		a, err := e.(targets.Submitter).Submit(t.Context(), "unit-result", raw)
		if err != nil || a.Outcome != targets.Refused {
			t.Errorf("%s: %+v, %v", name, a, err)
		}
	}
}

// A notice is shown where it continues the chain, and waits where it comes too
// early; what is not the body's is not shown.
func TestNotices(t *testing.T) {
	e := held(t, 1)
	first, second := notice(t, e), notice(t, e)
	v, err := e.(targets.Voters).Voter(t.Context(), "v1")
	if err != nil {
		t.Fatal(err)
	}
	show := func(raw []byte) int {
		shown, err := v.(targets.Informed).ShowNotice(context.Background(), raw)
		var objection *targets.Objection
		if err != nil && !errors.As(err, &objection) {
			t.Fatal(err)
		}
		return len(shown)
	}
	forged, err := codec.Decode[message.BodyNotice](first, codec.Limits{Size: 1 << 16})
	if err != nil {
		t.Fatal(err)
	}
	forged.Text = "The polls have closed."
	changed, _ := codec.Encode(forged)
	one := ed25519.NewKeyFromSeed(make([]byte, 32))
	alone, err := scrutineer.NoticeAs(forged, []string{"o1", "o1"}, []ed25519.PrivateKey{one, one})
	if err != nil {
		t.Fatal(err)
	}
	twice, _ := codec.Encode(alone)
	for i, step := range []struct {
		raw  []byte
		want int
	}{{changed, 0}, {twice, 0}, {[]byte("{}"), 0}, {second, 0}, {first, 2}, {first, 0}, {second, 0}} {
		if got := show(step.raw); got != step.want {
			t.Errorf("step %d: %d notices shown, want %d", i, got, step.want)
		}
	}
}

func notice(t *testing.T, e targets.Election) []byte {
	t.Helper()
	raw, err := e.(targets.Announcer).PostNotice(t.Context(), "text")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
