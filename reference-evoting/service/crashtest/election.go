package crashtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/crashtest/disk"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/trustee"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/reference-evoting/witness"
)

// options are what voters choose from, in turn.
var options = [...]string{"ana", "bo", "cleo"}

// definition is a small election: one contest, one unit.
func definition(seed keys.Seed) message.Manifest {
	m := message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "Crashes", Test: true,
		Board:    message.Board{Origin: "scrutineer.test/crashes"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_700_000_000, Closes: 4_000_000_000}},
		Contests: []message.Contest{{
			ID: "council", Kind: message.KindHomomorphic, Min: 0, Max: 1, Title: "Council",
			Method: message.Method{Kind: message.MethodPlurality, Seats: 1},
		}},
		Styles: []message.Style{{ID: "all", Contests: []string{"council"}}},
		Units:  []message.Unit{{ID: "town", Title: "Town"}}, Weights: []uint64{1},
		MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages: []string{"aggregate", "decrypt", "count"}, Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}
	for _, o := range options {
		m.Contests[0].Options = append(m.Contests[0].Options, message.Option{ID: o, Title: o})
	}
	for i := 1; i <= 3; i++ {
		m.Trustees = append(m.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
		m.Witnesses = append(m.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
	}
	seed.Fill(&m)
	return m
}

// election is one that the authority is killed in.
type election struct {
	cfg      Config
	seed     keys.Seed
	manifest message.Manifest
	roll     *registrar.Roll
	random   *mathrand.Rand // of the moments; the tester's main goroutine alone
	server   *process
	voters   []*voterOf
	voting   *rules.Voting
	heads    *heads

	client *client.Client // of the public interface
	admin  *client.Client // of the management port, anew after each start
	group  *errgroup.Group
	stop   context.CancelFunc
}

// open makes an election, starts everybody and waits for the opening.
func open(ctx context.Context, cfg Config, dir string, random *mathrand.Rand) (e *election, err error) {
	e = &election{cfg: cfg, seed: keys.Seed(strconv.FormatUint(random.Uint64(), 10)), random: random}
	e.manifest = definition(e.seed)
	if err := e.create(dir); err != nil {
		return nil, err
	}
	if err := plant(filepath.Join(dir, "authority"), cfg.Planted); err != nil {
		return nil, err
	}
	e.server = &process{start: cfg.Start, args: []string{
		"--election", filepath.Join(dir, "election"), "--state", filepath.Join(dir, "authority"),
		"--seed", string(e.seed), "--rate-factor", "0",
	}}
	if cfg.Faulty {
		if e.server.disk, err = disk.New(filepath.Join(dir, "authority")); err != nil {
			return nil, err
		}
	}
	if err := e.up(ctx); err != nil {
		return nil, err
	}
	if e.client, err = client.New(client.Config{URL: "http://" + e.server.address, Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: 20 * time.Second}); err != nil {
		return nil, errors.Join(err, e.end())
	}
	run, stop := context.WithCancel(ctx)
	e.group, run = errgroup.WithContext(run)
	e.stop = stop
	e.heads = &heads{seen: map[head]bool{}}
	e.roles(run)
	if err := e.learn(ctx); err != nil {
		return nil, errors.Join(err, e.end())
	}
	return e, nil
}

// plant writes what a command of the management port would, before the first start.
func plant(dir string, names []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if len(names) == 0 {
		return nil
	}
	set, err := weakness.Parse(names)
	if err != nil {
		return err
	}
	raw, err := codec.Encode(manage.Weaknesses{Planted: set.Strings()})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "weaknesses"), raw, 0o600)
}

func (e *election) create(dir string) error {
	draft := manage.Draft{Ceremony: 1, Manifest: e.manifest}
	var list []registrar.Voter
	for i := range e.cfg.Voters {
		v := registrar.Voter{ID: fmt.Sprintf("voter-%03d", i), Style: "all", Unit: "town", Weight: 1}
		list = append(list, v)
		draft.Roll = append(draft.Roll, manage.RollLine{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := folder.Create(filepath.Join(dir, "election"), draft, folder.Secrets{Seed: e.seed}, rand.Reader); err != nil {
		return err
	}
	var err error
	e.roll, err = registrar.Enrol(list, e.seed.Stream(message.RoleRegistrar, "", "roll"))
	return err
}

// roles starts everybody but the authority, to live as long as the election.
func (e *election) roles(ctx context.Context) {
	quiet := slog.New(slog.DiscardHandler)
	e.group.Go(func() error {
		return roles.RunRegistrar(ctx, roles.RegistrarConfig{
			Manifest: e.manifest, Client: e.client, Key: e.seed.Signing(message.RoleRegistrar, ""), Roll: e.roll, Logger: quiet,
		})
	})
	for _, line := range e.manifest.Witnesses {
		e.group.Go(func() error {
			return roles.RunWitness(ctx, roles.WitnessConfig{
				ID: line.ID, Manifest: e.manifest, Client: e.client, Key: e.seed.Signing(message.RoleWitness, line.ID),
				Store: &witness.Memory{}, Clock: time.Now, Logger: quiet,
			})
		})
	}
	for _, line := range e.manifest.Trustees {
		e.group.Go(func() error {
			return roles.RunTrustee(ctx, roles.TrusteeConfig{
				ID: line.ID, Manifest: e.manifest, Client: e.client, Signing: e.seed.Signing(message.RoleTrustee, line.ID),
				Decryption: e.seed.Decryption(line.ID), Keys: trustee.NewMemoryKeys(),
				Random: e.seed.Stream(message.RoleTrustee, line.ID, "crash"), Logger: quiet,
			})
		})
	}
	e.group.Go(func() error { return e.heads.follow(ctx, e.client) })
}

// learn waits for the opening and makes the voters' clients.
func (e *election) learn(ctx context.Context) error {
	st, err := e.phase(ctx, func(p message.Phase) bool { return p == message.PhaseVoting })
	if err != nil {
		return err
	}
	if _, err := e.client.Await(ctx, st.Size); err != nil {
		return err
	}
	state := rules.New(weakness.View{}, e.client.Reader())
	err = e.client.Reader().Entries(ctx, 0, st.Size, func(_ uint64, raw []byte) error {
		_, err := state.Apply(ctx, raw, rules.Own)
		return err
	})
	if err != nil {
		return err
	}
	e.voting = state.Voting()
	for i, c := range e.roll.Credentials() {
		e.voters = append(e.voters, newVoter(e, i, c))
	}
	return nil
}

// up starts the authority and waits until it listens.
func (e *election) up(ctx context.Context) error {
	if err := e.server.launch(); err != nil {
		return err
	}
	return e.listening(ctx)
}

func (e *election) listening(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	port, err := e.server.ready(ctx)
	if err != nil {
		return err
	}
	if e.admin != nil {
		e.admin.Close()
	}
	e.admin, err = client.New(client.Config{URL: "http://" + port, Transport: &http.Transport{}, Timeout: 20 * time.Second})
	return err
}

// phase polls the status until the election is in a phase that will do.
func (e *election) phase(ctx context.Context, will func(message.Phase) bool) (message.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		st, err := e.client.Status(ctx)
		if err == nil && will(st.Phase) {
			return st, nil
		}
		select {
		case <-ctx.Done():
			return st, fmt.Errorf("the election stays in phase %q: %w", st.Phase, errors.Join(ctx.Err(), err))
		case <-tick.C:
		}
	}
}

// end stops everybody.
func (e *election) end() error {
	var err error
	if e.stop != nil {
		e.stop()
		if err = e.group.Wait(); errors.Is(err, context.Canceled) {
			err = nil
		}
	}
	_ = e.server.cmd.Process.Kill() // it may have ended
	for _, c := range []*client.Client{e.client, e.admin} {
		if c != nil {
			c.Close()
		}
	}
	return err
}
