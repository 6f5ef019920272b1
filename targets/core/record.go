package core

import (
	"context"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
)

// export makes the record as it stands, finished or not.
func (e *election) export(ctx context.Context) (map[string][]byte, error) {
	raw, err := e.log.Checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	head, err := e.quorum.Open(raw)
	if err != nil {
		return nil, err
	}
	x := record.Export{Checkpoints: map[record.Moment][]byte{record.Final: raw}}
	var entries, chunks [][]byte
	err = e.log.Entries(ctx, 0, head.Size, func(i uint64, raw []byte) error {
		entries = append(entries, raw)
		header, err := message.DecodeEntry(raw)
		if err != nil {
			return nil // a corrupted server's, or a weak one's: it is for who reads the record
		}
		if moment, ok := moments[header.Type]; ok {
			if cosigned := e.moment(i); cosigned != nil {
				x.Checkpoints[moment] = cosigned
			}
		}
		for _, d := range header.Chunks {
			c, err := e.log.Chunk(ctx, board.Hash(d))
			if err != nil {
				return err
			}
			chunks = append(chunks, c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	x.Entries, x.Chunks = record.Slice(entries), record.Slice(chunks)
	m, _, err := x.Memory()
	return m, err
}

// moments are the entries whose first cosigned head a record keeps.
var moments = map[message.Type]record.Moment{
	message.TypeOpen: record.Opened, message.TypeCloseChannel: record.Closed, message.TypeSeal: record.Sealed,
}

// VerifyRecord implements targets.Verifier. The auditor has the fingerprint of
// the election that was opened.
func (e *election) VerifyRecord(ctx context.Context, files map[string][]byte) ([]targets.Finding, error) {
	o := verify.Options{Fingerprint: e.authority.Status().Fingerprint, Weak: e.weak.For(weakness.Verifier), Recall: e.memory}
	report, err := verify.Record(ctx, record.Memory(files), o)
	if err != nil {
		return nil, err
	}
	return slices.Clone(findings("auditor", report.Faults)), nil
}
