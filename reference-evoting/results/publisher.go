package results

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// Config is what a publisher is made of.
type Config struct {
	Channel string // message.ChannelOfficial or ChannelBackup
	Key     ed25519.PrivateKey
	Weak    weakness.Set
	Source  rules.Source
	Clock   func() time.Time
	Recall  *recall.Memory // shared with other roles of the process; nil: none
}

// Publisher is one channel. It follows the board, checks all of it, and shows
// what the shares give once that is out. It is safe for concurrent use.
type Publisher struct {
	cfg Config

	mu       sync.Mutex
	state    *rules.State
	faults   []*rules.Fault
	logs     tally.Logarithms
	result   *message.Result               // computed; nil until there are shares enough
	stalled  error                         // why there is none
	units    map[string]message.UnitResult // taken, by unit
	versions []message.Publication         // all there were, the standing one last
	files    map[string]Object             // of the standing version
	notices  []message.BodyNotice
	named    map[string]message.Digest // minutes by place
}

// Object is one thing that a channel serves.
type Object struct {
	MediaType string
	Body      []byte
}

// Media types of objects.
const (
	typeHTML = "text/html; charset=utf-8"
	typeJSON = "application/json"
)

// The paths of a channel.
const (
	PathPage    = "/"
	PathResult  = "/result.json"
	PathNotices = "/notices.json"
)

// New starts before the first entry.
func New(cfg Config) *Publisher {
	return &Publisher{
		cfg: cfg, units: map[string]message.UnitResult{}, named: map[string]message.Digest{},
		state: rules.New(cfg.Weak.For(weakness.Publisher), cfg.Source).Remember(cfg.Recall),
	}
}

// Apply takes the next entry of a cosigned board.
func (p *Publisher) Apply(ctx context.Context, raw []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	fault, err := p.state.Apply(ctx, raw, rules.Full)
	if err != nil {
		return err
	}
	if fault != nil {
		p.faults = append(p.faults, fault)
	}
	return p.compute()
}

// compute makes the result as soon as there are shares enough. It does not
// wait for the authority's: the channels outlive it.
func (p *Publisher) compute() error {
	if p.result != nil || p.stalled != nil || !(p.state.Quorum() || p.state.Phase() == message.PhasePublished) {
		return nil
	}
	r, err := p.state.Compute(&p.logs)
	if errors.Is(err, tally.ErrNoLogarithm) {
		p.stalled = err
		return nil
	}
	if err != nil {
		return err
	}
	p.result = &r
	return nil
}

// Next implements what followers ask: a publisher owes the board nothing.
func (p *Publisher) Next() ([]entry.Packed, error) { return nil, nil }

// State is the election as this publisher sees it.
func (p *Publisher) State() *rules.State { return p.state }

// Faults are the findings against the board so far.
func (p *Publisher) Faults() []*rules.Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.faults)
}

// due reports that results are out: computed from a sealed board without a
// fault, and the time of release has come (S-72).
func (p *Publisher) due() bool {
	e := p.state.Election()
	return e != nil && e.HasPublishing() && p.result != nil && len(p.faults) == 0 &&
		uint64(max(p.cfg.Clock().Unix(), 0)) >= e.Manifest.Publishing.ReleaseAt
}

// content is what this channel would show now.
func (p *Publisher) content() message.PublicationContent {
	out := message.PublicationContent{Result: *p.result, Units: []message.UnitResult{}}
	for _, u := range p.state.Election().Manifest.Units {
		r, ok := p.units[u.ID]
		if ok && p.state.Paper(r, *p.result) == nil && p.state.Showable(r, out.Units) {
			out.Units = append(out.Units, r)
		}
	}
	return out
}

// publication signs the content as a version.
func (p *Publisher) publication(c message.PublicationContent, version uint64, approvals []message.OfficerSignature) (message.Publication, error) {
	canonical, err := codec.Encode(c)
	if err != nil {
		return message.Publication{}, err
	}
	s := message.Statement{Channel: p.cfg.Channel, Digest: transcript.BodyDigest(canonical), Fingerprint: p.state.Fingerprint(),
		Root: p.state.Seal().Root, Version: version}
	if s.Signature, err = statement.Sign(s, s.Fingerprint, p.cfg.Key); err != nil {
		return message.Publication{}, err
	}
	return message.Publication{Approvals: approvals, Result: c.Result, Statement: s, Units: c.Units}, nil
}

// Prepared is what a next version would hold, for the officers to approve; the
// first needs nobody. It is ErrNotDue before results are out.
func (p *Publisher) Prepared() (message.ResultVersion, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.due() {
		return message.ResultVersion{}, ErrNotDue
	}
	if _, err := p.render(); err != nil {
		return message.ResultVersion{}, err
	}
	canonical, err := codec.Encode(p.content())
	if err != nil {
		return message.ResultVersion{}, err
	}
	return message.ResultVersion{Digest: transcript.BodyDigest(canonical), Root: p.state.Seal().Root, Version: uint64(len(p.versions)) + 1}, nil
}

// Replace publishes a version that officers approved in place of the standing
// one.
func (p *Publisher) Replace(version message.ResultVersion, approvals []message.OfficerSignature) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.due() {
		return ErrNotDue
	}
	if _, err := p.render(); err != nil {
		return err
	}
	next, err := p.publication(p.content(), uint64(len(p.versions))+1, approvals)
	if err != nil {
		return err
	}
	if next.Statement.Version != version.Version || next.Statement.Digest != version.Digest {
		return ErrOtherVersion
	}
	if err := approved(p.cfg.Recall, p.state.Election(), next); err != nil {
		return err
	}
	p.versions, p.files = append(p.versions, next), nil
	return nil
}

// Errors that callers tell apart.
var (
	// ErrNotDue: results are not out yet.
	ErrNotDue = errors.New("results are not out")
	// ErrOtherVersion: what was approved is not what this channel would show.
	ErrOtherVersion = errors.New("this is not the version that would be shown")
)

// Standing is what the channel shows; ErrNotDue before results are out.
func (p *Publisher) Standing() (message.Publication, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.due() {
		return message.Publication{}, ErrNotDue
	}
	if _, err := p.render(); err != nil {
		return message.Publication{}, err
	}
	return p.versions[len(p.versions)-1], nil
}

// Object is what stands at a path of the channel, or false. Of what is not out
// there is no more than of what will never be (S-72): no name, no size.
func (p *Publisher) Object(path string) (Object, bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if path == PathNotices && p.cfg.Channel == message.ChannelOfficial {
		o, ok, err := p.noticeObject()
		return o, ok, err
	}
	if u, ok := p.staged(path); ok {
		body, err := codec.Encode(u)
		return Object{typeJSON, body}, err == nil, err
	}
	if !p.due() {
		return Object{}, false, nil
	}
	files, err := p.render()
	if err != nil {
		return Object{}, false, err
	}
	o, ok := files[path]
	return o, ok, nil
}

// staged finds the unit result that a publisher who prepares his files in the
// open keeps under a name that can be guessed.
func (p *Publisher) staged(path string) (message.UnitResult, bool) {
	if !p.cfg.Weak.For(weakness.Publisher).Has(weakness.GuessableURL) {
		return message.UnitResult{}, false
	}
	unit, _ := strings.CutPrefix(path, "/staging/unit-")
	unit, _ = strings.CutSuffix(unit, ".json")
	u, ok := p.units[unit]
	return u, ok && path == "/staging/unit-"+unit+".json"
}

// Files are all objects of the channel, none before results are out: for a
// channel that consists of files.
func (p *Publisher) Files() (map[string]Object, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.due() {
		return nil, nil
	}
	return p.render()
}

// render makes the objects of the standing version, the first where there is
// none yet.
func (p *Publisher) render() (map[string]Object, error) {
	if p.files != nil {
		return p.files, nil
	}
	if len(p.versions) == 0 {
		first, err := p.publication(p.content(), 1, []message.OfficerSignature{})
		if err != nil {
			return nil, err
		}
		p.versions = append(p.versions, first)
	}
	files, err := Render(&p.state.Election().Manifest, p.versions[len(p.versions)-1])
	if err != nil {
		return nil, err
	}
	p.files = files
	return files, nil
}

// Render makes all forms of a publication, by path.
func Render(m *message.Manifest, p message.Publication) (map[string]Object, error) {
	html, err := page.Write(m, p)
	if err != nil {
		return nil, err
	}
	result, err := codec.Encode(p)
	if err != nil {
		return nil, err
	}
	return map[string]Object{
		PathPage:   {typeHTML, html},
		PathResult: {typeJSON, result},
	}, nil
}
