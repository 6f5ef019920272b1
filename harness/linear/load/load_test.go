package load_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/linear"
	"scrutineer/harness/linear/load"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/embedded"
)

const voters = 32

func definition(t *testing.T, seed scrutineer.Seed, plant ...string) (targets.Definition, []string) {
	t.Helper()
	d := scrutineer.Description{
		Origin: "scrutineer.test/linear", Title: "Traffic", Opens: 1_735_689_600, Closes: 4_102_444_800, PollInterval: 60,
		Contests: []message.Contest{scrutineer.Choose("bridge", 0, 1, false, "yes", "no")},
		Trustees: 1, Threshold: 1, Witnesses: 1, Quorum: 1, MinimumCell: 1, Revote: message.RevoteLastCounts,
		Units: []string{"town"}, Weights: []uint64{1}, Styles: []message.Style{{ID: "all", Contests: []string{"bridge"}}},
	}
	draft := manage.Draft{Ceremony: 1, Manifest: d.Draft(scrutineer.Public{
		Trustees:  []message.TrusteeLine{{ID: "t1", Index: 1}},
		Witnesses: []message.WitnessLine{{ID: "w1"}},
	})}
	var names []string
	for i := range voters {
		names = append(names, fmt.Sprintf("voter-%02d", i))
		draft.Roll = append(draft.Roll, manage.RollLine{ID: names[i], Style: "all", Unit: "town", Weight: 1})
	}
	raw, err := codec.Encode(draft)
	if err != nil {
		t.Fatal(err)
	}
	return targets.Definition{ID: "e", Draft: raw, Seed: fmt.Sprintf("%x", seed.Child("target")), Plant: plant}, names
}

// traffic is the check of a box under so many operations.
func traffic(t *testing.T, operations int, plant ...string) linear.Result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	seed := scrutineer.NewSeed(uint64(operations))
	d, names := definition(t, seed, plant...)
	e, err := embedded.New(embedded.Config{Dir: t.TempDir()}).Open(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	h := history.NewRecorder(nil)
	start := time.Now()
	if err := load.Run(ctx, e.(load.Election), load.Config{Voters: names, Operations: operations, Seed: seed, ID: "e", History: h}); err != nil {
		t.Fatal(err)
	}
	played := time.Since(start)
	start = time.Now()
	r := linear.Check(linear.Calls(h.History(), "e"), time.Minute)
	t.Logf("%d operations in %v, looked through in %v", r.Calls, played.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
	if !r.Decided {
		t.Fatal("undecided")
	}
	return r
}

// The box of the reference behaves as one under concurrent casts, revotes,
// repeated and stale decisions, challenges and the close.
func TestTheBoxIsLinearizable(t *testing.T) {
	r := traffic(t, 10_000)
	if r.Calls < 10_000 {
		t.Errorf("only %d operations", r.Calls)
	}
	if r.Broken() {
		t.Errorf("no order explains the history; see %s", draw(t, r))
	}
}

// A box that looks before it leaps does not, and the picture says where.
func TestABrokenBoxIsNot(t *testing.T) {
	r := traffic(t, 300, "weak.cast.checkThenInsert")
	if !r.Broken() {
		t.Fatal("a box that takes two children of one predecessor passes")
	}
	if info, err := os.Stat(draw(t, r)); err != nil || info.Size() < 10_000 {
		t.Errorf("no picture: %v, %v", info, err)
	}
}

func draw(t *testing.T, r linear.Result) string {
	t.Helper()
	name := filepath.Join(t.ArtifactDir(), "linearizability.html")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := r.Picture(f); err != nil {
		t.Fatal(err)
	}
	return name
}
