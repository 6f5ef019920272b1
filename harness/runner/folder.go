package runner

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"scrutineer/protocols/record"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Names within the folder of an election.
const (
	HistoryFile = "history.jsonl"
	CaseFile    = "case.json"
	ExportDir   = "export"
	EvidenceDir = "evidence"
	// PictureFile shows an election, after the dash, whose ballot box answered
	// in no order.
	PictureFile = "linearizability-%s.html"
	// EventsFile and Latest are in the folder of a run and beside it.
	EventsFile = "events.jsonl"
	Latest     = "latest"
	// RecordDir is the record of the honest probe.
	RecordDir = "record"
)

// ErrTarget means that the target does not answer at all.
var ErrTarget = errors.New("the target does not answer")

// folder is the folder of a run.
type folder struct {
	dir    string
	clock  func() time.Time
	events *event.File
}

// newFolder makes a folder that no other run has, and points latest at it.
func newFolder(out string, seed uint64, now time.Time, clock func() time.Time) (*folder, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of runs: %w", err)
	}
	base := fmt.Sprintf("%s-%d", now.UTC().Format("20060102T150405Z"), seed)
	f := &folder{clock: clock}
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name = fmt.Sprintf("%s.%d", base, n)
		}
		err := os.Mkdir(filepath.Join(out, name), 0o755)
		if err == nil {
			f.dir = filepath.Join(out, name)
			break
		}
		if !errors.Is(err, os.ErrExist) || n > 1000 {
			return nil, fmt.Errorf("making the folder of the run: %w", err)
		}
	}
	var err error
	if f.events, err = event.Create(filepath.Join(f.dir, EventsFile), event.Summary, clock); err != nil {
		return nil, fmt.Errorf("making the run's stream: %w", err)
	}
	return f, point(out, filepath.Base(f.dir))
}

// point makes latest a link to a run. What is there and is no link stays.
func point(out, name string) error {
	link := filepath.Join(out, Latest)
	if info, err := os.Lstat(link); err == nil && info.Mode()&os.ModeSymlink == 0 {
		return fmt.Errorf("%s is there and is no link of ours", link)
	}
	temp := link + "." + name
	if err := os.Symlink(name, temp); err != nil {
		return fmt.Errorf("linking the latest run: %w", err)
	}
	if err := os.Rename(temp, link); err != nil {
		return errors.Join(fmt.Errorf("linking the latest run: %w", err), os.Remove(temp))
	}
	return nil
}

func (f *folder) close(lost error) error {
	return errors.Join(lost, f.events.Sync(), f.events.Close())
}

// place is the folder of one election; paths in events are relative to the
// run's folder, with slashes.
type place struct {
	root, rel string
	history   *event.File

	mu    sync.Mutex
	files []event.FileRef
	names map[string]int
}

// place makes the folder of an election.
func (f *folder) place(rel string) (*place, error) {
	p := &place{root: f.dir, rel: rel, names: map[string]int{}}
	if err := os.MkdirAll(p.path(""), 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of an election: %w", err)
	}
	var err error
	if p.history, err = event.Create(p.path(HistoryFile), event.History, f.clock); err != nil {
		return nil, fmt.Errorf("making the history of an election: %w", err)
	}
	p.files = []event.FileRef{{Label: "history", Path: path.Join(rel, HistoryFile)}}
	return p, nil
}

func (p *place) path(name string) string {
	return filepath.Join(p.root, filepath.FromSlash(p.rel), filepath.FromSlash(name))
}

// evidence keeps a piece of evidence and returns its path below the run's
// folder; "" where it could not be kept. Names come from the target's roles
// and are made plain.
func (p *place) evidence(name string, data []byte) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	name = plain(name)
	p.names[name]++
	if n := p.names[name]; n > 1 {
		name = fmt.Sprintf("%s-%d", name, n)
	}
	if p.names[name] > maxEvidence || len(data) > maxEvidenceSize {
		return ""
	}
	file := path.Join(EvidenceDir, name)
	if os.MkdirAll(p.path(EvidenceDir), 0o755) != nil || os.WriteFile(p.path(file), data, 0o644) != nil {
		return ""
	}
	p.files = append(p.files, event.FileRef{Label: name, Path: path.Join(p.rel, file)})
	return path.Join(p.rel, file)
}

// picture keeps a page about one election's ballot box beside its history. One
// that cannot be kept is left out: it is for people to look at.
func (p *place) picture(election string, page []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	name := fmt.Sprintf(PictureFile, plain(election))
	if os.WriteFile(p.path(name), page, 0o644) == nil {
		p.files = append(p.files, event.FileRef{Label: "decisions that no order explains", Path: path.Join(p.rel, name)})
	}
}

// refs are the files of the election with their digests, now that nobody
// writes them any more.
func (p *place) refs() []event.FileRef {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.files {
		f := &p.files[i]
		if data, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(f.Path))); err == nil {
			sum := sha256.Sum256(data)
			f.SHA256 = hex.EncodeToString(sum[:])
		}
	}
	return p.files
}

// Bounds of evidence that a hostile target may cause.
const (
	maxEvidence     = 64
	maxEvidenceSize = 4 << 20
)

// Bounds of a record that is exported.
const (
	maxRecord = 1 << 30
	maxFiles  = 1 << 17
)

// plain keeps letters, digits and hyphens.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, name[:min(len(name), 100)])
}

// export writes the files of a record, as the target gave them, into a new
// folder. Paths that no record has are refused.
func export(dir string, files map[string][]byte) error {
	var total int
	for name, data := range files {
		if total += len(data); total > maxRecord || len(files) > maxFiles {
			return fmt.Errorf("%w: a record of more than %d bytes or %d files", targets.ErrTarget, maxRecord, maxFiles)
		}
		if _, err := record.Parse(name); err != nil {
			return fmt.Errorf("%w: a record with the file %.100q: %w", targets.ErrTarget, name, err)
		}
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
