package core

import (
	"context"
	"crypto/ed25519"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
)

var (
	_ targets.Channels  = (*election)(nil)
	_ targets.Announcer = (*election)(nil)
	_ targets.Informed  = (*voterClient)(nil)
)

// channel is one way over which results are published.
type channel struct {
	*follower
	publisher *results.Publisher
	liar      targets.Liar
}

// addPublishers starts the two channels of an election that has them.
func (e *election) addPublishers() error {
	if e.draft.Manifest.Publishing == nil {
		return nil
	}
	compiled, err := manifest.Compile(e.draft.Manifest, e.draft.Ceremony)
	if err != nil {
		return err
	}
	e.compiled, e.channels = compiled, map[string]*channel{}
	for _, name := range message.Channels() {
		p := results.New(results.Config{Channel: name, Key: e.seed.Signing(message.RolePublisher, name), Weak: e.weak, Source: e.log,
			Clock: e.clock, Recall: e.memory})
		e.channels[name] = &channel{publisher: p, follower: &follower{apply: p.Apply, next: p.Next}}
	}
	return nil
}

func (e *election) channel(name string) (*channel, error) {
	c := e.channels[name]
	if c == nil {
		return nil, fmt.Errorf("%w: there is no channel %.40q", targets.ErrUnable, name)
	}
	return c, nil
}

// ReadChannel implements targets.Channels.
func (e *election) ReadChannel(ctx context.Context, name, path string) (targets.Response, error) {
	c, err := e.channel(name)
	if err == nil {
		err = e.settle(ctx)
	}
	if err != nil {
		return targets.Response{}, err
	}
	serve := func(_ context.Context, r targets.Request) (targets.Response, error) {
		if r.Method == "POST" {
			return e.takeUnit(c, r.Body)
		}
		o, ok, err := c.publisher.Object(r.Path)
		switch {
		case err != nil:
			return targets.Response{}, err
		case !ok:
			return problem(&authority.Problem{Status: 404, Code: "not-found", Detail: "there is nothing here"})
		}
		return targets.Response{Status: 200, ContentType: o.MediaType, Body: o.Body}, nil
	}
	e.mu.Lock()
	liar := c.liar
	e.mu.Unlock()
	r := targets.Request{Method: "GET", Path: path}
	if liar != nil {
		return liar(ctx, r, serve)
	}
	return serve(ctx, r)
}

// takeUnit hands a unit result to the official publisher.
func (e *election) takeUnit(c *channel, body []byte) (targets.Response, error) {
	if err := c.publisher.Take(body); err != nil {
		return problem(&authority.Problem{Status: 422, Code: "refused", Detail: err.Error()})
	}
	return targets.Response{Status: 204}, nil
}

// InterposeChannel implements targets.Channels.
func (e *election) InterposeChannel(_ context.Context, name string, f targets.Liar) error {
	c, err := e.channel(name)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c.liar = f
	return nil
}

// WatchChannels implements targets.Channels.
func (e *election) WatchChannels(ctx context.Context) ([]targets.Finding, error) {
	if e.channels == nil {
		return nil, targets.ErrUnable
	}
	files, err := e.Record(ctx)
	if err != nil {
		return nil, err
	}
	w := results.Watching{Election: e.compiled, Clock: e.clock, Weak: e.weak.For(weakness.Verifier), Recall: e.memory,
		Keys: func(id string) ed25519.PrivateKey { return e.seed.Signing(message.RoleWitness, id) },
		Fetch: func(ctx context.Context, name, path string) (int, []byte, error) {
			r, err := e.ReadChannel(ctx, name, path)
			return r.Status, r.Body, err
		}}
	found, err := w.Once(ctx, record.Memory(files))
	if err != nil {
		return nil, err
	}
	var out []targets.Finding
	for _, d := range found {
		capture, err := codec.Encode(d.Capture)
		if err != nil {
			return nil, err
		}
		out = append(out, targets.Finding{Role: "auditor", Check: "S-74", Culprit: "publisher/" + d.Channel, ThirdParty: true,
			Detail: "the " + d.Channel + " channel " + d.Detail, Evidence: map[string][]byte{"capture": capture}})
	}
	return out, nil
}

// PostNotice implements targets.Announcer.
func (e *election) PostNotice(ctx context.Context, text string) ([]byte, error) {
	c, err := e.channel(message.ChannelOfficial)
	if err == nil {
		err = e.settle(ctx)
	}
	if err != nil {
		return nil, err
	}
	n, err := c.publisher.NextNotice(message.NoticeInformation, text, uint64(e.clock().Unix())+24*60*60)
	if err != nil {
		return nil, err
	}
	for _, o := range e.draft.Manifest.Officers[:2] {
		s, err := statement.SignJointly(n, o.ID, n.Fingerprint, e.seed.Signing(message.RoleOfficer, o.ID))
		if err != nil {
			return nil, err
		}
		n.Signatures = append(n.Signatures, s)
	}
	if err := c.publisher.Post(n); err != nil {
		return nil, err
	}
	return codec.Encode(n)
}

// ShowNotice implements targets.Informed.
func (v *voterClient) ShowNotice(_ context.Context, raw []byte) ([]string, error) {
	e := v.election
	if e.channels == nil {
		return nil, targets.ErrUnable
	}
	if v.notices == nil {
		v.notices = &results.Reader{Election: v.voting.Election, Fingerprint: v.voting.Fingerprint, Clock: e.clock, Weak: e.weak.For(weakness.Voter), Recall: e.memory}
	}
	shown, err := v.notices.Show(raw)
	if err != nil {
		return nil, notShown(err)
	}
	var out []string
	for _, n := range shown {
		out = append(out, n.Text)
	}
	return out, nil
}

// notShown is nothing for a notice that waits, else the client's objection.
func notShown(err error) error {
	if results.Waits(err) {
		return nil
	}
	return &targets.Objection{Check: "S-76", Detail: err.Error()}
}
