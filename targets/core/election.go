package core

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/trustee"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/reference-evoting/witness"
	"scrutineer/targets"
)

// election is one election with all the roles that the target plays.
type election struct {
	seed  keys.Seed
	draft manage.Draft
	weak  weakness.Set
	clock func() time.Time
	// memory is that of all roles: pure results of this one election.
	memory *recall.Memory

	log       *board.Memory
	authority *authority.Authority
	config    authority.Config
	collector *cosign.Collector
	quorum    *cosign.Quorum
	stop      context.CancelFunc
	done      chan struct{}

	mu        sync.Mutex // guards the roles below
	witnesses map[string]*witness.Witness
	roll      *registrar.Roll
	registrar *follower
	// by voter id
	credentials map[string]registrar.Credential
	seen        *rules.Voting // what clients know of the open election
	trustees    map[int]*follower
	heads       map[uint64][]byte         // cosigned heads by size
	chunks      map[message.Digest][]byte // handed in, and named by no entry yet
	identity    *identity.Service         // nil where there is none
	outage      outage                    // of it
	codes       map[string]string         // by voter id, for logging in
	listing     *follower                 // the identity service's
	places      *places                   // nil where there are none
	importing   *follower                 // the count centre's
	liar        targets.Liar
	voters      map[string]*voterClient
	channels    map[string]*channel // of results; nil where there are none
	compiled    *manifest.Election  // where there are channels
}

// follower is a role that follows the board: how far it is, what it takes,
// and what it owes.
type follower struct {
	fed     uint64
	apply   func(ctx context.Context, raw []byte) error
	next    func() ([]entry.Packed, error)
	trustee *trustee.Trustee // nil for the registrar
	answers bool             // a trustee that was told to decrypt
	told    int              // findings told so far
}

func newElection(ctx context.Context, clock func() time.Time, d targets.Definition, draft manage.Draft, weak weakness.Set) (*election, error) {
	e := &election{
		seed: keys.Seed(d.Seed), draft: draft, weak: weak, clock: clock, memory: recall.New(),
		witnesses: map[string]*witness.Witness{}, trustees: map[int]*follower{},
		heads: map[uint64][]byte{}, voters: map[string]*voterClient{}, chunks: map[message.Digest][]byte{}, credentials: map[string]registrar.Credential{},
	}
	m := &draft.Manifest
	boardKey := e.seed.Signing(message.RoleBoard, "")
	signer, err := board.NewSigner(m.Board.Origin, boardKey)
	if err != nil {
		return nil, err
	}
	e.log = board.NewMemory(signer)
	if _, err := e.log.Append(ctx, d.Entries...); err != nil {
		return nil, err
	}
	e.config = authority.Config{
		Manifest: *m, Ceremony: draft.Ceremony, Key: e.seed.Signing(message.RoleAuthority, ""),
		BoardKey: boardKey, Log: e.log, Store: authority.NewMemoryStore(), Weak: weak, Clock: clock, Recall: e.memory,
	}
	e.authority, err = authority.New(ctx, e.config)
	if err != nil {
		return nil, err
	}
	if err := e.addWitnesses(boardKey); err != nil {
		return nil, err
	}
	if err := e.addRoles(d); err != nil {
		return nil, err
	}
	if draft.Identity {
		if err := e.addIdentity(); err != nil {
			return nil, err
		}
	}
	if len(draft.Manifest.Places) > 0 {
		e.addPlaces()
	}
	if err := e.addPublishers(); err != nil {
		return nil, err
	}
	e.start(ctx)
	return e, nil
}

func (e *election) addWitnesses(boardKey ed25519.PrivateKey) error {
	m := &e.draft.Manifest
	verifier, err := board.NewVerifier(m.Board.Origin, boardKey.Public().(ed25519.PublicKey))
	if err != nil {
		return err
	}
	var list []cosign.Key
	for _, w := range m.Witnesses {
		s, err := cosign.NewSigner(w.ID, e.seed.Signing(message.RoleWitness, w.ID))
		if err != nil {
			return err
		}
		e.witnesses[w.ID] = witness.New(witness.Config{Signer: s, Board: board.Remembering(verifier, e.memory), Store: &witness.Memory{}, Clock: e.clock})
		list = append(list, s.Key())
	}
	return e.quorate(verifier, list)
}

func (e *election) quorate(verifier note.Verifier, list []cosign.Key) (err error) {
	quorum, err := cosign.NewQuorum(verifier, list, int(e.draft.Manifest.Quorum))
	if err == nil {
		e.quorum = quorum.Remembering(e.memory)
		e.collector = cosign.NewCollector(e.log, e.quorum)
	}
	return err
}

func (e *election) addRoles(d targets.Definition) error {
	m := &e.draft.Manifest
	var voters []registrar.Voter
	for _, v := range e.draft.Roll {
		voters = append(voters, registrar.Voter{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	roll, err := registrar.Enrol(voters, e.seed.Stream(message.RoleRegistrar, "", "roll"))
	if err != nil {
		return err
	}
	e.roll = roll
	for _, c := range roll.Credentials() {
		e.credentials[c.Voter.ID] = c
	}
	if !plays(d.Harness, "registrar") {
		r := &registrar.Registrar{Roll: roll, Key: e.seed.Signing(message.RoleRegistrar, ""), State: rules.New(e.weak.For(weakness.Trustee), e.log).Remember(e.memory)}
		e.registrar = &follower{next: r.Next, apply: func(ctx context.Context, raw []byte) error {
			_, err := r.State.Apply(ctx, raw, rules.Own)
			return err
		}}
	}
	for _, line := range m.Trustees {
		if plays(d.Harness, "trustee/"+strconv.FormatUint(line.Index, 10)) {
			continue
		}
		t := trustee.New(trustee.Config{
			ID: line.ID, Signing: e.seed.Signing(message.RoleTrustee, line.ID), Decryption: e.seed.Decryption(line.ID),
			Keys: trustee.NewMemoryKeys(), Random: e.seed.Stream(message.RoleTrustee, line.ID, m.Board.Origin),
			Weak: e.weak, Source: e.log, Recall: e.memory,
		})
		e.trustees[int(line.Index)] = &follower{trustee: t, apply: t.Apply, next: t.Next}
	}
	return nil
}

// begin goes through the ceremony as far as it is asked to.
func (e *election) begin(ctx context.Context, d targets.Definition) error {
	if err := e.settle(ctx); err != nil {
		return err
	}
	if d.Await == "posted" {
		return nil
	}
	return e.opened()
}

// opened reports that the election takes ballots, or who is in the way.
func (e *election) opened() error {
	if e.authority.Status().Phase == message.PhaseVoting {
		return nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, line := range e.draft.Manifest.Trustees {
		f := e.trustees[int(line.Index)]
		if f == nil || len(f.trustee.Faults()) == 0 {
			continue
		}
		role := "trustee/" + strconv.FormatUint(line.Index, 10)
		findings := findings(role, f.trustee.Faults())
		return &targets.Refusal{Role: role, Check: findings[0].Check, Detail: findings[0].Detail, Findings: findings}
	}
	return fmt.Errorf("%w: it stays in phase %s", targets.ErrSetup, e.authority.Status().Phase)
}

// settle lets witnesses cosign and roles act until nobody has anything to do.
func (e *election) settle(ctx context.Context) error {
	if ctx.Value(settling{}) != nil {
		return nil // it is being done, and a liar stands in between
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for {
		head, err := e.cosign(ctx)
		if err != nil {
			return err
		}
		acted := false
		for _, f := range e.followers() {
			did, err := e.drive(ctx, f, head.Size)
			if err != nil {
				return err
			}
			acted = acted || did
		}
		if !acted && e.log.Size() == head.Size {
			return nil
		}
	}
}

func (e *election) followers() []*follower {
	var out []*follower
	if e.registrar != nil {
		out = append(out, e.registrar)
	}
	if e.listing != nil {
		out = append(out, e.listing)
	}
	if e.importing != nil {
		out = append(out, e.importing)
	}
	for i := range e.draft.Manifest.Trustees {
		if f := e.trustees[i+1]; f != nil {
			out = append(out, f)
		}
	}
	for _, name := range message.Channels() {
		if c := e.channels[name]; c != nil {
			out = append(out, c.follower)
		}
	}
	return out
}

// cosign takes the newest head through all witnesses.
func (e *election) cosign(ctx context.Context) (*cosign.Head, error) {
	for {
		pending, err := e.collector.Pending(ctx)
		if err != nil {
			return nil, err
		}
		for _, line := range e.draft.Manifest.Witnesses {
			signed, err := e.witnesses[line.ID].Consider(ctx, pending, e.log)
			var refusal *witness.Refusal
			if errors.As(err, &refusal) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if _, err := e.collector.Add(ctx, signed); err != nil {
				return nil, err
			}
		}
		raw, err := e.log.Checkpoint(ctx)
		if err != nil {
			return nil, err
		}
		head, err := e.quorum.Open(raw)
		if err != nil {
			return nil, err
		}
		e.heads[head.Size] = raw
		if head.Size == e.log.Size() {
			return head, nil
		}
	}
}

// drive feeds a role the entries up to size and posts what it owes.
func (e *election) drive(ctx context.Context, f *follower, size uint64) (bool, error) {
	err := e.log.Entries(ctx, f.fed, size, func(i uint64, raw []byte) error {
		f.fed = i + 1
		return f.apply(ctx, raw)
	})
	if err != nil {
		return false, err
	}
	if f.trustee != nil && f.trustee.State().Phase() == message.PhaseDecrypting && !f.answers {
		return false, nil
	}
	owed, err := f.next()
	if err != nil {
		return false, err
	}
	acted := false
	for _, p := range owed {
		for _, c := range p.Chunks {
			if _, err := e.log.PutChunk(ctx, c); err != nil {
				return false, err
			}
		}
		var refused *authority.Problem
		switch err := e.post(ctx, p.Raw); {
		case errors.As(err, &refused): // the board would not have it; nothing to do about it
		case err != nil:
			return false, err
		default:
			acted = true
		}
	}
	return acted, nil
}

// Info implements targets.Election.
func (e *election) Info(context.Context) ([]byte, error) { return codec.Encode(e.authority.Status()) }

// Close implements targets.Election.
func (e *election) Close() error {
	e.stop()
	<-e.done
	return nil
}

// findings turns faults of the rules into the words of targets.
func findings(role string, faults []*rules.Fault) []targets.Finding {
	out := make([]targets.Finding, len(faults))
	for i, f := range faults {
		index := f.Index
		culprit := string(f.Role)
		if f.ID != "" {
			culprit += "/" + f.ID
		}
		if culprit == "" {
			culprit = string(message.RoleAuthority) // it let the entry on the board
		}
		out[i] = targets.Finding{Role: role, Check: f.Check, Culprit: culprit, Detail: f.Detail, Entry: &index, ThirdParty: true}
	}
	return out
}
