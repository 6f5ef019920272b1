package core_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

// draft is a small election: two contests, two units, five voters.
func draft(t *testing.T) []byte {
	t.Helper()
	d := manage.Draft{Ceremony: 1, Manifest: message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "Test", Test: true,
		Board:    message.Board{Origin: "scrutineer.test/core"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_700_000_000, Closes: 1_900_000_000}},
		Contests: []message.Contest{
			{ID: "council", Kind: message.KindHomomorphic, Min: 0, Max: 2, Blank: true, Title: "Council",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 2},
				Options: []message.Option{{ID: "ana", Title: "Ana"}, {ID: "bo", Title: "Bo"}, {ID: "cleo", Title: "Cleo"}}},
			{ID: "bridge", Kind: message.KindHomomorphic, Min: 0, Max: 2, Title: "Bridge",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 1},
				Options: []message.Option{{ID: "yes", Title: "Yes"}, {ID: "no", Title: "No"}}},
		},
		Styles:      []message.Style{{ID: "all", Contests: []string{"council", "bridge"}}, {ID: "some", Contests: []string{"council"}}},
		Units:       []message.Unit{{ID: "north", Title: "North"}, {ID: "south", Title: "South"}},
		Weights:     []uint64{1, 3},
		MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}}
	for i := 1; i <= 3; i++ {
		d.Manifest.Trustees = append(d.Manifest.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
		d.Manifest.Witnesses = append(d.Manifest.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
	}
	for i := range 5 {
		line := manage.RollLine{ID: fmt.Sprintf("voter-%d", i), Style: "all", Unit: "north", Weight: 1}
		if i >= 3 {
			line.Style, line.Unit, line.Weight = "some", "south", 3
		}
		d.Roll = append(d.Roll, line)
	}
	raw, err := codec.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type system interface {
	targets.Election
	targets.Voters
	targets.Trustees
	targets.BoardReader
	targets.Closer
	targets.Verifier
}

func open(ctx context.Context, t *testing.T, plant ...string) system {
	t.Helper()
	target := core.New(func() time.Time { return time.Unix(1_800_000_000, 0) })
	e, err := target.Open(ctx, targets.Definition{ID: "e", Draft: draft(t), Seed: "1", Plant: plant})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e.(system)
}

func cast(ctx context.Context, t *testing.T, e system, id string, choices map[string][]string) {
	t.Helper()
	v, err := e.Voter(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	handle, _, err := v.Encrypt(ctx, choices)
	if err != nil {
		t.Fatal(err)
	}
	a, err := v.Cast(ctx, handle)
	if err != nil || a.Outcome != targets.OK {
		t.Fatalf("cast by %s: %+v, %v", id, a, err)
	}
	found, err := v.Check(ctx)
	if err != nil || len(found) > 0 {
		t.Fatalf("check by %s: %+v, %v", id, found, err)
	}
}

func TestHonestElection(t *testing.T) {
	ctx := context.Background()
	e := open(ctx, t)
	cast(ctx, t, e, "voter-0", map[string][]string{"council": {"ana", "bo"}, "bridge": {"yes"}})
	cast(ctx, t, e, "voter-1", map[string][]string{"council": {"blank"}})
	cast(ctx, t, e, "voter-0", map[string][]string{"council": {"ana"}, "bridge": {"no"}})
	cast(ctx, t, e, "voter-3", map[string][]string{"council": {"cleo"}})
	v, err := e.Voter(ctx, "voter-2")
	if err != nil {
		t.Fatal(err)
	}
	handle, _, err := v.Encrypt(ctx, map[string][]string{"council": {"bo"}})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := v.Challenge(ctx, handle); err != nil || a.Outcome != targets.OK {
		t.Fatalf("challenge: %+v, %v", a, err)
	}
	if a, err := e.CloseVoting(ctx); err != nil || a.Outcome != targets.OK {
		t.Fatalf("close: %+v, %v", a, err)
	}
	for _, i := range []int{1, 3} {
		a, found, err := e.Decrypt(ctx, i)
		if err != nil || a.Outcome != targets.OK || len(found) > 0 {
			t.Fatalf("trustee %d: %+v, %+v, %v", i, a, found, err)
		}
	}
	record, err := e.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	found, err := e.VerifyRecord(ctx, record)
	if err != nil || len(found) > 0 {
		t.Fatalf("verify: %+v, %v", found, err)
	}
	r := result(ctx, t, e)
	want := map[string][]uint64{"council": {1, 0, 3, 1}, "bridge": {0, 1}}
	for _, c := range r.Contests {
		if fmt.Sprint(c.Totals) != fmt.Sprint(want[c.Contest]) {
			t.Errorf("%s: %v, want %v", c.Contest, c.Totals, want[c.Contest])
		}
	}
}

func result(ctx context.Context, t *testing.T, e system) message.Result {
	t.Helper()
	raw, err := e.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := e.Entries(ctx, st.Size-1, st.Size)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := codec.Decode[message.Entry](entries[0], codec.Limits{})
	if err != nil || entry.Type != message.TypeResult {
		t.Fatalf("the last entry is a %s: %v", entry.Type, err)
	}
	r, err := codec.Decode[message.Result](entry.Body, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestEveryByteOfTheRecord changes bytes of every file: the system's own
// verifier must notice each.
func TestEveryByteOfTheRecord(t *testing.T) {
	ctx := context.Background()
	e := open(ctx, t)
	cast(ctx, t, e, "voter-0", map[string][]string{"council": {"ana"}})
	if _, err := e.CloseVoting(ctx); err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{2, 3} {
		if _, _, err := e.Decrypt(ctx, i); err != nil {
			t.Fatal(err)
		}
	}
	record, err := e.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for path, content := range record {
		for at := 0; at < len(content); at += 1 + len(content)/9 {
			content[at] ^= 1
			found, err := e.VerifyRecord(ctx, record)
			if err != nil {
				t.Fatal(err)
			}
			if len(found) == 0 {
				t.Errorf("%s: byte %d changed, and nothing found", path, at)
			}
			content[at] ^= 1
			tried++
		}
	}
	if tried < 20 {
		t.Fatalf("%d places tried", tried)
	}
}
