package results

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// ErrRecord is wrapped where a record does not stand the checks, as far as it
// goes.
var ErrRecord = errors.New("the record does not pass")

// Recovered is a result that was computed again.
type Recovered struct {
	Manifest    message.Manifest
	Fingerprint message.Digest
	Result      message.Result
	// Published is the record's own result, nil where it has none.
	Published *message.Result
}

// Recover gives the verified result of an election from its public record and
// the decryption keys of t trustees, by id, and needs nobody else: not the
// authority, not the other trustees, not the shares that are on the board or
// are not. A record that ends after its seal is enough.
func Recover(ctx context.Context, source record.Source, fingerprint message.Digest, decryption map[string]kyber.Scalar) (Recovered, error) {
	report, err := verify.Record(ctx, source, verify.Options{Fingerprint: fingerprint})
	if err != nil {
		return Recovered{}, err
	}
	for _, f := range report.Faults {
		// That it ends early is why we are here.
		if f.Check != "V-44" {
			return Recovered{}, fmt.Errorf("%w: %w", ErrRecord, f)
		}
	}
	state, err := foldRecord(ctx, source, report.Size)
	if err != nil {
		return Recovered{}, err
	}
	out := Recovered{Fingerprint: state.Fingerprint(), Published: report.Result}
	if e := state.Election(); e != nil {
		out.Manifest = e.Manifest
	}
	out.Result, err = state.Recover(decryption, &tally.Logarithms{})
	return out, err
}

// foldRecord applies the rules to the entries of a record that was verified.
func foldRecord(ctx context.Context, source record.Source, size uint64) (*rules.State, error) {
	r := recordReader{source: source, size: size}
	state := rules.New(weakness.View{}, r)
	err := r.Entries(ctx, 0, size, func(_ uint64, raw []byte) error {
		fault, err := state.Apply(ctx, raw, rules.Own) // the proofs were checked with the record
		if fault != nil {
			return fmt.Errorf("%w: %w", ErrRecord, fault)
		}
		return err
	})
	return state, err
}

// recordReader reads a record as a board.
type recordReader struct {
	source record.Source
	size   uint64
}

// Entries implements rules.Source.
func (r recordReader) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	layout := record.Layout{Size: r.size}
	for i := from; i < to; {
		if err := ctx.Err(); err != nil {
			return err
		}
		width := layout.BundleWidth(i / record.TileWidth)
		path := record.Path{Kind: record.KindEntries, Index: i / record.TileWidth, Width: width}
		raw, err := r.source.Read(path.String(), path.Limit())
		if err != nil {
			return err
		}
		entries, err := record.DecodeBundle(raw, width)
		if err != nil {
			return err
		}
		for at := int(i % record.TileWidth); at < len(entries) && i < to; at++ {
			if err := f(i, slices.Clone(entries[at])); err != nil {
				return err
			}
			i++
		}
	}
	return nil
}

// Chunk implements rules.Source.
func (r recordReader) Chunk(_ context.Context, digest board.Hash) ([]byte, error) {
	return r.source.Read(record.ChunkPath(message.Digest(digest)), message.ChunkSize)
}

var _ rules.Source = recordReader{}
