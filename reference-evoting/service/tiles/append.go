package tiles

import (
	"context"
	"errors"
	"fmt"

	"github.com/transparency-dev/tessera"
	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
)

// Append implements board.Appender. It returns after about the batch age and one
// round of fsyncs; many callers at once share them.
func (l *Log) Append(ctx context.Context, entries ...[]byte) (uint64, error) {
	if err := board.CheckEntries(entries...); err != nil {
		return 0, err
	}
	if len(entries) > maxOutstanding {
		return 0, fmt.Errorf("%d entries at once: %w", len(entries), board.ErrTooLarge)
	}
	if err := errors.Join(l.Failed(), ctx.Err()); err != nil {
		return 0, err
	}
	if len(entries) == 0 {
		return l.Size(), nil
	}
	futures, err := l.add(ctx, entries)
	if err != nil {
		return 0, err
	}
	defer l.active.Done()
	first, err := l.resolve(futures)
	if err != nil {
		return first, l.fail(err)
	}
	return first, nil
}

// add hands entries to tessera one after the other. Once it has begun it goes
// through with it.
func (l *Log) add(ctx context.Context, entries [][]byte) ([]tessera.IndexFuture, error) {
	l.adding.Lock()
	defer l.adding.Unlock()
	if l.closing {
		return nil, board.ErrClosed
	}
	if err := l.Failed(); err != nil {
		return nil, err
	}
	for i := range entries {
		select {
		case l.room <- struct{}{}:
		case <-ctx.Done():
			for range i {
				<-l.room
			}
			return nil, ctx.Err()
		}
	}
	l.active.Add(1)
	futures := make([]tessera.IndexFuture, len(entries))
	for i, e := range entries {
		// The caller's ctx must not reach tessera: the outcome is awaited.
		futures[i] = l.appender.Add(l.life, tessera.NewEntry(append([]byte(nil), e...)))
	}
	return futures, nil
}

// resolve waits until all entries are sequenced. tessera resolves a future of
// the POSIX storage when the entry's bundle, the tiles above it and the size of
// the tree have been synced to disk.
func (l *Log) resolve(futures []tessera.IndexFuture) (first uint64, err error) {
	for i, f := range futures {
		index, e := f()
		<-l.room
		switch {
		case e != nil && err == nil:
			err = fmt.Errorf("sequencing entry %d of %d: %w", i+1, len(futures), e)
		case e != nil:
		case i == 0:
			first = index.Index
		case index.Index != first+uint64(i) && err == nil:
			// tessera may swap two batches that fill up at the same moment.
			err = fmt.Errorf("entry %d of %d was sequenced at %d, not %d", i+1, len(futures), index.Index, first+uint64(i))
		}
		if e == nil {
			l.durable(index.Index + 1)
		}
	}
	return first, err
}

// durable notes that the tree has at least size entries on disk.
func (l *Log) durable(size uint64) {
	for old := l.size.Load(); size > old; old = l.size.Load() {
		if l.size.CompareAndSwap(old, size) {
			break
		}
	}
	l.signing.Lock()
	defer l.signing.Unlock()
	l.showDurable()
}

// showDurable makes the signed head pending once its entries are durable; signing
// is held. tessera can sign the moment before the last sync returns.
func (l *Log) showDurable() {
	if l.unproven.raw != nil && l.unproven.size <= l.size.Load() {
		l.pending.Set(l.unproven.raw, l.unproven.size)
		l.unproven = signed{}
	}
}

// headSigner signs for tessera and tells the log of each head. It saves asking
// the disk again and again for a new one.
type headSigner struct {
	note.Signer
	log *Log
}

// Sign implements note.Signer.
func (s headSigner) Sign(text []byte) ([]byte, error) {
	c, err := board.ParseText(string(text))
	if err != nil {
		return nil, err
	}
	raw, err := c.Sign(s.Signer)
	if err != nil {
		return nil, err
	}
	s.log.signing.Lock()
	defer s.log.signing.Unlock()
	if c.Size >= s.log.unproven.size {
		s.log.unproven = signed{raw, c.Size}
		s.log.showDurable()
	}
	return s.Signer.Sign(text)
}
