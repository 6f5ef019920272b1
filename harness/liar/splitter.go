package liar

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// Splitter is a server with two boards (D01): one for the voting client, and
// the real one for everybody else. They are the same until the voter decides;
// her ballot stands on the first alone. It is safe for concurrent use.
type Splitter struct {
	Authority scrutineer.Authority
	Election  *scrutineer.Election
	// Voter is whose ballot stands on the other board.
	Voter message.Element
	// Witness is shown the other board as well, as "witness/w1"; empty for
	// none.
	Witness string
	// Unsigned leaves the board's signature out.
	Unsigned bool
	// After are entries that follow the ballot on the other board.
	After []scrutineer.Parcel
	// Standing gives the entries of the real board.
	Standing func(ctx context.Context) ([][]byte, error)

	mu      sync.Mutex
	asked   map[string]uint64 // size of the head that each waits for
	changed chan struct{}     // closed when asked or the fork changes
	bodies  map[message.Digest]message.Ballot
	receipt []byte
	head    []byte
	size    uint64
	files   map[string][]byte
}

// patience is how long a poll of the other board lasts; it does not grow.
const patience = 5 * time.Second

// Answer is a targets.Liar.
func (s *Splitter) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	if b, ok := Body(r); ok && b.Caster.Credential == s.Voter {
		s.keep(b)
	}
	if d, ok := decision(r); ok && d.Credential == s.Voter {
		raw, err := s.decide(ctx, d)
		return granted(raw), err
	}
	if r.From != "voter" && (s.Witness == "" || r.From != s.Witness) {
		return next(ctx, r)
	}
	if strings.HasPrefix(r.Path, "/v1/wait?") {
		return s.wait(ctx, r, next)
	}
	if answer, ok := s.forked(r); ok {
		return answer, nil
	}
	return next(ctx, r)
}

func (s *Splitter) keep(b message.Ballot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.bodies == nil {
		s.bodies = map[message.Digest]message.Ballot{}
	}
	s.bodies[tracker(&b)] = b
}

// news is closed at the next change. The caller holds mu.
func (s *Splitter) news() chan struct{} {
	if s.changed == nil {
		s.changed = make(chan struct{})
	}
	return s.changed
}

func (s *Splitter) notify() {
	close(s.news())
	s.changed = nil
}

// Ready returns when everybody who will be fooled waits, here, for a head
// beyond size.
func (s *Splitter) Ready(ctx context.Context, size uint64) error {
	for {
		s.mu.Lock()
		ready := s.asked["voter"] > size && (s.Witness == "" || s.asked[s.Witness] > size)
		news := s.news()
		s.mu.Unlock()
		if ready {
			return nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// decide puts the voter's ballot on a board of its own.
func (s *Splitter) decide(ctx context.Context, d message.Decision) ([]byte, error) {
	s.mu.Lock()
	receipt, b := s.receipt, s.bodies[d.Tracker]
	s.mu.Unlock()
	if receipt != nil {
		return receipt, nil
	}
	standing, err := s.Standing(ctx)
	if err != nil {
		return nil, err
	}
	entry, err := s.Authority.Cast(s.Election, b, d)
	if err != nil {
		return nil, err
	}
	entries := append(slices.Clone(standing), entry.Entry)
	for _, p := range s.After {
		entries = append(entries, p.Entry)
	}
	promise, err := s.Authority.Receipt(s.Election, d, uint64(len(standing)))
	if err != nil {
		return nil, err
	}
	raw, err := codec.Encode(promise)
	if err != nil {
		return nil, err
	}
	return raw, s.fork(raw, entries)
}

// fork makes the files of the other board.
func (s *Splitter) fork(receipt []byte, entries [][]byte) error {
	files := map[string][]byte{}
	tiler := record.NewTiler(func(path string, data []byte) error {
		files["/"+path] = slices.Clone(data)
		return nil
	})
	for _, e := range entries {
		if err := tiler.Add(e); err != nil {
			return err
		}
	}
	if err := tiler.Finish(); err != nil {
		return err
	}
	head := s.Authority.Fork(s.Election.Manifest.Board.Origin, entries)
	if s.Unsigned {
		head = scrutineer.UnsignedHead(head)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.receipt, s.head, s.size, s.files = receipt, head, uint64(len(entries)), files
	s.notify()
	return nil
}

// forked answers from the other board; false where there is none yet, or it
// has no such file.
func (s *Splitter) forked(r targets.Request) (targets.Response, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.head == nil:
		return targets.Response{}, false
	case r.Method == "POST" && strings.HasSuffix(r.Path, "/cosignatures"):
		s.head = r.Body // the board's line and the witness's
		s.notify()
		return targets.Response{Status: 202}, true
	case r.Path == "/checkpoint", r.Path == "/checkpoint.pending":
		return note(s.head), true
	}
	data, ok := s.files[r.Path]
	return targets.Response{Status: 200, ContentType: "application/octet-stream", Body: data}, ok
}

func note(head []byte) targets.Response {
	return targets.Response{Status: 200, ContentType: "text/plain; charset=utf-8", Body: head}
}

// wait is a poll for a head. One that was under way when the boards parted is
// answered from the other board.
func (s *Splitter) wait(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	q, _ := url.ParseQuery(strings.TrimPrefix(r.Path, "/v1/wait?"))
	size, err := strconv.ParseUint(q.Get("size"), 10, 63)
	if err != nil {
		return next(ctx, r)
	}
	s.mu.Lock()
	if s.asked == nil {
		s.asked = map[string]uint64{}
	}
	s.asked[r.From] = size
	parted, news := s.head != nil, s.news()
	if !parted {
		s.notify()
		news = s.news()
	}
	s.mu.Unlock()
	if parted {
		return s.poll(ctx, size)
	}
	type answer struct {
		targets.Response
		err error
	}
	within, cancel := context.WithCancel(ctx)
	defer cancel()
	real := make(chan answer, 1)
	go func() {
		a, err := next(within, r)
		real <- answer{a, err}
	}()
	for {
		select {
		case a := <-real:
			if s.hasParted() {
				return s.poll(ctx, size)
			}
			return a.Response, a.err
		case <-news:
		}
		s.mu.Lock()
		news = s.news()
		s.mu.Unlock()
		if s.hasParted() {
			cancel()
			<-real
			return s.poll(ctx, size)
		}
	}
}

func (s *Splitter) hasParted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.head != nil
}

// poll waits on the other board.
func (s *Splitter) poll(ctx context.Context, size uint64) (targets.Response, error) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		s.mu.Lock()
		head, have, news := s.head, s.size, s.news()
		s.mu.Unlock()
		if have >= size {
			return note(head), nil
		}
		select {
		case <-news:
		case <-late.C:
			return targets.Response{Status: 204}, nil
		case <-ctx.Done():
			return targets.Response{}, ctx.Err()
		}
	}
}
