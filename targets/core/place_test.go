package core_test

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"scrutineer/harness/verify"
	"scrutineer/protocols/card"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

// How large the election with both channels is. The figures of the
// documentation come from
//
//	go test ./targets/core -run BothChannels -v -args -online 500 -offline 300
var (
	online  = flag.Int("online", 5, "voters who vote online")
	offline = flag.Int("offline", 4, "voters who vote at a polling place")
)

// placeSystem is an election with polling places.
type placeSystem interface {
	system
	targets.Places
	targets.CountCentre
}

func openPlaces(ctx context.Context, t *testing.T, voters int, plant ...string) placeSystem {
	t.Helper()
	d, err := codec.Decode[manage.Draft](draft(t), codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	m := &d.Manifest
	m.Channels = append([]message.Channel{{ID: "hall", Kind: message.ChannelOffline, Opens: 1_700_000_000, Closes: 1_900_000_000}}, m.Channels...)
	m.Contests, m.Weights = m.Contests[:1], []uint64{1}
	m.Styles = []message.Style{{ID: "all", Contests: []string{"council"}}}
	m.Officers = []message.Officer{{ID: "o1"}, {ID: "o2"}, {ID: "o3"}}
	m.Places = []message.Place{{ID: "hall", Title: "Town hall", Units: []string{"north", "south"}, Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}}}
	for _, id := range []string{"d1", "d2"} {
		m.Devices = append(m.Devices, message.Device{ID: id, Place: "hall", Opens: 1_700_000_000, Closes: 1_900_000_000})
	}
	d.Roll = []manage.RollLine{}
	for i := range voters {
		d.Roll = append(d.Roll, manage.RollLine{ID: voterID(i), Style: "all", Unit: []string{"north", "south"}[i%2], Weight: 1})
	}
	raw, err := codec.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	target := core.New(func() time.Time { return time.Unix(1_800_000_000, 0) })
	e, err := target.Open(ctx, targets.Definition{ID: "e", Draft: raw, Seed: "1", Plant: plant})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e.(placeSystem)
}

func voterID(i int) string { return fmt.Sprintf("voter-%04d", i) }

// took fails the test unless an answer is a yes.
func took(t *testing.T, a targets.Answer, err error) targets.Answer {
	t.Helper()
	if err != nil || a.Outcome != targets.OK {
		t.Fatalf("%+v, %v", a, err)
	}
	return a
}

// castOnline casts without the voter's check, which reads the whole board.
func castOnline(ctx context.Context, t *testing.T, e system, id string, choices map[string][]string) {
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
	took(t, a, err)
}

// castAtPlace lets a voter come to the hall, and reads his card.
func castAtPlace(ctx context.Context, t *testing.T, e placeSystem, id, device string, choices map[string][]string) {
	t.Helper()
	a, err := e.CheckIn(ctx, id, device)
	a = took(t, a, err)
	d, err := e.PlaceDevice(ctx, device)
	if err != nil {
		t.Fatal(err)
	}
	a, err = d.Begin(ctx, a.Body)
	took(t, a, err)
	if _, _, err := d.Mark(ctx, choices); err != nil {
		t.Fatal(err)
	}
	a, paper, err := d.Cast(ctx)
	took(t, a, err)
	c, err := card.ReadPNG(paper.PNG)
	if err != nil || !slices.Equal(c.Contests[0].Options, choices["council"]) {
		t.Fatalf("the card of %s: %+v, %v", id, c, err)
	}
}

// carried brings packs and minutes to the count centre, the packs twice and in
// the wrong order.
func carried(ctx context.Context, t *testing.T, e placeSystem, packs [][]byte) {
	t.Helper()
	minutes, err := e.Minutes(ctx, "hall")
	if err != nil {
		t.Fatal(err)
	}
	a, err := e.TakeMinutes(ctx, minutes)
	took(t, a, err)
	for _, p := range slices.Concat(slices.Collect(backward(packs)), packs) {
		a, err := e.TakePack(ctx, p)
		took(t, a, err)
	}
}

func backward(list [][]byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for _, x := range slices.Backward(list) {
			if !yield(x) {
				return
			}
		}
	}
}

// An election with both channels: the result is the truth, and the two voters
// who tried both are found by reconciliation and count once.
func TestBothChannels(t *testing.T) {
	ctx := context.Background()
	n, began := *online+*offline, time.Now()
	e := openPlaces(ctx, t, n)
	options := []string{"ana", "bo", "cleo"}
	truth := make([]uint64, 4)
	choose := func(i int) map[string][]string {
		truth[i%3]++
		return map[string][]string{"council": {options[i%3]}}
	}
	changed := map[string][]string{"council": {"blank"}} // what does not count
	castOnline(ctx, t, e, voterID(0), changed)           // and comes to the hall later
	for i := 1; i < *online; i++ {
		castOnline(ctx, t, e, voterID(i), choose(i))
	}
	var packs [][]byte
	export := func(id string, final bool) {
		d, err := e.PlaceDevice(ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		if final {
			a, err := d.ClosePolls(ctx)
			took(t, a, err)
		}
		a, err := d.Export(ctx)
		packs = append(packs, took(t, a, err).Body)
	}
	for i := *online; i < n; i++ {
		castAtPlace(ctx, t, e, voterID(i), []string{"d1", "d2"}[i%2], choose(i))
		if i == *online+*offline/2 {
			export("d1", false)
		}
	}
	castOnline(ctx, t, e, voterID(n-1), changed) // who was at the hall before
	castAtPlace(ctx, t, e, voterID(0), "d2", choose(0))
	if a, err := e.CheckIn(ctx, voterID(0), "d1"); err != nil || a.Outcome != targets.Refused {
		t.Errorf("a voter is checked in twice: %+v, %v", a, err)
	}
	export("d1", true)
	export("d2", true)
	a, err := e.CloseVoting(ctx)
	took(t, a, err)
	carried(ctx, t, e, packs)
	for _, i := range []int{1, 3} {
		a, found, err := e.Decrypt(ctx, i)
		if took(t, a, err); len(found) > 0 {
			t.Fatalf("trustee %d: %+v", i, found)
		}
	}
	r := result(ctx, t, e)
	if !slices.Equal(r.Contests[0].Totals, truth) {
		t.Errorf("%v, want %v", r.Contests[0].Totals, truth)
	}
	if voids := entriesOf(ctx, t, e, message.TypeVoid); voids != 2 {
		t.Errorf("%d voids, want 2", voids)
	}
	files, err := e.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if found, err := e.VerifyRecord(ctx, files); err != nil || len(found) > 0 {
		t.Errorf("the system's verifier: %+v, %v", found, err)
	}
	report, err := verify.Verify(ctx, record.Memory(files), verify.Options{})
	if err != nil || len(report.Failed()) > 0 {
		t.Errorf("the independent verifier: %v, %v", report.Failed(), err)
	}
	t.Logf("%d voters online, %d at the hall, 2 of them both: totals %v of %v, %d device ballots, %d voids, %v",
		*online, *offline, r.Contests[0].Totals, truth, entriesOf(ctx, t, e, message.TypeDeviceBallot),
		entriesOf(ctx, t, e, message.TypeVoid), time.Since(began).Round(time.Second))
}

// entriesOf counts the entries of a type.
func entriesOf(ctx context.Context, t *testing.T, e system, kind message.Type) (n int) {
	t.Helper()
	raw, err := e.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	entries, err := e.Entries(ctx, 0, st.Size)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range entries {
		if x, err := message.DecodeEntry(raw); err == nil && x.Type == kind {
			n++
		}
	}
	return n
}
