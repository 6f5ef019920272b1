package action

import (
	"context"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/targets"
)

// write puts entries on the live board as the corrupted server would, whatever
// its rules say to them, and returns the index of the first. It returns when a
// published head covers them. One writes at a time: what is imported is read
// before.
func (e *election) write(ctx context.Context, parcels ...scrutineer.Parcel) (uint64, error) {
	e.writing.Lock()
	defer e.writing.Unlock()
	importer, err := ability[targets.Importer](e, targets.Insider)
	if err != nil {
		return 0, err
	}
	if err := e.settled(ctx); err != nil {
		return 0, err
	}
	all, err := e.board.all(ctx)
	if err != nil {
		return 0, err
	}
	var entries, chunks [][]byte
	for _, p := range append(all, parcels...) {
		entries, chunks = append(entries, p.Entry), append(chunks, p.Chunks...)
	}
	if _, err := importer.Import(ctx, entries, chunks); err != nil {
		return 0, wrapTarget(err)
	}
	return uint64(len(all)), e.settled(ctx)
}
