package bench

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/box"
	"scrutineer/reference-evoting/service/store"
	"scrutineer/reference-evoting/service/tiles"
	"scrutineer/reference-evoting/trustee"
	verifier "scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/reference-evoting/witness"
)

// hall is an election on disk without HTTP: the authority with its real log
// and store; registrar and trustees act for the ceremony and the tally.
type hall struct {
	manifest  message.Manifest
	log       *tiles.Log
	db        *store.Store
	authority *authority.Authority
	stop      context.CancelFunc
	done      chan error

	roll      *registrar.Roll
	voting    *rules.Voting
	trustees  []*trustee.Trustee
	state     *rules.State // the registrar's
	fed       uint64
	witnesses []*witness.Witness
	collector *cosign.Collector
	heads     map[record.Moment][]byte
}

func openHall(ctx context.Context, dir string, n int) (*hall, error) {
	h := &hall{manifest: definition()}
	signer, err := board.NewSigner(h.manifest.Board.Origin, h.boardKey())
	if err != nil {
		return nil, err
	}
	if h.log, err = tiles.Open(ctx, tiles.Config{Dir: filepath.Join(dir, "log"), Signer: signer}); err != nil {
		return nil, err
	}
	if h.db, err = store.Open(ctx, filepath.Join(dir, "box.sqlite")); err != nil {
		return nil, err
	}
	h.authority, err = authority.New(ctx, authority.Config{
		Manifest: h.manifest, Ceremony: 1, Key: seed.Signing(message.RoleAuthority, ""), BoardKey: h.boardKey(),
		Log: h.log, Store: box.New(h.db),
	})
	if err != nil {
		return nil, err
	}
	if err := h.addWitnesses(); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(ctx)
	h.stop, h.done = stop, make(chan error, 1)
	go func() { h.done <- h.authority.Run(run) }()
	var voters []registrar.Voter
	for i := range n {
		voters = append(voters, registrar.Voter{ID: voterID(i), Style: "all", Unit: "town", Weight: 1})
	}
	if h.roll, err = registrar.Enrol(voters, seed.Stream(message.RoleRegistrar, "", "roll")); err != nil {
		return nil, err
	}
	h.state = rules.New(weakness.View{}, h.log)
	for _, line := range h.manifest.Trustees {
		h.trustees = append(h.trustees, trustee.New(trustee.Config{
			ID: line.ID, Signing: seed.Signing(message.RoleTrustee, line.ID), Decryption: seed.Decryption(line.ID),
			Keys: trustee.NewMemoryKeys(), Random: seed.Stream(message.RoleTrustee, line.ID, "bench"), Source: h.log,
		}))
	}
	if err := h.drive(ctx); err != nil {
		return nil, err
	}
	h.voting = h.trustees[0].State().Voting()
	return h, nil
}

func (h *hall) addWitnesses() error {
	quorum, err := verifier.Quorum(&h.manifest)
	if err != nil {
		return err
	}
	h.heads, h.collector = map[record.Moment][]byte{}, cosign.NewCollector(h.log, quorum)
	for _, line := range h.manifest.Witnesses {
		s, err := cosign.NewSigner(line.ID, seed.Signing(message.RoleWitness, line.ID))
		if err != nil {
			return err
		}
		h.witnesses = append(h.witnesses, witness.New(witness.Config{
			Signer: s, Board: quorum.Board(), Store: &witness.Memory{}, Clock: time.Now,
		}))
	}
	return nil
}

// cosign takes the board's newest head through the witnesses and keeps it.
func (h *hall) cosign(ctx context.Context, moment record.Moment) error {
	size := h.log.Size()
	for {
		pending, err := h.collector.AwaitPending(ctx, size)
		if err != nil {
			return err
		}
		for _, w := range h.witnesses {
			signed, err := w.Consider(ctx, pending, h.log)
			if err != nil {
				return err
			}
			if _, err := h.collector.Add(ctx, signed); err != nil {
				return err
			}
		}
		raw, err := h.log.Checkpoint(ctx)
		if err != nil {
			return err
		}
		if c, err := board.PeekCheckpoint(raw); err != nil || c.Size >= size {
			h.heads[moment] = raw
			return err
		}
	}
}

// hold goes from the opening to the record of the result.
func (h *hall) hold(ctx context.Context, n int, dir string) (*record.Folder, error) {
	if err := h.cosign(ctx, record.Opened); err != nil {
		return nil, err
	}
	if err := h.castAll(ctx); err != nil {
		return nil, err
	}
	if _, err := h.authority.CloseChannel(ctx, "online"); err != nil {
		return nil, err
	}
	if err := h.cosign(ctx, record.Closed); err != nil {
		return nil, err
	}
	if err := h.step(ctx); err != nil { // participation; the seal and aggregates follow at once
		return nil, err
	}
	if err := h.cosign(ctx, record.Sealed); err != nil {
		return nil, err
	}
	if err := h.drive(ctx); err != nil {
		return nil, err
	}
	if err := h.cosign(ctx, record.Final); err != nil {
		return nil, err
	}
	if h.state.Counts().Casts != uint64(n) || h.state.Result() == nil {
		return nil, fmt.Errorf("%d of %d ballots on the board, phase %s", h.state.Counts().Casts, n, h.state.Phase())
	}
	return h.export(ctx, dir)
}

func (h *hall) export(ctx context.Context, dir string) (*record.Folder, error) {
	var chunks [][]byte
	entries := func(yield func([]byte, error) bool) {
		err := h.log.Entries(ctx, 0, h.log.Size(), func(_ uint64, raw []byte) error {
			if !yield(raw, nil) {
				return errStop
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
	for raw, err := range entries {
		if err != nil {
			return nil, err
		}
		e, err := message.DecodeEntry(raw)
		if err != nil {
			return nil, err
		}
		for _, d := range e.Chunks {
			c, err := h.log.Chunk(ctx, board.Hash(d))
			if err != nil {
				return nil, err
			}
			chunks = append(chunks, c)
		}
	}
	x := record.Export{Entries: entries, Chunks: record.Slice(chunks), Checkpoints: h.heads}
	if _, err := x.Folder(dir); err != nil {
		return nil, err
	}
	return record.OpenFolder(dir)
}

var errStop = errors.New("enough")

func (h *hall) boardKey() ed25519.PrivateKey { return seed.Signing(message.RoleBoard, "") }

// drive lets registrar and trustees act until nobody has anything to do.
func (h *hall) drive(ctx context.Context) error {
	for {
		size := h.log.Size()
		if err := h.step(ctx); err != nil {
			return err
		}
		if h.log.Size() == size && h.fed == size {
			return nil
		}
	}
}

// step shows registrar and trustees what is new and posts what they owe.
func (h *hall) step(ctx context.Context) error {
	err := h.log.Entries(ctx, h.fed, h.log.Size(), func(i uint64, raw []byte) error {
		h.fed = i + 1
		if _, err := h.state.Apply(ctx, raw, rules.Own); err != nil {
			return err
		}
		for _, t := range h.trustees {
			if err := t.Apply(ctx, raw); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	r := &registrar.Registrar{Roll: h.roll, Key: seed.Signing(message.RoleRegistrar, ""), State: h.state}
	owed, err := r.Next()
	if err != nil {
		return err
	}
	for _, t := range h.trustees {
		more, err := t.Next()
		if err != nil {
			return err
		}
		owed = append(owed, more...)
	}
	return h.post(ctx, owed)
}

func (h *hall) post(ctx context.Context, owed []entry.Packed) error {
	for _, p := range owed {
		for _, c := range p.Chunks {
			if _, err := h.log.PutChunk(ctx, c); err != nil {
				return err
			}
		}
		var refused *authority.Problem
		if _, err := h.authority.Append(ctx, p.Raw); err != nil && !errors.As(err, &refused) {
			return err
		}
	}
	return nil
}

// castAll casts one ballot for each voter.
func (h *hall) castAll(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(16 * runtime.NumCPU())
	for i, c := range h.roll.Credentials() {
		g.Go(func() error { return h.castOne(ctx, i, c) })
	}
	return g.Wait()
}

func (h *hall) castOne(ctx context.Context, i int, c registrar.Credential) error {
	v := voter.New(h.voting, voter.Credential{Key: c.Key, Secret: c.Secret, Style: "all", Unit: "town", Weight: 1},
		seed.Stream("voter", c.Voter.ID, ""))
	p, err := v.Encrypt(voter.Choices{"council": {optionID(i % options)}})
	if err != nil {
		return err
	}
	if _, err := h.authority.Submit(ctx, p.Submission); err != nil {
		return err
	}
	raw, err := v.Cast(p)
	if err != nil {
		return err
	}
	a, err := h.authority.Cast(ctx, raw)
	if err != nil {
		return err
	}
	return v.Answer(p, a.Bytes)
}

func (h *hall) close(ctx context.Context) error {
	h.stop()
	return errors.Join(<-h.done, h.log.Close(ctx), h.db.Close())
}
