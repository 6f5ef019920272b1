package container

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"scrutineer/internal/need"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/check"
)

// patient bounds a test by the time that a loaded machine may take.
func patient(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func definition(t *testing.T) targets.Definition {
	t.Helper()
	raw, err := codec.Encode(check.Draft())
	if err != nil {
		t.Fatal(err)
	}
	return targets.Definition{ID: "container", Draft: raw, Seed: "container"}
}

func opened(t *testing.T, target *Target, d targets.Definition) *election {
	t.Helper()
	e, err := target.Open(patient(t), d)
	if err != nil {
		t.Fatal(err)
	}
	return e.(*election)
}

// TestMachines is one topology for all that needs one.
func TestMachines(t *testing.T) {
	need.Docker(t)
	program, err := Build(patient(t), t.TempDir(), runtime.GOARCH)
	if err != nil {
		t.Fatal(err)
	}
	target := New(Config{Program: program})
	left := ownedByTheDead(t)
	began := time.Now()
	about, err := target.Describe(patient(t))
	if err != nil {
		t.Fatal(errors.Join(err, target.Close()))
	}
	t.Logf("image and topology after %s; lacks %v", time.Since(began).Round(10*time.Millisecond), about.Lacks)

	t.Run("what a dead run left is gone", func(t *testing.T) {
		_, err := target.engine.docker.VolumeInspect(patient(t), left, client.VolumeInspectOptions{})
		if err == nil {
			t.Errorf("the volume %s is still there", left)
		}
	})
	t.Run("machines are hardened", func(t *testing.T) { hardened(t, target) })
	t.Run("only managers manage", func(t *testing.T) { strangers(t, target) })
	t.Run("an authority that is killed goes on", func(t *testing.T) { killed(t, target) })
	t.Run("a shared authority is not killed", func(t *testing.T) {
		e := opened(t, target, definition(t))
		if err := e.Arm(patient(t), "cast/append", false); !errors.Is(err, targets.ErrUnable) {
			t.Errorf("armed: %v", err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	engine := target.engine
	if err := target.Close(); err != nil {
		t.Error(err)
	}
	again, err := connect(patient(t), false)
	if err != nil {
		t.Fatal(err)
	}
	defer again.docker.Close()
	if rest, err := again.objects(patient(t), labelRun+"="+engine.run); err != nil || len(rest) > 0 {
		t.Errorf("left on the engine: %v, %v", rest, err)
	}
}

// ownedByTheDead makes a volume of a process that is not there.
func ownedByTheDead(t *testing.T) string {
	t.Helper()
	e, err := connect(patient(t), false)
	if err != nil {
		t.Fatal(err)
	}
	defer e.docker.Close()
	e.owner.pid = 1 << 30
	v, err := e.docker.VolumeCreate(patient(t), client.VolumeCreateOptions{Name: e.name("left"), Labels: e.labels("left")})
	if err != nil {
		t.Fatal(err)
	}
	return v.Volume.Name
}

func hardened(t *testing.T, target *Target) {
	for _, m := range target.top.machines {
		c, err := m.ctr.Inspect(patient(t))
		if err != nil {
			t.Fatal(err)
		}
		h := c.HostConfig
		if !h.ReadonlyRootfs || h.Privileged || len(h.CapDrop) != 1 || h.CapDrop[0] != "ALL" || h.PidsLimit == nil || h.Memory == 0 || c.Config.User != user {
			t.Errorf("%s: %+v, user %s", m.name, h, c.Config.User)
		}
	}
}

// strangers have the run's certificates for no more than to know whom they
// talk to.
func strangers(t *testing.T, target *Target) {
	m := target.top.machines[0]
	p := m.managed(controlPort)
	p.TLS.Certificates = nil
	way, err := p.Transport()
	if err != nil {
		t.Fatal(err)
	}
	defer way.CloseIdleConnections()
	if resp, err := newRequest(t, way, p.URL+"/manage/node"); err == nil {
		t.Errorf("a stranger was answered with status %d", resp)
	}
}

// killed takes the power from the authority while it writes a ballot.
func killed(t *testing.T, target *Target) {
	ctx := patient(t)
	d := definition(t)
	d.Crash = true
	e := opened(t, target, d)
	defer func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	}()
	v, err := e.Voter(ctx, check.VoterID(0))
	if err != nil {
		t.Fatal(err)
	}
	cast := func() (targets.Answer, error) {
		handle, _, err := v.Encrypt(ctx, map[string][]string{"bridge": {"yes"}})
		if err != nil {
			return targets.Answer{}, err
		}
		return v.Cast(ctx, handle)
	}
	for _, torn := range []bool{false, true} {
		if err := e.Arm(ctx, "cast/append", torn); err != nil {
			t.Fatal(err)
		}
		before, err := e.own.pid(ctx)
		if err != nil {
			t.Fatal(err)
		}
		answered := make(chan targets.Outcome, 1)
		go func() {
			a, err := cast()
			if err != nil {
				a.Outcome = targets.Unknown
			}
			answered <- a.Outcome
		}()
		if err := errors.Join(e.Reached(ctx), e.Crash(ctx)); err != nil {
			t.Fatal(err)
		}
		after, err := e.own.pid(ctx)
		if err != nil || after == before {
			t.Errorf("process %d before, %d after, %v", before, after, err)
		}
		if o := <-answered; o == targets.OK {
			t.Errorf("torn %v: acknowledged, and the power was gone before", torn)
		}
	}
	a, err := cast()
	if err != nil || a.Outcome != targets.OK {
		t.Fatalf("after two losses of power: %+v, %v", a, err)
	}
	if found, err := v.Check(ctx); err != nil || len(found) > 0 {
		t.Errorf("the voter's check: %v, %v", found, err)
	}
	raw, err := e.Info(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if st, err := codec.Decode[message.Status](raw, codec.Limits{}); err != nil || st.Phase != message.PhaseVoting {
		t.Errorf("%+v, %v", st, err)
	}
}
