package admission

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"scrutineer/reference-evoting/weakness"
)

func control(t *testing.T, l Limits, planted ...string) *Control {
	t.Helper()
	set, err := weakness.Parse(planted)
	if err != nil {
		t.Fatal(err)
	}
	return New(l, set.For(weakness.Box), time.Now)
}

func from(address string) netip.Prefix { return netip.PrefixFrom(netip.MustParseAddr(address), 32) }

func rule(err error) Rule {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Rule
	}
	return ""
}

// A source has forty requests at once and twenty a second after that, and the
// next source has its own.
func TestASourceHasItsTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := control(t, Limits{})
		ask := func(source string, n int) (let int) {
			for range n {
				if v, err := c.Visit(from(source), true); err == nil {
					v.End()
					let++
				} else if rule(err) != RuleSource || v != nil {
					t.Errorf("%v, %v", v, err)
				}
			}
			return let
		}
		if n := ask("10.0.0.1", 100); n != 40 {
			t.Errorf("%d at once, want 40", n)
		}
		time.Sleep(time.Second)
		if n := ask("10.0.0.1", 100); n != 20 {
			t.Errorf("%d after a second, want 20", n)
		}
		if n := ask("10.0.0.2", 100); n != 40 {
			t.Errorf("%d of another source, want 40", n)
		}
	})
}

// A hundred honest voters behind one source: what a credential vouches for
// costs the source nothing.
func TestWhatIsVouchedForIsFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := control(t, Limits{})
		for i := range 100 {
			v, err := c.Visit(from("10.0.0.1"), false)
			if err != nil {
				t.Fatalf("voter %d: %v", i, err)
			}
			if err := errors.Join(v.Begin(t.Context(), 20_000), v.Ballot(t.Context(), Credential{byte(i)})); err != nil {
				t.Fatalf("voter %d: %v", i, err)
			}
			v.End()
		}
	})
}

// A body that nobody vouches for is paid for by its size, and the debt has an
// end.
func TestJunkIsPaidForInArrears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := control(t, Limits{})
		junk := func() error {
			v, err := c.Visit(from("10.0.0.1"), false)
			if err != nil {
				return err
			}
			if err := v.Begin(t.Context(), 256<<10); err != nil {
				t.Fatal(err)
			}
			v.End()
			return nil
		}
		n := 0
		for junk() == nil {
			n++
		}
		if n != 3 { // 17 tokens each, of 40
			t.Errorf("%d bodies of 256 KiB, want 3", n)
		}
		time.Sleep(4 * time.Second)
		if err := junk(); err != nil {
			t.Errorf("four seconds later: %v", err)
		}
	})
}

func TestACredentialHasItsQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := control(t, Limits{})
		bring := func(who byte) (*Visit, error) {
			v, err := c.Visit(from("10.0.0.1"), false)
			if err != nil {
				t.Fatal(err)
			}
			return v, v.Ballot(t.Context(), Credential{who})
		}
		first, err := bring(1)
		if err != nil {
			t.Fatal(err)
		}
		second, err := bring(1)
		if rule(err) != RuleFlying {
			t.Errorf("a second one meanwhile: %v", err)
		}
		second.End()
		first.End()
		for i := range 5 {
			v, err := bring(1)
			if err != nil {
				t.Errorf("ballot %d of a minute: %v", i+2, err)
			}
			v.End()
		}
		v, err := bring(1)
		if rule(err) != RuleMinute {
			t.Errorf("the seventh of a minute: %v", err)
		}
		v.End()
		other, err := bring(2)
		if err != nil {
			t.Errorf("another credential: %v", err)
		}
		other.End()
		let := 6
		for range 10 {
			time.Sleep(61 * time.Second)
			for range 7 {
				if v, err = bring(1); err == nil {
					let++
				}
				v.End()
			}
		}
		if let != 30 || rule(err) != RuleHour {
			t.Errorf("%d in ten minutes, then %v; want 30", let, err)
		}
		time.Sleep(time.Hour)
		if v, err = bring(1); err != nil {
			t.Errorf("an hour later: %v", err)
		}
		v.End()
	})
}

// work has n requests of a class come at once, each for as long as it takes.
type work struct {
	workers *workers
	wg      sync.WaitGroup
	mu      sync.Mutex
	done    map[string]int
	refused int
}

func (w *work) come(ctx context.Context, c class, key string, n int, took time.Duration) {
	for range n {
		w.wg.Go(func() {
			leave, err := w.workers.enter(ctx, c, key)
			if err == nil {
				time.Sleep(took)
				leave()
				leave()
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			if err != nil {
				w.refused++
				return
			}
			w.done[key]++
		})
	}
	synctest.Wait()
}

// The known have seven tenths of the time, whatever strangers want.
func TestMostOfTheTimeIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &work{workers: newWorkers(Limits{Workers: 4, Queue: -1, CPU: 1000}.Filled(), false), done: map[string]int{}}
		ctx, cancel := context.WithCancel(t.Context())
		w.come(ctx, strangers, "junk", 1000, 5*time.Millisecond)
		w.come(ctx, known, "voters", 1000, 5*time.Millisecond)
		time.Sleep(2 * time.Second)
		cancel()
		w.wg.Wait()
		if n, all := w.done["voters"], w.done["voters"]+w.done["junk"]; n*100 < all*68 || all < 390 || all > 440 {
			t.Errorf("%d of %d requests were the known's", n, all)
		}
	})
}

// Who asks a thousand times does not keep away who asks once, and where the
// line is full he gives way.
func TestTheLineIsFair(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &work{workers: newWorkers(Limits{Workers: 1, Queue: 256}.Filled(), false), done: map[string]int{}}
		w.come(t.Context(), strangers, "one", 1000, time.Millisecond)
		for i := range 50 {
			w.come(t.Context(), strangers, fmt.Sprint("other-", i), 1, time.Millisecond)
		}
		w.wg.Wait()
		others := len(w.done) - 1
		if others != 50 || w.done["one"] != 257-50 || w.refused != 1000-257+50 {
			t.Errorf("%d others, %d of one, %d refused", others, w.done["one"], w.refused)
		}
	})
}

// The weak rule is one line without an end.
func TestNoAdmission(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := control(t, Limits{Workers: 2}, "weak.net.noAdmission")
		var wg sync.WaitGroup
		for range 500 {
			wg.Go(func() {
				v, err := c.Visit(from("10.0.0.1"), false)
				if err == nil {
					err = errors.Join(v.Begin(t.Context(), 1<<20), v.Ballot(t.Context(), Credential{1}))
					time.Sleep(time.Millisecond)
					v.End()
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	})
}

func TestAPeerIsNoStranger(t *testing.T) {
	c := control(t, Limits{Peers: []netip.Prefix{{}, netip.MustParsePrefix("10.1.0.0/16")}})
	for _, source := range []netip.Prefix{{}, from("10.1.2.3")} {
		for range 100 {
			v, err := c.Visit(source, true)
			if err != nil {
				t.Fatal(err)
			}
			v.End()
		}
	}
}

func TestWithoutADoor(t *testing.T) {
	v := Of(t.Context())
	if err := errors.Join(v.Begin(t.Context(), 1), v.Ballot(t.Context(), Credential{})); err != nil {
		t.Error(err)
	}
	v.Vouched()
	v.Rest()
	v.End()
}

func TestWhoGivesUpWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorkers(Limits{Workers: 1, Queue: 1}.Filled(), false)
		leave, err := w.enter(t.Context(), known, "a")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := w.enter(ctx, known, "b"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		if n := w.waiting(known); n != 0 {
			t.Errorf("%d wait", n)
		}
		leave()
		again, err := w.enter(t.Context(), known, "b")
		if err != nil {
			t.Fatal(err)
		}
		again()
	})
}

func TestDiffers(t *testing.T) {
	if d := (Limits{}).Differs(); len(d) != 0 {
		t.Errorf("the field differs from itself: %q", d)
	}
	if d := Open().Differs(); len(d) != 7 {
		t.Errorf("%q", d)
	}
}
