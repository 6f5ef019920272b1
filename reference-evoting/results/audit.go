package results

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"maps"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/statement"
	"scrutineer/reference-evoting/weakness"
)

// watchers is how many must have seen the same.
const watchers = 2

// maxPublication bounds a publication that is read, in bytes.
const maxPublication = 16 << 20

// WatchOf is a watcher's word on what it saw at an address (S-73).
func WatchOf(fingerprint message.Digest, witness, url string, status int, body []byte, at time.Time, key ed25519.PrivateKey) (message.Watch, error) {
	w := message.Watch{Digest: sha256.Sum256(body), Fingerprint: fingerprint, Status: uint64(max(status, 0)),
		Time: uint64(max(at.Unix(), 0)), URL: url, Witness: witness}
	var err error
	w.Signature, err = statement.Sign(w, fingerprint, key)
	return w, err
}

// Seen is what watchers saw at one address of a channel.
type Seen struct {
	Channel string
	message.Capture
}

// Deviation is what an auditor says of a channel that does not show what the
// record gives (S-74). Capture is its evidence.
type Deviation struct {
	Channel string
	Detail  string
	Capture message.Capture
}

// Auditor holds what channels show against the record.
type Auditor struct {
	Election    *manifest.Election
	Fingerprint message.Digest
	Root        message.Digest // sealed
	Result      message.Result // as the record gives it
	Weak        weakness.View
	Recall      *recall.Memory
}

// Audit makes S-74 for what was seen. Of no channel it is taken that it is
// right because the other agrees.
func (a *Auditor) Audit(seen []Seen) ([]Deviation, error) {
	versions := map[string]message.Statement{} // by channel
	var out []Deviation
	deviate := func(s Seen, format string, args ...any) {
		out = append(out, Deviation{Channel: s.Channel, Detail: fmt.Sprintf(format, args...), Capture: s.Capture})
	}
	for _, s := range seen {
		if err := a.watched(s); err != nil {
			return nil, err
		}
		p, err := a.authentic(s)
		// The weak rule looks at nothing that bears no signature.
		if err != nil && a.Weak.Widen(weakness.UnsignedSite, false, func() bool { return s.Watches[0].Status == 200 }) {
			continue
		}
		if why := a.crossed(s, p, err); why != "" {
			deviate(s, "%s", why)
			continue
		}
		if p != nil {
			versions[s.Channel] = p.Statement
		}
	}
	newest := newestOf(versions)
	for _, s := range seen {
		v, ok := versions[s.Channel]
		stale := ok && v.Version < newest.Version
		if a.Weak.Widen(weakness.NoCrossCheck, !stale, func() bool { return true }) {
			continue
		}
		deviate(s, "shows version %d, officers have approved version %d", v.Version, newest.Version)
		delete(versions, s.Channel)
	}
	return out, nil
}

func newestOf(versions map[string]message.Statement) message.Statement {
	var out message.Statement
	for _, v := range versions {
		if v.Version > out.Version {
			out = v
		}
	}
	return out
}

// watched holds that two watchers saw these bytes there.
func (a *Auditor) watched(s Seen) error {
	seen := map[string]bool{}
	for _, w := range s.Watches {
		if seen[w.Witness] || w.Fingerprint != a.Fingerprint || w.Digest != sha256.Sum256(s.Body) || w.Status != s.Watches[0].Status {
			return fmt.Errorf("capture of %s: %q does not say so", s.Channel, w.Witness)
		}
		seen[w.Witness] = true
		if err := statement.Verify(a.Recall, a.Election, a.Fingerprint, w, w.Signature); err != nil {
			return err
		}
	}
	if len(seen) < watchers {
		return fmt.Errorf("capture of %s: seen by %d watchers, want %d", s.Channel, len(seen), watchers)
	}
	return nil
}

// authentic takes from a page or a file the publication that its channel
// signed, whatever it says, and holds that what people read is that.
func (a *Auditor) authentic(s Seen) (*message.Publication, error) {
	if s.Watches[0].Status != 200 {
		return nil, fmt.Errorf("shows no result, but status %d", s.Watches[0].Status)
	}
	raw := []byte(s.Body)
	var shown page.Totals
	if !bytes.HasPrefix(raw, []byte("{")) {
		seen, err := page.Read(raw)
		if err != nil {
			return nil, fmt.Errorf("shows no result: %w", err)
		}
		if seen.Publication == nil {
			return nil, fmt.Errorf("shows totals that nobody signed")
		}
		raw, shown = seen.Publication, seen.Totals
	}
	p, err := codec.Decode[message.Publication](raw, codec.Limits{Size: maxPublication})
	if err != nil {
		return nil, fmt.Errorf("shows what is no signed result: %w", err)
	}
	if err := a.statement(s.Channel, p); err != nil {
		return nil, err
	}
	if shown != nil && !equalTotals(shown, page.TotalsOf(&a.Election.Manifest, p.Result)) {
		return nil, fmt.Errorf("shows other totals than those that are signed")
	}
	return &p, nil
}

func equalTotals(x, y page.Totals) bool {
	return maps.EqualFunc(x, y, func(a, b map[string]uint64) bool { return maps.Equal(a, b) })
}

// statement holds a publication to its publisher's signature.
func (a *Auditor) statement(channel string, p message.Publication) error {
	canonical, err := codec.Encode(p.Content())
	if err != nil {
		return err
	}
	s := p.Statement
	switch {
	case s.Channel != channel:
		return fmt.Errorf("shows a statement of the channel %q", s.Channel)
	case s.Digest != transcript.BodyDigest(canonical):
		return fmt.Errorf("shows a result that is not the one that is signed")
	case s.Fingerprint != a.Fingerprint:
		return fmt.Errorf("shows a result of the election %s", s.Fingerprint)
	}
	if err := statement.Verify(a.Recall, a.Election, a.Fingerprint, s, s.Signature); err != nil {
		return err
	}
	return approved(a.Recall, a.Election, p)
}

// crossed holds what a channel signed, or that it shows nothing authentic,
// against the record.
func (a *Auditor) crossed(s Seen, p *message.Publication, unauthentic error) string {
	if unauthentic != nil {
		if p == nil && s.Watches[0].Status != 200 && a.Weak.Has(weakness.NoCrossCheck) {
			return ""
		}
		return unauthentic.Error()
	}
	why := ""
	switch {
	case p.Statement.Root != a.Root:
		why = "signs a result of another sealed board"
	default:
		why = Differs(a.Result, p.Result)
	}
	if a.Weak.Widen(weakness.NoCrossCheck, why == "", func() bool { return true }) {
		return ""
	}
	return why
}

// Differs says where a published result is not the record's; empty where it is.
func Differs(want, got message.Result) string {
	if len(got.Contests) != len(want.Contests) {
		return fmt.Sprintf("has %d contests, the record %d", len(got.Contests), len(want.Contests))
	}
	for i, c := range want.Contests {
		g := got.Contests[i]
		if g.Contest != c.Contest || len(g.Cells) != len(c.Cells) {
			return fmt.Sprintf("has %d cells of contest %s, the record %d", len(g.Cells), c.Contest, len(c.Cells))
		}
		for j, t := range c.Totals {
			if j >= len(g.Totals) || g.Totals[j] != t {
				return fmt.Sprintf("the totals of contest %s are not those of the record", c.Contest)
			}
		}
	}
	x, errX := codec.Encode(want)
	y, errY := codec.Encode(got)
	if errX != nil || errY != nil || !bytes.Equal(x, y) {
		return "differs from the record in a cell or an outcome"
	}
	return ""
}

// approved checks the approvals of a version: none of the first, two of later
// ones.
func approved(m *recall.Memory, e *manifest.Election, p message.Publication) error {
	if p.Statement.Version == 1 && len(p.Approvals) == 0 {
		return nil
	}
	v := message.ResultVersion{Digest: p.Statement.Digest, Root: p.Statement.Root, Version: p.Statement.Version}
	return statement.VerifyJointly(m, e, p.Statement.Fingerprint, v, p.Approvals, e.Manifest.Officers)
}
