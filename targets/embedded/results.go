package embedded

import (
	"context"
	"crypto/ed25519"
	"path/filepath"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
	"scrutineer/targets/wire"
)

var (
	_ targets.Channels  = (*election)(nil)
	_ targets.Announcer = (*election)(nil)
)

// publishers are the two channels of elections that have them, each a host of
// its own.
func (s *stage) publishers() {
	if s.plan.manifest.Publishing == nil {
		return
	}
	s.ports.Channels, s.ports.ChannelsManage = map[string]wire.Port{}, map[string]wire.Port{}
	officers := map[string]ed25519.PrivateKey{}
	for _, o := range s.plan.manifest.Officers {
		officers[o.ID] = s.plan.seed.Signing(message.RoleOfficer, o.ID)
	}
	for _, name := range message.Channels() {
		public := web.NewPipe()
		s.ports.Channels[name] = wire.Port{URL: "http://" + name, Dial: public.DialContext}
		listener, port := s.port()
		s.ports.ChannelsManage[name] = port
		cfg := roles.PublisherConfig{
			Channel: name, Manifest: s.plan.manifest, Client: s.client("publisher/" + name), Key: s.plan.seed.Signing(message.RolePublisher, name),
			Weak: s.plan.weak, Clock: s.cfg.Clock, Insider: s.plan.manifest.Test, Listener: public, Manage: listener, Logger: s.logger, Recall: s.memory,
		}
		switch name {
		case message.ChannelOfficial:
			cfg.Officers = officers
		case message.ChannelBackup:
			cfg.Dir = filepath.Join(s.dir, "archive")
		}
		s.crew.clients.start("publisher/"+name, func(ctx context.Context) error { return roles.RunPublisher(ctx, cfg) })
	}
}

// WatchChannels implements targets.Channels: the watchers of all witnesses,
// and the auditor, called and not asked, as in VerifyRecord.
func (e *election) WatchChannels(ctx context.Context) ([]targets.Finding, error) {
	if e.plan.manifest.Publishing == nil {
		return nil, targets.ErrUnable
	}
	compiled, err := manifest.Compile(e.plan.manifest, e.plan.ceremony)
	if err != nil {
		return nil, err
	}
	files, err := e.Record(ctx)
	if err != nil {
		return nil, err
	}
	w := results.Watching{Election: compiled, Clock: time.Now, Weak: e.plan.weak.For(weakness.Verifier), Recall: e.memory,
		Keys: func(id string) ed25519.PrivateKey { return e.plan.seed.Signing(message.RoleWitness, id) },
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
