// Package results compares what channels show with an election's record, as
// anybody can who has both: the record decides which of them deviates, and no
// channel is right because another agrees (SPEC.md S-74). It verifies the record
// with the independent verifier first; it shares no code with the system whose
// channels these are.
package results

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/verify"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// ErrRecord is wrapped where the record decides nothing: it does not pass, has
// no result, or its election has no channels.
var ErrRecord = errors.New("the record decides nothing")

// Shown is what a channel shows: the bytes of its page or of its file.
type Shown struct {
	Channel string // message.ChannelOfficial or ChannelBackup
	Source  string // where the bytes come from, for people
	Body    []byte
}

// Answer is what a comparison says of one channel. Deviates is empty where it
// shows what the record gives.
type Answer struct {
	Channel  string `json:"channel"`
	Source   string `json:"source"`
	Deviates string `json:"deviates,omitempty"`
}

// Compare holds each against the record, which must pass every check.
func Compare(ctx context.Context, source record.Source, o verify.Options, shown []Shown) ([]Answer, error) {
	report, err := verify.Verify(ctx, source, o)
	if err != nil {
		return nil, err
	}
	if !report.Passed {
		return nil, fmt.Errorf("%w: it does not pass its checks", ErrRecord)
	}
	m, result, fingerprint, err := read(source)
	if err != nil {
		return nil, err
	}
	if m.Publishing == nil {
		return nil, fmt.Errorf("%w: this election has no channels of results", ErrRecord)
	}
	var out []Answer
	for _, s := range shown {
		out = append(out, Answer{Channel: s.Channel, Source: s.Source, Deviates: scrutineer.Shows(m, fingerprint, result, s.Channel, s.Body)})
	}
	return out, nil
}

// read finds manifest, result and fingerprint in a record that was verified.
func read(source record.Source) (*message.Manifest, message.Result, message.Digest, error) {
	var m *message.Manifest
	var result *message.Result
	var fingerprint message.Digest
	limits := codec.Limits{Size: message.MaxBody}
	fetch := func(d message.Digest) ([]byte, error) { return source.Read(record.ChunkPath(d), message.ChunkSize) }
	err := each(source, func(raw []byte) error {
		e, body, err := scrutineer.OpenEntry(raw, fetch)
		if err != nil {
			return err
		}
		switch e.Type {
		case message.TypeManifest:
			b, err := codec.Decode[message.ManifestBody](body, limits)
			m = &b.Manifest
			return err
		case message.TypeResult:
			r, err := codec.Decode[message.Result](body, limits)
			result, fingerprint = &r, e.Context
			return err
		}
		return nil
	})
	if err == nil && (m == nil || result == nil) {
		err = fmt.Errorf("%w: it has no result", ErrRecord)
	}
	if err != nil {
		return nil, message.Result{}, fingerprint, err
	}
	return m, *result, fingerprint, nil
}

// each hands out the entries in order.
func each(source record.Source, f func(raw []byte) error) error {
	note, err := source.Read(record.CheckpointPath(record.Final), record.MaxCheckpoint)
	if err != nil {
		return err
	}
	var origin string
	var size uint64
	if _, err := fmt.Sscanf(string(note), "%s\n%d\n", &origin, &size); err != nil {
		return fmt.Errorf("%w: checkpoint: %w", ErrRecord, err)
	}
	layout := record.Layout{Size: size}
	for i := range layout.Bundles() {
		path := record.Path{Kind: record.KindEntries, Index: i, Width: layout.BundleWidth(i)}
		raw, err := source.Read(path.String(), path.Limit())
		if err != nil {
			return err
		}
		entries, err := record.DecodeBundle(raw, path.Width)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			if err := f(entry); err != nil {
				return err
			}
		}
	}
	return nil
}
