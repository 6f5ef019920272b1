// Package tiles keeps a board on disk: the log as tessera's tiles, the chunks and
// the cosigned checkpoint beside it.
//
//	DIR/lock          held while the log is open
//	DIR/log/          tessera's: tile/…, its state, and as "checkpoint" what the
//	                  board alone has signed
//	DIR/chunk/xx/…    chunks by the hex of their SHA-256, xx its first two digits
//	DIR/cosigned      the newest checkpoint with a quorum of cosignatures
//
// Append returns when the entry is in the tree and on the disk. Killing the
// process at any moment loses nothing that Append has acknowledged; what it was
// about to acknowledge may or may not be there, and the log tells. After a write or
// sync that failed the log takes nothing more: what the kernel still shows may never
// have reached the disk, and a later sync would succeed all the same.
//
// tessera's own way to witnesses is not used: it pushes checkpoints through an
// HTTP client of its own, and here witnesses poll.
package tiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
	layout "scrutineer/reference-evoting/board/tiles"
)

const (
	// DefaultBatchSize is the number of entries that are sequenced at once.
	DefaultBatchSize = 256
	// DefaultBatchAge is how long the first entry of a batch waits for more.
	DefaultBatchAge = 5 * time.Millisecond
	// DefaultCheckpointInterval is how often the head is signed while the log
	// grows. It is tessera's floor.
	DefaultCheckpointInterval = 100 * time.Millisecond
	// maxOutstanding bounds the entries that wait to be sequenced.
	maxOutstanding = 4096
)

// ErrFailed: a write to the board's disk failed. The log takes nothing more until
// it is opened again; reading goes on.
var ErrFailed = errors.New("the board's disk has failed")

// ErrLocked: another process, or another Log of this one, has the folder open.
var ErrLocked = errors.New("board folder is in use")

// Config says where the log lies and who signs it. Zero durations and sizes
// stand for the defaults.
type Config struct {
	Dir string // made if it does not exist
	// Signer signs the heads; its name is the log's origin. The same key must
	// be given whenever the folder is opened.
	Signer note.Signer
	// Copy makes it the store of a mirror, which has the origin of Signer but
	// never shows a head that Signer signed.
	Copy bool

	BatchSize          uint
	BatchAge           time.Duration
	CheckpointInterval time.Duration // at least 100 ms
}

// Log is a board on disk. It is safe for concurrent use.
type Log struct {
	cfg       Config
	source    layout.Source
	appender  *tessera.Appender
	shutdown  func(context.Context) error
	reader    tessera.LogReader
	lock      *os.File
	files     *os.Root
	life      context.Context // ends when the log is closed
	end       context.CancelCauseFunc
	room      chan struct{} // one element for each outstanding entry
	size      atomic.Uint64
	pending   board.Head
	published board.Head

	adding  sync.Mutex     // keeps the entries of one Append together
	active  sync.WaitGroup // Appends that are under way
	closing bool           // guarded by adding

	publishing sync.Mutex

	disk atomic.Pointer[error] // the first failure of the disk, for good

	signing  sync.Mutex
	unproven signed // the newest signed head that is not known to be durable
}

type signed struct {
	raw  []byte
	size uint64
}

var (
	_ board.Log     = (*Log)(nil)
	_ layout.Source = (*Log)(nil)
)

// Open opens the log in cfg.Dir or begins a new one. ctx bounds the opening, not
// the life of the log.
func Open(ctx context.Context, cfg Config) (*Log, error) {
	if cfg.BatchSize == 0 {
		cfg.BatchSize = DefaultBatchSize
	}
	if cfg.BatchAge == 0 {
		cfg.BatchAge = DefaultBatchAge
	}
	if cfg.CheckpointInterval == 0 {
		cfg.CheckpointInterval = DefaultCheckpointInterval
	}
	for _, d := range []string{"", "log", "chunk"} {
		if err := makeDir(filepath.Join(cfg.Dir, d)); err != nil {
			return nil, fmt.Errorf("making the board's folder: %w", err)
		}
	}
	l := &Log{cfg: cfg, room: make(chan struct{}, maxOutstanding)}
	l.life, l.end = context.WithCancelCause(context.Background())
	if err := l.open(ctx); err != nil {
		l.release()
		return nil, fmt.Errorf("opening the board in %s: %w", cfg.Dir, err)
	}
	return l, nil
}

func (l *Log) open(ctx context.Context) (err error) {
	if l.lock, err = lockFile(filepath.Join(l.cfg.Dir, "lock")); err != nil {
		return err
	}
	if l.files, err = os.OpenRoot(filepath.Join(l.cfg.Dir, "log")); err != nil {
		return err
	}
	l.source = layout.Dir{FS: l.files.FS()}
	driver, err := posix.New(ctx, posix.Config{Path: filepath.Join(l.cfg.Dir, "log")})
	if err != nil {
		return err
	}
	opts := tessera.NewAppendOptions().
		WithCheckpointSigner(headSigner{l.cfg.Signer, l}).
		WithBatching(l.cfg.BatchSize, l.cfg.BatchAge).
		WithCheckpointInterval(l.cfg.CheckpointInterval).
		WithCheckpointRepublishInterval(0)
	l.appender, l.shutdown, l.reader, err = tessera.NewAppender(l.life, driver, opts)
	if err != nil {
		return err
	}
	return l.restore(ctx)
}

// restore makes what is on disk known: the size, the signed head of that size
// (tessera may have been killed before it signed it), and the cosigned head.
func (l *Log) restore(ctx context.Context) error {
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return err
	}
	hashes, err := l.hashes(ctx, size)
	if err != nil {
		return err
	}
	root, err := layout.Root(hashes, size)
	if err != nil {
		return err
	}
	l.size.Store(size)
	raw, err := board.Checkpoint{Origin: l.cfg.Signer.Name(), Size: size, Root: root}.Sign(l.cfg.Signer)
	if err != nil {
		return err
	}
	l.pending.Set(raw, size)

	raw, err = os.ReadFile(l.cosignedPath())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c, err := l.ownHead(ctx, raw)
	if err != nil {
		return fmt.Errorf("the cosigned checkpoint on disk: %w", err)
	}
	l.published.Set(raw, c.Size)
	return nil
}

// Close stops taking entries, waits for those under way to be in a signed head,
// and releases the folder. Whoever waits for a head gets board.ErrClosed. If ctx
// ends first the log is closed all the same, as if it had been killed.
func (l *Log) Close(ctx context.Context) error {
	l.adding.Lock()
	closed := l.closing
	l.closing = true
	l.adding.Unlock()
	if closed {
		return board.ErrClosed
	}
	done := make(chan struct{})
	go func() { l.active.Wait(); close(done) }()
	var err error
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-done:
		err = l.shutdown(ctx)
	}
	l.release()
	if err != nil {
		return fmt.Errorf("closing the board: %w", err)
	}
	return nil
}

func (l *Log) release() {
	l.end(board.ErrClosed)
	if l.files != nil {
		l.files.Close()
	}
	if l.lock != nil {
		l.lock.Close()
	}
}

// waiting is ctx that ends with the log as well.
func (l *Log) waiting(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(l.life, func() { cancel(board.ErrClosed) })
	return ctx, func() { stop(); cancel(nil) }
}
