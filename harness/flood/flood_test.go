package flood

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

// A server that stands still for a second makes everybody wait who was due in
// it, and not only the one whom it was serving.
func TestNothingIsOmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := time.Now().Add(2 * time.Second) // it stands still from 1 s to 2 s
		begin := time.Now()
		s := Stream{Due: Even(100, 0, 3*time.Second), Do: func(context.Context, int) Outcome {
			if time.Since(begin) >= time.Second {
				time.Sleep(time.Until(free))
			}
			return Served
		}}
		list := Run(t.Context(), s)[0]
		calm, still := s.Count(list, 0, time.Second), s.Count(list, time.Second, 2*time.Second)
		if calm.Arrivals != 100 || calm.P99 != 0 || still.P50 < 490*time.Millisecond || still.P99 < 990*time.Millisecond {
			t.Errorf("calm %+v, still %+v", calm, still)
		}
		if !calm.Kept() || !still.Kept() || still.Missed != 0 {
			t.Error("the schedule was kept")
		}
	})
}

// What is not served counts with its patience, what did not begin is told apart.
func TestPatienceAndBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := Stream{Due: Even(10, 0, time.Second), Patience: 2 * time.Second, Flying: 4, Do: func(ctx context.Context, _ int) Outcome {
			<-ctx.Done()
			return Failed
		}}
		n := s.Count(Run(t.Context(), s)[0], 0, time.Second)
		if n.Arrivals != 10 || n.Failed != 4 || n.Held != 6 || n.P50 != 2*time.Second {
			t.Errorf("%+v", n)
		}
	})
}

// A generator that comes late says so.
func TestAMissedSchedule(t *testing.T) {
	s := Stream{Patience: time.Second}
	late := []Arrival{{Due: 1, Begun: 1 + 101*time.Millisecond, Outcome: Served}, {Due: 2, Begun: 3, Outcome: Served}}
	if n := s.Count(late, 0, time.Hour); n.Missed != 1 || n.Kept() {
		t.Errorf("%+v", n)
	}
	never := s.Count([]Arrival{{Due: 1}}, 0, time.Hour)
	if never.Missed != 1 || never.Failed != 1 {
		t.Errorf("%+v", never)
	}
}

func TestASchedule(t *testing.T) {
	if n := len(Even(20, time.Second, 3*time.Second)); n != 40 {
		t.Errorf("%d at even distances", n)
	}
	if n := len(Even(1e9, 0, time.Hour)); n != Most {
		t.Errorf("%d of too many", n)
	}
	p := Poisson(rand.New(rand.NewPCG(1, 2)), 100, 0, 10*time.Second)
	if len(p) < 850 || len(p) > 1150 {
		t.Errorf("%d of people", len(p))
	}
	for i := range p[1:] {
		if p[i] > p[i+1] {
			t.Fatal("not in order")
		}
	}
}

func TestWhomWeMayFlood(t *testing.T) {
	run := []netip.Prefix{netip.MustParsePrefix("172.18.0.0/16")}
	for address, ok := range map[string]bool{
		"127.0.0.1:80": true, "[::1]:80": true, "172.18.3.4:443": true, "172.19.0.1:80": false, "192.0.2.1:80": false, "vote.example:80": false, "": false,
	} {
		if err := Allowed(address, run, false); (err == nil) != ok || err != nil && !errors.Is(err, ErrNotOurs) {
			t.Errorf("%q: %v", address, err)
		}
	}
	if err := Allowed("192.0.2.1:80", nil, true); err != nil {
		t.Error(err)
	}
}
