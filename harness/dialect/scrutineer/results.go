package scrutineer

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
	"scrutineer/protocols/transcript"
)

// SignPublication makes the publication that a channel's publisher would show,
// whatever it holds.
func SignPublication(channel string, key ed25519.PrivateKey, fingerprint message.Digest, c message.PublicationContent, version uint64) (message.Publication, error) {
	canonical, err := codec.Encode(c)
	if err != nil {
		return message.Publication{}, err
	}
	s := message.Statement{Channel: channel, Digest: transcript.BodyDigest(canonical), Fingerprint: fingerprint, Root: c.Result.Root, Version: version}
	s.Signature, err = SignStatement(s.Author(), fingerprint, s.Content(), key)
	return message.Publication{Approvals: []message.OfficerSignature{}, Result: c.Result, Statement: s, Units: c.Units}, err
}

// SignStatement signs what is no entry of the board (SPEC.md §1).
func SignStatement(a message.Author, fingerprint message.Digest, content any, key ed25519.PrivateKey) (message.Signature, error) {
	digest, err := transcript.StatementDigest(a, fingerprint, content)
	return message.Signature(ed25519.Sign(key, digest[:])), err
}

// stated checks such a signature.
func stated(key message.Key, a message.Author, fingerprint message.Digest, content any, s message.Signature) bool {
	digest, err := transcript.StatementDigest(a, fingerprint, content)
	return err == nil && ed25519.Verify(ed25519.PublicKey(key[:]), digest[:], s[:])
}

// ErrCapture: what watchers are said to have seen is not shown by their
// signatures.
var ErrCapture = errors.New("S-73: the capture proves nothing")

// Deviates is S-74 for one capture: what is wrong with what watchers saw on a
// channel, given what the record says; empty where it is as the record gives
// it. Whoever has the manifest and the record comes to the same.
func Deviates(m *message.Manifest, fingerprint message.Digest, result message.Result, c message.Capture) (string, error) {
	channel, err := captured(m, fingerprint, c)
	if err != nil {
		return "", err
	}
	if c.Watches[0].Status != 200 {
		return fmt.Sprintf("status %d", c.Watches[0].Status), nil
	}
	return Shows(m, fingerprint, result, channel, c.Body), nil
}

// Shows is what is wrong with the bytes that a channel shows, a page or a file;
// empty where they are what the record gives.
func Shows(m *message.Manifest, fingerprint message.Digest, result message.Result, channel string, body []byte) string {
	raw, shown := body, page.Totals(nil)
	if !bytes.HasPrefix(raw, []byte("{")) {
		seen, err := page.Read(raw)
		if err != nil || seen.Publication == nil {
			return "no signed result"
		}
		raw, shown = seen.Publication, seen.Totals
	}
	p, err := codec.Decode[message.Publication](raw, codec.Limits{Size: page.MaxSize})
	if err != nil {
		return "no signed result"
	}
	if shown != nil && !maps.EqualFunc(shown, page.TotalsOf(m, p.Result), func(a, b map[string]uint64) bool { return maps.Equal(a, b) }) {
		return "other totals than those that are signed"
	}
	return publication(m, fingerprint, result, channel, p)
}

// publication says what is wrong with a publication.
func publication(m *message.Manifest, fingerprint message.Digest, result message.Result, channel string, p message.Publication) string {
	s := p.Statement
	line, _ := m.Publishing.Publisher(channel)
	content, err := codec.Encode(p.Content())
	switch {
	case err != nil, s.Digest != transcript.BodyDigest(content), s.Fingerprint != fingerprint, s.Channel != channel,
		!stated(line.Key, s.Author(), fingerprint, s.Content(), s.Signature):
		return "the statement is not by its publisher, or about something else"
	case s.Root != result.Root:
		return "another sealed board"
	}
	want, errW := codec.Encode(result)
	got, errG := codec.Encode(p.Result)
	if errW != nil || errG != nil || !bytes.Equal(want, got) {
		return "another result than that of the record: " + where(m, result, p.Result)
	}
	return ""
}

// where is the first place in which two results differ.
func where(m *message.Manifest, want, got message.Result) string {
	if len(want.Contests) != len(got.Contests) {
		return fmt.Sprintf("%d contests, the record has %d", len(got.Contests), len(want.Contests))
	}
	for i, c := range want.Contests {
		g := got.Contests[i]
		if g.Contest != c.Contest || len(g.Totals) != len(c.Totals) || len(g.Cells) != len(c.Cells) {
			return fmt.Sprintf("contest %s has %d cells, in the record %d", c.Contest, len(g.Cells), len(c.Cells))
		}
		known := Contest(m, c.Contest)
		for j, t := range c.Totals {
			if g.Totals[j] != t && known != nil && j < len(Selections(known)) {
				return fmt.Sprintf("contest %s, %s has %d, in the record %d", c.Contest, Selections(known)[j], g.Totals[j], t)
			}
		}
	}
	return "a cell or an outcome"
}

// captured is the channel at whose address two witnesses' watchers saw these
// bytes.
func captured(m *message.Manifest, fingerprint message.Digest, c message.Capture) (string, error) {
	if m.Publishing == nil || len(c.Watches) < 2 {
		return "", ErrCapture
	}
	first := c.Watches[0]
	seen := map[string]bool{}
	for _, w := range c.Watches {
		i := slices.IndexFunc(m.Witnesses, func(l message.WitnessLine) bool { return l.ID == w.Witness })
		if i < 0 || seen[w.Witness] || w.URL != first.URL || w.Status != first.Status || w.Digest != sha256.Sum256(c.Body) ||
			w.Fingerprint != fingerprint || w.Time < m.Publishing.ReleaseAt || !stated(m.Witnesses[i].Key, w.Author(), fingerprint, w.Content(), w.Signature) {
			return "", ErrCapture
		}
		seen[w.Witness] = true
	}
	for _, name := range message.Channels() {
		line, _ := m.Publishing.Publisher(name)
		if first.URL == line.URL+"/" || first.URL == line.URL+"/result.json" {
			return name, nil
		}
	}
	return "", ErrCapture
}

// NoticeAs is a notice in the name of the electoral body, signed with keys that
// are whatever they are under the ids of officers.
func NoticeAs(n message.BodyNotice, ids []string, keys []ed25519.PrivateKey) (message.BodyNotice, error) {
	n.Signatures = nil
	var list []message.OfficerSignature
	for i, id := range ids {
		s, err := SignStatement(n.Author(id), n.Fingerprint, n.Content(), keys[i])
		if err != nil {
			return n, err
		}
		list = append(list, message.OfficerSignature{ID: id, Signature: s})
	}
	n.Signatures = list
	return n, nil
}

// EarlyAggregates are the sums of what stands on a board that is not sealed, as
// the authority would ask for their decryption.
func (a Authority) EarlyAggregates(v *View) ([]Parcel, []message.Aggregate, error) {
	if v.Election == nil {
		return nil, nil, ErrNotReady
	}
	var out []Parcel
	var bodies []message.Aggregate
	cells := Cells(&v.Manifest, v.CountedSet())
	for i := range cells {
		if !cells[i].Decrypted() {
			continue
		}
		body := cells[i].aggregate(&v.Manifest)
		p, err := a.Signer().Entry(message.TypeAggregate, v.Election.Fingerprint, &body)
		if err != nil {
			return nil, nil, err
		}
		out, bodies = append(out, p), append(bodies, body)
	}
	return out, bodies, nil
}

// EarlyTotals are the totals of an aggregate from shares that were given for
// it, wherever they stand; ErrQuorum where they are too few.
func EarlyTotals(m *message.Manifest, a message.Aggregate, shares []message.DecryptionShare) ([]uint64, error) {
	v := &View{Manifest: *m}
	v.Aggregates = append(v.Aggregates, *at(v, &a))
	for i := range shares {
		if shares[i].Contest == a.Contest && shares[i].Unit == a.Unit {
			v.Shares = append(v.Shares, *at(v, &shares[i]))
		}
	}
	return v.Totals(a.Contest, a.Unit, a.Weight)
}
