package verify

import (
	"errors"
	"fmt"

	"scrutineer/harness/verify/head"
	"scrutineer/protocols/record"
)

// survey is what the list of files says about the bundles, before anything
// in them is believed.
type survey struct {
	claimed uint64 // size of the final checkpoint
	full    uint64 // full bundles that this size needs and that are there
	partial bool   // the partial one that it needs is there, or none is needed
	last    uint64 // size that the last bundles give
}

// surveyFiles lists the source for a claimed size.
func surveyFiles(src record.Source, claimed uint64) (survey, error) {
	s := survey{claimed: claimed, partial: claimed%record.TileWidth == 0}
	err := src.List(func(f record.File) bool {
		p, err := record.Parse(f.Path)
		if err != nil || p.Kind != record.KindEntries || p.Index > record.MaxSize/record.TileWidth {
			return true
		}
		if p.Width == record.TileWidth && p.Index < claimed/record.TileWidth {
			s.full++
		}
		if p.Index == claimed/record.TileWidth && uint64(p.Width) == claimed%record.TileWidth {
			s.partial = true
		}
		s.last = max(s.last, p.Index*record.TileWidth+uint64(p.Width))
		return true
	})
	return s, listFault(err)
}

// listFault is nil where the list is only too long: V-01 says so later.
func listFault(err error) error {
	if errors.Is(err, record.ErrTooMany) {
		return nil
	}
	return err
}

// size is how many entries to read: what the checkpoint claims where the
// bundles for it are there, otherwise what there is.
func (s survey) size() uint64 {
	if s.claimed > 0 && s.claimed <= record.MaxSize && s.partial && s.full == s.claimed/record.TileWidth {
		return s.claimed
	}
	return s.last
}

// readHeads reads the checkpoints. One that is missing or malformed is nil,
// with a fault of V-01 or V-02.
func readHeads(src record.Source, t *tally) (map[record.Moment]*head.Head, error) {
	heads := map[record.Moment]*head.Head{}
	for _, m := range []record.Moment{record.Opened, record.Closed, record.Sealed, record.Final} {
		path := record.CheckpointPath(m)
		data, err := src.Read(path, record.MaxCheckpoint)
		if err != nil && !isFault(err) {
			return nil, err
		}
		if errors.Is(err, record.ErrNotFound) && m != record.Final {
			continue // whether it has to be there is known at the end
		}
		if err != nil {
			t.add(found(Files, "%s: %s", path, reason(err)).file(path))
			continue
		}
		h, err := head.Parse(data)
		if err != nil {
			t.add(found(Heads, "%s: %v", path, err).file(path))
			continue
		}
		heads[m] = h
	}
	return heads, nil
}

// checkFiles holds the list of files against the layout (V-01). Files that
// are missing and were read have been reported where they were read.
func checkFiles(src record.Source, layout record.Layout, t *tally) error {
	present := uint64(0)
	err := src.List(func(f record.File) bool {
		p, bad := record.Parse(f.Path)
		switch {
		case f.Irregular != "":
			t.add(found(Files, "%s is no plain file: %s", clip(f.Path), f.Irregular).file(f.Path))
		case bad != nil || !layout.Contains(p):
			t.add(found(Files, "%s does not belong to a record of this size", clip(f.Path)).file(f.Path))
		case f.Size > int64(p.Limit()):
			t.add(found(Files, "%s has %d bytes, at most %d are allowed", p, f.Size, p.Limit()).file(f.Path))
			present++
		default:
			present++
		}
		return t.faults[Files] < maxStrangers
	})
	if errors.Is(err, record.ErrTooMany) {
		t.add(found(Files, "more than %d files", record.MaxFiles))
		err = nil
	}
	if err != nil {
		return fmt.Errorf("list record: %w", err)
	}
	t.expected[Files] = layout.Count()
	t.seen[Files] = present
	if t.faults[Files] == 0 && present < layout.Count() {
		t.add(found(Files, "files are missing").counts(layout.Count(), present))
	}
	return nil
}

// maxStrangers ends the listing of files that do not belong there.
const maxStrangers = 10_000
