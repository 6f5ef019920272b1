package core

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/board"
	"scrutineer/targets"
)

var (
	_ targets.Election    = (*election)(nil)
	_ targets.Submitter   = (*election)(nil)
	_ targets.Racer       = (*election)(nil)
	_ targets.BoardReader = (*election)(nil)
	_ targets.Closer      = (*election)(nil)
	_ targets.Corruptible = (*election)(nil)
	_ targets.Credentials = (*election)(nil)
	_ targets.Trustees    = (*election)(nil)
	_ targets.Voters      = (*election)(nil)
	_ targets.Witnesses   = (*election)(nil)
	_ targets.Verifier    = (*election)(nil)
)

// paths of the public interface by kind, as the OpenAPI document has them.
var paths = map[string]string{
	"ballot": "/v1/ballots", "cast": "/v1/casts", "challenge": "/v1/challenges", "entry": "/v1/entries",
	"login": "/v1/sessions", "authorise": "/v1/authorisations", "notices": "/v1/notices",
}

// request goes to the authority, through the liar where there is one.
func (e *election) request(ctx context.Context, kind string, body []byte) (targets.Response, error) {
	path, ok := paths[kind]
	if !ok {
		return targets.Response{}, targets.ErrUnable
	}
	if identified(kind) {
		return e.identify(ctx, kind, body)
	}
	e.mu.Lock()
	liar := e.liar
	e.mu.Unlock()
	r := targets.Request{Method: "POST", Path: path, Body: body}
	if liar != nil {
		return liar(ctx, r, e.serve)
	}
	return e.serve(ctx, r)
}

// serve is the public interface.
func (e *election) serve(ctx context.Context, r targets.Request) (targets.Response, error) {
	u, err := url.Parse(r.Path)
	if err != nil {
		return problem(&authority.Problem{Status: 400, Code: "malformed", Detail: err.Error()})
	}
	var out any
	switch strings.TrimPrefix(u.Path, "/v1/") {
	case "ballots":
		out, err = e.authority.Submit(ctx, r.Body)
	case "casts":
		return answered(e.authority.Cast(ctx, r.Body))
	case "challenges":
		return answered(e.authority.Challenge(ctx, r.Body))
	case "entries":
		out, err = e.authority.Append(ctx, r.Body)
	default:
		return problem(&authority.Problem{Status: 404, Code: "not-found", Detail: u.Path})
	}
	if err != nil {
		return problem(err)
	}
	raw, err := codec.Encode(out)
	return targets.Response{Status: 200, ContentType: "application/json", Body: raw}, err
}

func answered(a authority.Answer, err error) (targets.Response, error) {
	switch {
	case err != nil:
		return problem(err)
	case a.Accepted:
		return targets.Response{Status: 200, ContentType: "application/json", Body: a.Bytes}, nil
	}
	return targets.Response{Status: 409, ContentType: "application/json", Body: a.Bytes}, nil
}

func problem(err error) (targets.Response, error) {
	var p *authority.Problem
	if !errors.As(err, &p) {
		return targets.Response{}, err
	}
	raw, err := codec.Encode(message.Problem{Code: p.Code, Detail: p.Detail, Status: uint64(p.Status), Title: "not granted", Type: "about:blank"})
	return targets.Response{Status: p.Status, ContentType: "application/problem+json", Body: raw}, err
}

// Submit implements targets.Submitter. Chunks are kept until the entry comes
// that names them.
func (e *election) Submit(ctx context.Context, kind string, body []byte) (targets.Answer, error) {
	switch kind {
	case "unit-result":
		c, err := e.channel(message.ChannelOfficial)
		if err != nil {
			return targets.Answer{}, err
		}
		r, err := e.takeUnit(c, body)
		return toAnswer(kind, r), err
	case "chunk":
		return e.keepChunk(body), nil
	case "entry":
		if err := e.storeChunks(ctx, body); err != nil {
			return targets.Answer{}, err
		}
	}
	r, err := e.request(ctx, kind, body)
	if errors.Is(err, targets.ErrUnable) {
		return targets.Answer{}, err
	}
	if err != nil {
		return targets.Answer{Outcome: targets.Unknown, Detail: err.Error()}, nil
	}
	if err := e.settle(ctx); err != nil {
		return targets.Answer{}, err
	}
	return toAnswer(kind, r), nil
}

// toAnswer gives an answer the outcome of its kind: of a decision only a
// signed refusal is final (S-20).
func toAnswer(kind string, r targets.Response) targets.Answer {
	a := targets.Answer{Outcome: targets.Unknown, Status: r.Status, Body: r.Body}
	decision := kind == "cast" || kind == "challenge"
	switch {
	case r.Status < 300:
		a.Outcome = targets.OK
	case r.Status < 500 && (!decision || r.ContentType == "application/json"):
		a.Outcome = targets.Refused
	}
	if p, err := codec.Decode[message.Problem](r.Body, codec.Limits{Size: 1 << 16}); err == nil {
		a.Code, a.Detail = p.Code, p.Detail
	} else if f, err := codec.Decode[message.Refusal](r.Body, codec.Limits{Size: 1 << 16}); err == nil {
		a.Code = string(f.Reason)
	}
	return a
}

// keepChunk keeps a chunk for the entry that will name it.
func (e *election) keepChunk(chunk []byte) targets.Answer {
	if len(chunk) > message.ChunkSize {
		return targets.Answer{Outcome: targets.Refused, Code: "too-large"}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.chunks[message.Digest(board.ChunkDigest(chunk))] = chunk
	return targets.Answer{Outcome: targets.OK}
}

// storeChunks brings to the board the chunks that an entry names.
func (e *election) storeChunks(ctx context.Context, raw []byte) error {
	header, err := message.DecodeEntry(raw)
	if err != nil {
		return nil // the authority says so
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range header.Chunks {
		var refused *authority.Problem
		if _, err := e.authority.PutChunk(ctx, header, e.chunks[d]); err != nil && !errors.As(err, &refused) {
			return err
		}
		delete(e.chunks, d)
	}
	return nil
}

// Race implements targets.Racer.
func (e *election) Race(ctx context.Context, kind string, bodies [][]byte, abandon int) ([]targets.Answer, error) {
	out := make([]targets.Answer, len(bodies))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, body := range bodies {
		wg.Go(func() {
			<-start
			r, err := e.request(ctx, kind, body)
			if err != nil || i < abandon {
				out[i] = targets.Answer{Outcome: targets.Unknown, Detail: "nobody waited for the answer"}
				return
			}
			out[i] = toAnswer(kind, r)
		})
	}
	close(start)
	wg.Wait()
	return out, e.settle(ctx)
}

// Head implements targets.BoardReader.
func (e *election) Head(ctx context.Context) ([]byte, error) {
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	return e.log.Checkpoint(ctx)
}

// Await implements targets.BoardReader.
func (e *election) Await(ctx context.Context, size uint64) ([]byte, error) {
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	return e.log.Await(ctx, size)
}

// Entries implements targets.BoardReader.
func (e *election) Entries(ctx context.Context, from, to uint64) ([][]byte, error) {
	var out [][]byte
	err := e.log.Entries(ctx, from, to, func(_ uint64, raw []byte) error {
		out = append(out, raw)
		return nil
	})
	return out, err
}

// Chunk implements targets.BoardReader.
func (e *election) Chunk(ctx context.Context, digest string) ([]byte, error) {
	d, err := codec.ParseHex32(digest)
	if err != nil {
		return nil, err
	}
	return e.log.Chunk(ctx, board.Hash(d))
}

// Record implements targets.BoardReader.
func (e *election) Record(ctx context.Context) (map[string][]byte, error) {
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.export(ctx)
}

// CloseVoting implements targets.Closer.
func (e *election) CloseVoting(ctx context.Context) (targets.Answer, error) {
	for _, c := range e.draft.Manifest.Channels {
		if _, err := e.authority.CloseChannel(ctx, c.ID); err != nil {
			r, err := problem(err)
			if err != nil {
				return targets.Answer{}, err
			}
			return toAnswer("", r), nil
		}
	}
	if err := e.settle(ctx); err != nil {
		return targets.Answer{}, err
	}
	switch phase := e.authority.Status().Phase; phase {
	case message.PhaseSealed, message.PhaseDecrypting, message.PhasePublished:
		return targets.Answer{Outcome: targets.OK}, nil
	case message.PhaseClosed:
		if e.places != nil { // the seal waits for the packs
			return targets.Answer{Outcome: targets.OK, Detail: "the channels are closed, packs are due"}, nil
		}
		fallthrough
	default:
		return targets.Answer{Outcome: targets.Unknown, Detail: "the election stays in phase " + string(phase)}, nil
	}
}

// Keys implements targets.Corruptible.
func (e *election) Keys(_ context.Context, role string) ([]byte, error) {
	name, id, _ := strings.Cut(role, "/")
	switch r := message.Role(name); r {
	case message.RoleBoard, message.RoleAuthority, message.RoleRegistrar, message.RoleWitness:
		return e.seed.Signing(r, id).Seed(), nil
	case message.RoleTrustee:
		return e.seed.Signing(r, "t"+id).Seed(), nil
	}
	if name, ok := strings.CutPrefix(role, string(message.RolePublisher)+"/"); ok && e.channels[name] != nil {
		return e.seed.Signing(message.RolePublisher, name).Seed(), nil
	}
	return nil, targets.ErrUnable
}

// Interpose implements targets.Corruptible.
func (e *election) Interpose(_ context.Context, f targets.Liar) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.liar = f
	return nil
}

// Credential implements targets.Credentials.
func (e *election) Credential(_ context.Context, voter string) ([]byte, error) {
	c, ok := e.credentials[voter]
	if !ok {
		return nil, targets.ErrUnable
	}
	secret, err := c.Secret.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return codec.Encode(manage.Credential{
		Code: e.codes[voter],
		Key:  c.Key, Secret: message.Scalar(secret), Style: c.Voter.Style, Unit: c.Voter.Unit,
		Voter: c.Voter.ID, Weight: c.Voter.Weight,
	})
}

// Follow implements targets.Trustees.
func (e *election) Follow(ctx context.Context, index int) ([]targets.Finding, error) {
	if err := e.settle(ctx); err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	f := e.trustees[index]
	if f == nil {
		return nil, targets.ErrUnable
	}
	return e.tell(index, f), nil
}

// tell gives a trustee's findings that were not told before.
func (e *election) tell(index int, f *follower) []targets.Finding {
	faults := f.trustee.Faults()[f.told:]
	f.told += len(faults)
	return findings("trustee/"+strconv.Itoa(index), faults)
}

// Decrypt implements targets.Trustees.
func (e *election) Decrypt(ctx context.Context, index int) (targets.Answer, []targets.Finding, error) {
	e.mu.Lock()
	f := e.trustees[index]
	if f != nil {
		f.answers = true
	}
	e.mu.Unlock()
	if f == nil {
		return targets.Answer{}, nil, targets.ErrUnable
	}
	if err := e.settle(ctx); err != nil {
		return targets.Answer{}, nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	found := e.tell(index, f)
	if len(f.trustee.Faults()) > 0 {
		return targets.Answer{Outcome: targets.Refused, Detail: f.trustee.Faults()[0].Detail}, found, nil
	}
	return targets.Answer{Outcome: targets.OK}, found, nil
}

// WitnessHead implements targets.Witnesses.
func (e *election) WitnessHead(ctx context.Context, id string) ([]byte, error) {
	w := e.witnesses[id]
	if w == nil {
		return nil, targets.ErrUnable
	}
	return w.Last(ctx)
}

// moment finds the smallest cosigned head that covers an entry.
func (e *election) moment(index uint64) []byte {
	var best uint64
	for size := range e.heads {
		if size > index && (best == 0 || size < best) {
			best = size
		}
	}
	return e.heads[best]
}
