package bench

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/trustee"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/reference-evoting/witness"
)

// casts holds an election against a real server on loopback, with three
// trustees and three witnesses that follow, in this one process: the figures
// are for server, followers and clients together.
func casts(ctx context.Context, o Options) (out []Figure, err error) {
	dir, err := os.MkdirTemp("", "scrutineer-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	// Trustees get processors of Go's scheduler to themselves: the system, which
	// knows priorities, shares the cores, and not the scheduler, which does not.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(runtime.NumCPU() + len(definition().Trustees)))
	f, err := openField(ctx, dir, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.close()) }()
	prepared, err := f.prepare(ctx)
	if err != nil {
		return nil, err
	}
	o.Log("%d ballots encrypted, casting them with %d clients", len(prepared), o.Clients)
	quarter := len(prepared) / 4
	beside, err := f.cast(ctx, o, prepared[:quarter])
	if err != nil {
		return nil, err
	}
	out = append(out, beside.figures(o, "trustees checking on the same cores at the same priority")...)
	if err := f.yield(); err != nil {
		o.Log("trustees stay at the same priority: %v", err)
	}
	alone, err := f.cast(ctx, o, prepared[quarter:])
	if err != nil {
		return out, err
	}
	out = append(out, alone.figures(o, "trustees on the same cores at a lower priority, as if on machines of their own")...)
	tally, err := f.tally(ctx)
	return append(out, tally...), err
}

// yield puts the trustees behind everybody else.
func (f *field) yield() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, t := range f.threads {
		if err := yield(t); err != nil {
			return err
		}
	}
	return nil
}

// field is an election in the field: every role a client of the server.
type field struct {
	manifest message.Manifest
	client   *client.Client
	roll     *registrar.Roll
	group    *errgroup.Group
	stop     context.CancelFunc
	state    *rules.State
	trustees []*client.Client // their management ports
	mu       sync.Mutex
	threads  []int          // that the trustees check ballots on
	admin    *client.Client // the authority's
}

func openField(ctx context.Context, dir string, o Options) (*field, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &field{manifest: definition()}
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * o.Clients}
	if f.client, err = client.New(client.Config{URL: "http://" + listener.Addr().String(), Transport: transport}); err != nil {
		return nil, err
	}
	var voters []registrar.Voter
	for i := range o.Ballots {
		voters = append(voters, registrar.Voter{ID: voterID(i), Style: "all", Unit: "town", Weight: 1})
	}
	if f.roll, err = registrar.Enrol(voters, seed.Stream(message.RoleRegistrar, "", "roll")); err != nil {
		return nil, err
	}
	ports, err := f.ports()
	if err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(ctx)
	f.group, run = errgroup.WithContext(run)
	f.stop = stop
	f.start(run, dir, listener, ports)
	if err := f.opened(run); err != nil { // ends early if a role does
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

// ports makes management ports, the authority's first and then one for each
// trustee, and the client of each.
func (f *field) ports() ([]net.Listener, error) {
	var out []net.Listener
	var clients []*client.Client
	for range len(f.manifest.Trustees) + 1 {
		pipe := web.NewPipe()
		c, err := client.New(client.Config{URL: "http://manage", Transport: &http.Transport{DialContext: pipe.DialContext}})
		if err != nil {
			return nil, err
		}
		out, clients = append(out, pipe), append(clients, c)
	}
	f.admin, f.trustees = clients[0], clients[1:]
	return out, nil
}

// start runs all roles.
func (f *field) start(ctx context.Context, dir string, listener net.Listener, ports []net.Listener) {
	f.group.Go(func() error {
		return roles.RunAuthority(ctx, roles.AuthorityConfig{
			Manifest: f.manifest, Ceremony: 1, Key: seed.Signing(message.RoleAuthority, ""),
			BoardKey: seed.Signing(message.RoleBoard, ""), Dir: filepath.Join(dir, "authority"), Listener: listener, Manage: ports[0], Clock: time.Now,
			Limits: api.Limits{}.Open(), Box: authority.Limits{},
		})
	})
	f.group.Go(func() error {
		return roles.RunRegistrar(ctx, roles.RegistrarConfig{
			Manifest: f.manifest, Client: f.client, Key: seed.Signing(message.RoleRegistrar, ""), Roll: f.roll,
		})
	})
	for _, line := range f.manifest.Witnesses {
		f.group.Go(func() error {
			return roles.RunWitness(ctx, roles.WitnessConfig{
				ID: line.ID, Manifest: f.manifest, Client: f.client, Key: seed.Signing(message.RoleWitness, line.ID),
				Store: &witness.Memory{}, Clock: time.Now,
			})
		})
	}
	for i, line := range f.manifest.Trustees {
		f.group.Go(func() error {
			runtime.LockOSThread() // a trustee checks in the goroutine that runs it
			f.mu.Lock()
			f.threads = append(f.threads, thread())
			f.mu.Unlock()
			return roles.RunTrustee(ctx, roles.TrusteeConfig{
				ID: line.ID, Manifest: f.manifest, Client: f.client,
				Signing: seed.Signing(message.RoleTrustee, line.ID), Decryption: seed.Decryption(line.ID),
				Keys: trustee.NewMemoryKeys(), Random: seed.Stream(message.RoleTrustee, line.ID, "bench"),
				Manage: ports[1+i],
			})
		})
	}
}

func (f *field) close() error {
	f.stop()
	if err := f.group.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// await polls the status until the election is in one of the phases.
func (f *field) await(ctx context.Context, phases ...message.Phase) (message.Status, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		st, err := f.client.Status(ctx)
		if err == nil && slices.Contains(phases, st.Phase) {
			return st, nil
		}
		select {
		case <-ctx.Done():
			return st, ctx.Err()
		case <-tick.C:
		}
	}
}

// opened waits for the opening and learns the election from the board.
func (f *field) opened(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	st, err := f.await(ctx, message.PhaseVoting)
	if err != nil {
		return fmt.Errorf("the election does not open: %w", err)
	}
	if _, err := f.client.Await(ctx, st.Size); err != nil {
		return err
	}
	reader := f.client.Reader()
	f.state = rules.New(weakness.View{}, reader)
	return reader.Entries(ctx, 0, st.Size, func(_ uint64, raw []byte) error {
		_, err := f.state.Apply(ctx, raw, rules.Own)
		return err
	})
}

// ready is a ballot with its decision, to be sent.
type ready struct {
	client     *voter.Client
	ballot     *voter.Prepared
	submission []byte
	decision   []byte
}

// prepare encrypts one ballot for each voter.
func (f *field) prepare(ctx context.Context) ([]*ready, error) {
	credentials := f.roll.Credentials()
	out := make([]*ready, len(credentials))
	g, _ := errgroup.WithContext(ctx)
	g.SetLimit(runtime.NumCPU())
	for i, c := range credentials {
		g.Go(func() (err error) {
			r := &ready{client: voter.New(f.state.Voting(), voter.Credential{
				Key: c.Key, Secret: c.Secret, Style: "all", Unit: "town", Weight: 1,
			}, seed.Stream("voter", c.Voter.ID, ""))}
			if r.ballot, err = r.client.Encrypt(voter.Choices{"council": {optionID(i % options)}}); err != nil {
				return err
			}
			r.submission = r.ballot.Submission
			r.decision, err = r.client.Cast(r.ballot)
			out[i] = r
			return err
		})
	}
	return out, g.Wait()
}

// cast sends all ballots from several clients at once, each body first and
// then its decision, and times the acknowledgement of each.
func (f *field) cast(ctx context.Context, o Options, list []*ready) (*pace, error) {
	times := make([]time.Duration, len(list))
	next := make(chan int)
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(next)
		for i := range list {
			select {
			case next <- i:
			case <-gctx.Done():
				return gctx.Err()
			}
		}
		return nil
	})
	start := time.Now()
	for range o.Clients {
		g.Go(func() error {
			for i := range next {
				began := time.Now()
				if err := f.castOne(gctx, list[i]); err != nil {
					return fmt.Errorf("ballot %d: %w", i, err)
				}
				times[i] = time.Since(began)
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	took := time.Since(start)
	slices.Sort(times)
	return &pace{rate: float64(len(list)) / took.Seconds(), median: times[len(times)/2], p99: times[len(times)*99/100]}, nil
}

// pace is how fast ballots were acknowledged.
type pace struct {
	rate        float64 // a second
	median, p99 time.Duration
}

func (p *pace) figures(o Options, how string) []Figure {
	return []Figure{
		{fmt.Sprintf("durable acknowledged casts, %d clients, body and decision each; %s", o.Clients, how), fmt.Sprintf("%.0f a second", p.rate), "≥ 300 a second"},
		{"  time to the acknowledgement: median, p99", fmt.Sprintf("%d ms, %d ms", p.median.Milliseconds(), p.p99.Milliseconds()), "p99 ≤ 1000 ms"},
	}
}

func (f *field) castOne(ctx context.Context, r *ready) error {
	if _, err := f.client.Submit(ctx, r.submission); err != nil {
		return err
	}
	raw, err := f.client.Cast(ctx, r.decision)
	if err != nil {
		return err
	}
	if err := r.client.Answer(r.ballot, raw); err != nil {
		return err
	}
	if r.ballot.Receipt() == nil {
		return fmt.Errorf("refused: %s", r.ballot.Refusal().Reason)
	}
	return nil
}

// tally closes, and times the way from the seal to the result.
func (f *field) tally(ctx context.Context) ([]Figure, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	lag, err := f.lag(ctx)
	if err != nil {
		return nil, err
	}
	closed := time.Now()
	if _, err := client.Call[message.Appended](ctx, f.admin, http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"}); err != nil {
		return nil, fmt.Errorf("close: %w", err)
	}
	if _, err := f.await(ctx, message.PhaseSealed, message.PhaseDecrypting, message.PhasePublished); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	sealed := time.Now()
	if _, err := f.await(ctx, message.PhasePublished); err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	return []Figure{
		{"entries that the slowest trustee had yet to check when the last ballot was cast", fmt.Sprint(lag), ""},
		{"from the close to the seal", fmt.Sprintf("%.2f s", sealed.Sub(closed).Seconds()), ""},
		{fmt.Sprintf("from the seal to the result of %d ballots, three trustees", f.ballots()), fmt.Sprintf("%.2f s", time.Since(sealed).Seconds()), "≤ 3 s"},
	}, nil
}

func (f *field) ballots() int { return len(f.roll.Credentials()) }

// lag is how far the slowest trustee is behind the board, by its own word.
// The tally is timed for trustees that followed, so it waits for them first.
func (f *field) lag(ctx context.Context) (uint64, error) {
	st, err := f.client.Status(ctx)
	if err != nil {
		return 0, err
	}
	slowest := func() (uint64, error) {
		least := st.Size
		for _, c := range f.trustees {
			s, err := client.Call[manage.Status](ctx, c, http.MethodGet, manage.PathStatus, nil)
			if err != nil {
				return 0, err
			}
			least = min(least, s.Size)
		}
		return least, nil
	}
	at, err := slowest()
	if err != nil {
		return 0, err
	}
	lag := st.Size - at
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for at < st.Size {
		select {
		case <-ctx.Done():
			return lag, ctx.Err()
		case <-tick.C:
		}
		if at, err = slowest(); err != nil {
			return lag, err
		}
	}
	return lag, nil
}
