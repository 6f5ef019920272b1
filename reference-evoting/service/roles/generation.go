package roles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/google/renameio/v2"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/box"
	"scrutineer/reference-evoting/service/moments"
	"scrutineer/reference-evoting/service/store"
	"scrutineer/reference-evoting/service/tiles"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
)

// The authority's folder:
//
//	DIR/current       the number of the board that is served
//	DIR/weaknesses    what is planted, in test elections
//	DIR/<n>/board/    the log and its chunks (service/tiles)
//	DIR/<n>/box.db    the ballot box (service/store)
//	DIR/<n>/checkpoint.{opened,closed,sealed}
const (
	currentFile  = "current"
	weaknessFile = "weaknesses"
)

// generation is one board with its box. There is one in an election's life,
// unless an insider brings another.
type generation struct {
	number    int
	cfg       *AuthorityConfig
	manifest  *manifest.Election
	log       *tiles.Log
	db        *store.Store
	box       *box.Store
	moments   *moments.Keeper
	collector *cosign.Collector
	weak      weakness.Set
	authority *authority.Authority
	admission *admission.Control

	stop context.CancelFunc
	done chan struct{}
}

// currentGeneration reads which board is served; a new folder has the first.
func currentGeneration(dir string) (int, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, err
	}
	raw, err := os.ReadFile(filepath.Join(dir, currentFile))
	if errors.Is(err, fs.ErrNotExist) {
		return 1, nil
	}
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(raw)))
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s: %q is no number of a board", filepath.Join(dir, currentFile), raw)
	}
	return n, nil
}

func (g *generation) dir() string { return filepath.Join(g.cfg.Dir, strconv.Itoa(g.number)) }

// openGeneration opens board number n. One that is empty begins with the
// entries and chunks that are given.
func openGeneration(ctx context.Context, cfg *AuthorityConfig, n int, entries, chunks [][]byte, weak weakness.Set) (g *generation, err error) {
	g = &generation{number: n, cfg: cfg}
	defer func() {
		if err != nil {
			err = errors.Join(err, g.release(ctx))
		}
	}()
	if g.manifest, err = manifest.Compile(cfg.Manifest, cfg.Ceremony); err != nil {
		return g, fmt.Errorf("manifest: %w", err)
	}
	if err := os.MkdirAll(g.dir(), 0o700); err != nil {
		return g, err
	}
	signer, err := board.NewSigner(cfg.Manifest.Board.Origin, cfg.BoardKey)
	if err != nil {
		return g, err
	}
	if g.log, err = tiles.Open(ctx, tiles.Config{Dir: filepath.Join(g.dir(), "board"), Signer: signer}); err != nil {
		return g, err
	}
	if g.db, err = store.Open(ctx, filepath.Join(g.dir(), "box.db")); err != nil {
		return g, err
	}
	g.box = box.New(g.db)
	if g.moments, err = moments.Open(g.dir(), g.log, len(cfg.Manifest.Channels)); err != nil {
		return g, err
	}
	quorum, err := verify.Quorum(&cfg.Manifest)
	if err != nil {
		return g, err
	}
	g.collector = cosign.NewCollector(g.moments, quorum.Remembering(cfg.Recall))
	if err := g.preset(ctx, entries, chunks); err != nil {
		return g, err
	}
	return g, g.plant(ctx, weak)
}

// preset puts entries on an empty board.
func (g *generation) preset(ctx context.Context, entries, chunks [][]byte) error {
	if g.log.Size() > 0 {
		return nil
	}
	for _, c := range chunks {
		if _, err := g.log.PutChunk(ctx, c); err != nil {
			return fmt.Errorf("given chunk: %w", err)
		}
	}
	for len(entries) > 0 {
		n := min(len(entries), 1024)
		if _, err := g.log.Append(ctx, entries[:n]...); err != nil {
			return fmt.Errorf("given entries: %w", err)
		}
		entries = entries[n:]
	}
	return nil
}

// plant makes the authority, which reads the board again.
func (g *generation) plant(ctx context.Context, weak weakness.Set) error {
	a, err := authority.New(ctx, authority.Config{
		Manifest: g.cfg.Manifest, Ceremony: g.cfg.Ceremony, Key: g.cfg.Key, BoardKey: g.cfg.BoardKey,
		Log: g.log, Store: g.box, Weak: weak, Clock: g.cfg.Clock, Logger: g.cfg.Logger, Limits: g.cfg.Box,
		At: g.cfg.At, Recall: g.cfg.Recall,
	})
	if err != nil {
		return err
	}
	if !weak.Empty() {
		g.cfg.Logger.Warn("weaknesses are planted", "names", weak.Strings())
	}
	g.weak, g.authority = weak, a
	g.admission = admission.New(g.cfg.Limits.Admission, weak.For(weakness.Box), g.cfg.Clock)
	return nil
}

// election is what the public interface serves.
func (g *generation) election() *api.Election {
	return &api.Election{Authority: g.authority, Manifest: g.manifest, Board: g.log, Collector: g.collector, Moments: g.moments, Admission: g.admission}
}

// run starts the sequencer.
func (g *generation) run() {
	ctx, stop := context.WithCancel(context.Background())
	g.stop, g.done = stop, make(chan struct{})
	a, done := g.authority, g.done
	go func() {
		defer close(done)
		_ = a.Run(ctx) // it has logged its error and gives it in Err
	}()
}

// halt stops the sequencer.
func (g *generation) halt() {
	if g.stop != nil {
		g.stop()
		<-g.done
		g.stop = nil
	}
}

// close stops and releases everything.
func (g *generation) close(ctx context.Context) error {
	g.halt()
	return g.release(ctx)
}

func (g *generation) release(ctx context.Context) error {
	var errs []error
	if g.log != nil {
		errs = append(errs, g.log.Close(ctx))
	}
	if g.db != nil {
		errs = append(errs, g.db.Close())
	}
	return errors.Join(errs...)
}

// published is the size of the newest cosigned head.
func (g *generation) published(ctx context.Context) uint64 {
	raw, err := g.log.Checkpoint(ctx)
	if err != nil {
		return 0
	}
	c, err := board.PeekCheckpoint(raw)
	if err != nil {
		return 0
	}
	return c.Size
}

// makeCurrent notes which board is served from now on, for the next start.
func makeCurrent(dir string, n int) error {
	return writeDurable(filepath.Join(dir, currentFile), []byte(strconv.Itoa(n)+"\n"))
}

func saveWeaknesses(dir string, weak weakness.Set) error {
	raw, err := codec.Encode(manage.Weaknesses{Planted: weak.Strings()})
	if err != nil {
		return err
	}
	return writeDurable(filepath.Join(dir, weaknessFile), raw)
}

// loadWeaknesses gives back what was planted before a restart.
func loadWeaknesses(dir string, test bool) (weakness.Set, error) {
	raw, err := os.ReadFile(filepath.Join(dir, weaknessFile))
	if errors.Is(err, fs.ErrNotExist) {
		return weakness.Set{}, nil
	}
	if err != nil {
		return weakness.Set{}, err
	}
	w, err := codec.Decode[manage.Weaknesses](raw, codec.Limits{})
	if err != nil {
		return weakness.Set{}, fmt.Errorf("%s: %w", weaknessFile, err)
	}
	if len(w.Planted) > 0 && !test {
		return weakness.Set{}, fmt.Errorf("%s: %w: weaknesses are for test elections", weaknessFile, ErrConfig)
	}
	return weakness.Parse(w.Planted)
}

// writeDurable replaces a file at once and for good.
func writeDurable(path string, b []byte) error {
	dir := filepath.Dir(path)
	if err := renameio.WriteFile(path, b, 0o600, renameio.WithTempDir(dir)); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
