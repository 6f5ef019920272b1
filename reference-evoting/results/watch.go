package results

import (
	"context"
	"crypto/ed25519"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// Fetch reads a path of a channel as anybody can.
type Fetch func(ctx context.Context, channel, path string) (status int, body []byte, err error)

// Watching is one look of all watchers at both channels, and of the auditor at
// what they saw (S-73, S-74).
type Watching struct {
	Election *manifest.Election
	Keys     func(witness string) ed25519.PrivateKey
	Fetch    Fetch
	Clock    func() time.Time
	Weak     weakness.View
	Recall   *recall.Memory
}

// Once looks, and holds what was seen against the record. Before the record has
// a result there is nothing that a channel would have to show.
func (w Watching) Once(ctx context.Context, source record.Source) ([]Deviation, error) {
	report, err := verify.Record(ctx, source, verify.Options{Weak: w.Weak, Recall: w.Recall})
	if err != nil || report.Result == nil || uint64(max(w.Clock().Unix(), 0)) < w.Election.Manifest.Publishing.ReleaseAt {
		return nil, err
	}
	var seen []Seen
	for _, channel := range message.Channels() {
		for _, path := range []string{PathPage, PathResult} {
			s, err := w.look(ctx, channel, path, report.Fingerprint)
			if err != nil {
				return nil, err
			}
			seen = append(seen, s)
		}
	}
	a := Auditor{Election: w.Election, Fingerprint: report.Fingerprint, Root: report.Result.Root, Result: *report.Result, Weak: w.Weak, Recall: w.Recall}
	return a.Audit(seen)
}

// look is what the watchers see at one address.
func (w Watching) look(ctx context.Context, channel, path string, fingerprint message.Digest) (Seen, error) {
	status, body, err := w.Fetch(ctx, channel, path)
	if err != nil {
		return Seen{}, err
	}
	line, _ := w.Election.Manifest.Publishing.Publisher(channel)
	s := Seen{Channel: channel, Capture: message.Capture{Body: append([]byte{}, body...)}}
	for _, witness := range w.Election.Manifest.Witnesses {
		one, err := WatchOf(fingerprint, witness.ID, line.URL+path, status, body, w.Clock(), w.Keys(witness.ID))
		if err != nil {
			return s, err
		}
		s.Watches = append(s.Watches, one)
	}
	return s, nil
}
