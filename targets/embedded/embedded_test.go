package embedded_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/targets"
	"scrutineer/targets/embedded"
	"scrutineer/targets/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// draft is a small election: one contest, three voters.
func draft() manage.Draft {
	d := manage.Draft{Ceremony: 1, Manifest: message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "Test", Test: true,
		Board:    message.Board{Origin: "scrutineer.test/embedded"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_700_000_000, Closes: 4_000_000_000}},
		Contests: []message.Contest{{
			ID: "bridge", Kind: message.KindHomomorphic, Min: 0, Max: 1, Title: "Bridge",
			Method:  message.Method{Kind: message.MethodPlurality, Seats: 1},
			Options: []message.Option{{ID: "yes", Title: "Yes"}, {ID: "no", Title: "No"}},
		}},
		Styles:      []message.Style{{ID: "all", Contests: []string{"bridge"}}},
		Units:       []message.Unit{{ID: "town", Title: "Town"}},
		Weights:     []uint64{1},
		MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}}
	for i := 1; i <= 3; i++ {
		d.Manifest.Trustees = append(d.Manifest.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
		d.Manifest.Witnesses = append(d.Manifest.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
		d.Roll = append(d.Roll, manage.RollLine{ID: fmt.Sprintf("voter-%d", i), Style: "all", Unit: "town", Weight: 1})
	}
	return d
}

func definition(t testing.TB, seed string, change ...func(*manage.Draft)) targets.Definition {
	t.Helper()
	d := draft()
	for _, f := range change {
		f(&d)
	}
	raw, err := codec.Encode(d)
	if err != nil {
		t.Fatal(err)
	}
	return targets.Definition{ID: "election-" + seed, Draft: raw, Seed: seed}
}

// system is what an election can do.
type system interface {
	targets.Election
	targets.BoardReader
	targets.Closer
	targets.Trustees
	targets.Verifier
	targets.Voters
}

func open(ctx context.Context, target targets.Target, d targets.Definition) (system, error) {
	e, err := target.Open(ctx, d)
	if err != nil {
		return nil, err
	}
	return e.(system), nil
}

// hold holds a whole election in which two of three vote yes.
func hold(ctx context.Context, target targets.Target, d targets.Definition) (err error) {
	e, err := open(ctx, target, d)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	for voter, choice := range map[string]string{"voter-1": "yes", "voter-2": "no", "voter-3": "yes"} {
		if err := vote(ctx, e, voter, choice); err != nil {
			return err
		}
	}
	if a, err := e.CloseVoting(ctx); err != nil || a.Outcome != targets.OK {
		return fmt.Errorf("close: %+v: %w", a, err)
	}
	for _, i := range []int{1, 3} {
		if a, found, err := e.Decrypt(ctx, i); err != nil || a.Outcome != targets.OK || len(found) > 0 {
			return fmt.Errorf("trustee %d: %+v, %+v: %w", i, a, found, err)
		}
	}
	record, err := e.Record(ctx)
	if err != nil {
		return err
	}
	if found, err := e.VerifyRecord(ctx, record); err != nil || len(found) > 0 {
		return fmt.Errorf("verify: %+v: %w", found, err)
	}
	return published(ctx, e)
}

func vote(ctx context.Context, e system, voter, choice string) error {
	v, err := e.Voter(ctx, voter)
	if err != nil {
		return err
	}
	handle, _, err := v.Encrypt(ctx, map[string][]string{"bridge": {choice}})
	if err != nil {
		return err
	}
	if a, err := v.Cast(ctx, handle); err != nil || a.Outcome != targets.OK {
		return fmt.Errorf("cast by %s: %+v: %w", voter, a, err)
	}
	if found, err := v.Check(ctx); err != nil || len(found) > 0 {
		return fmt.Errorf("check by %s: %+v: %w", voter, found, err)
	}
	return nil
}

func published(ctx context.Context, e system) error {
	raw, err := e.Info(ctx)
	if err != nil {
		return err
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil || st.Phase != message.PhasePublished {
		return fmt.Errorf("phase %s: %w", st.Phase, err)
	}
	entries, err := e.Entries(ctx, st.Size-1, st.Size)
	if err != nil {
		return err
	}
	last, err := codec.Decode[message.Entry](entries[0], codec.Limits{})
	if err != nil {
		return err
	}
	r, err := codec.Decode[message.Result](last.Body, codec.Limits{})
	if err != nil || fmt.Sprint(r.Contests[0].Totals) != "[2 1]" {
		return fmt.Errorf("%+v: %w", r, err)
	}
	return nil
}

// Each election has a folder, keys, roles and weaknesses of its own, and
// leaves nothing.
func TestManyElectionsAtOnce(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir := t.TempDir()
	target := embedded.New(embedded.Config{Dir: dir})
	var wg sync.WaitGroup
	for i := range 32 {
		d := definition(t, fmt.Sprint(i))
		if i%3 == 0 {
			d.Plant = []string{"weak.bb.noWeeding", "weak.receipt.noPromise"}
		}
		wg.Go(func() {
			if err := hold(ctx, target, d); err != nil {
				t.Errorf("election %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestOpenEndsWithItsCaller(t *testing.T) {
	dir := t.TempDir()
	target := embedded.New(embedded.Config{Dir: dir})
	d := definition(t, "1")
	d.Harness = []string{"trustee/2"} // and nobody plays him
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := target.Open(ctx, d)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestACeremonyThatStandsStillIsNotSetUp(t *testing.T) {
	target := embedded.New(embedded.Config{Dir: t.TempDir(), Client: wire.Limits{Stall: 500 * time.Millisecond}})
	d := definition(t, "1")
	d.Harness = []string{"trustee/2"}
	if _, err := target.Open(t.Context(), d); !errors.Is(err, targets.ErrSetup) {
		t.Errorf("%v", err)
	}
}

// A server that has a commitment of its own in a trustee's name is found out
// by that trustee.
func TestATrusteeThatRefuses(t *testing.T) {
	ctx := t.Context()
	target := embedded.New(embedded.Config{Dir: t.TempDir()})
	d := definition(t, "7")
	d.Await = "posted"
	e, err := open(ctx, target, d)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := e.Entries(ctx, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := e.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Close(); err != nil {
		t.Fatal(err)
	}
	header := message.Entry{Context: st.SetupID, Role: message.RoleTrustee, ID: "t2", Type: message.TypeDKGCommit}
	forged, err := entry.Pack(header, message.DKGCommit{Index: 2}, keys.Seed("7").Signing(message.RoleTrustee, "t2"))
	if err != nil {
		t.Fatal(err)
	}
	d.Await, d.Entries = "", append(entries, forged.Raw)
	_, err = target.Open(ctx, d)
	var refusal *targets.Refusal
	if !errors.As(err, &refusal) || !errors.Is(err, targets.ErrSetup) {
		t.Fatalf("%v", err)
	}
	if refusal.Role != "trustee/2" || refusal.Check != "V-10" || len(refusal.Findings) == 0 || refusal.Findings[0].Entry == nil || *refusal.Findings[0].Entry != 1 {
		t.Errorf("%+v", refusal)
	}
}

func TestClosedTwice(t *testing.T) {
	d := definition(t, "1")
	d.Await = "posted"
	e, err := embedded.New(embedded.Config{Dir: t.TempDir()}).Open(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Error(err)
	}
	if _, err := e.Info(t.Context()); err == nil {
		t.Error("a closed election answers")
	}
}

// The same verifier at a management port, as a target has it whose roles are
// processes of their own.
func TestAuditorAtAPort(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	e, err := open(ctx, embedded.New(embedded.Config{Dir: t.TempDir()}), definition(t, "1"))
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	unfinished, err := e.Record(ctx)
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.VerifyRecord(ctx, unfinished)
	if err != nil || len(want) == 0 {
		t.Fatalf("an election under way: %+v, %v", want, err)
	}

	pipe := web.NewPipe()
	running, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- roles.RunAuditor(running, roles.AuditorConfig{Manage: pipe}) }()
	port := wire.Port{URL: "http://auditor", Dial: pipe.DialContext}
	public, err := wire.NewPublic(port, wire.Limits{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	managed, err := wire.NewManaged(public, wire.Ports{Auditor: &port}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := managed.VerifyRecord(ctx, unfinished)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	if _, err := managed.Follow(ctx, 1); !errors.Is(err, targets.ErrUnable) {
		t.Errorf("a trustee who is not there: %v", err)
	}
	if _, err := managed.CloseVoting(ctx); !errors.Is(err, targets.ErrUnable) {
		t.Errorf("an authority that is not there: %v", err)
	}
	stop()
	if err := errors.Join(managed.Close(), <-done); err != nil {
		t.Error(err)
	}
}

// What the server cannot work with is the machine's fault, not the election's.
func TestNoRoomForAnElection(t *testing.T) {
	file := t.TempDir() + "/file"
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := embedded.New(embedded.Config{Dir: file}).Open(t.Context(), definition(t, "1"))
	if err == nil || errors.Is(err, targets.ErrSetup) {
		t.Errorf("%v", err)
	}
}

// A whole election of three voters on a machine that does nothing else.
func BenchmarkElection(b *testing.B) {
	target := embedded.New(embedded.Config{Dir: b.TempDir()})
	for i := range b.N {
		if err := hold(b.Context(), target, definition(b, fmt.Sprint(i))); err != nil {
			b.Fatal(err)
		}
	}
}

// From the definition to the first ballot.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1, 32} {
		b.Run(fmt.Sprintf("%d-at-once", n), func(b *testing.B) {
			target := embedded.New(embedded.Config{Dir: b.TempDir()})
			for range b.N {
				var wg sync.WaitGroup
				for i := range n {
					wg.Go(func() {
						e, err := target.Open(b.Context(), definition(b, fmt.Sprint(i)))
						if err == nil {
							err = e.Close()
						}
						if err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
			}
		})
	}
}
