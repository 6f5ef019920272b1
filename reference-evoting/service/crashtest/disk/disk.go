// Package disk runs a program whose disk fails when it is told to: the n-th write,
// sync or naming of a file below a folder is refused, cut short or, from then on,
// finds the disk full. The program is the one that runs in production; it is the
// kernel's answers that are changed, by ptrace, so that whatever writes is reached:
// SQLite, the log's tiles, files that are renamed into place, folders that are
// synced. Nothing has to be installed, and no rights are needed beyond those over
// one's own processes.
//
// A file that was not synced is still there after the program was killed: the page
// cache is the kernel's. A power cut is not what this shows; that nothing is
// acknowledged from the failure on is.
package disk

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
)

// ErrUnable: this machine lets nobody change the kernel's answers this way.
var ErrUnable = errors.New("faults of the disk cannot be made here")

// Call is what a program asks of its disk.
type Call string

// The calls that can fail.
const (
	Write Call = "write" // write, pwrite and their kin
	Sync  Call = "sync"  // fsync, fdatasync
	Name  Call = "name"  // to create, link or rename a file, to make a folder
)

// Kind is a way in which a disk fails.
type Kind string

// The kinds. "full" and "full-short" last until the program ends, the others
// happen once.
const (
	SyncFails  Kind = "sync EIO"             // once, and the next one succeeds
	WriteFails Kind = "write EIO"            // once
	Full       Kind = "full ENOSPC"          // writes and names fail from here on
	FullShort  Kind = "full, write cut"      // the same, after half of this write
	Short      Kind = "write cut, then well" // half is written; the rest may follow
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{SyncFails, WriteFails, Full, FullShort, Short} }

// hits reports whether the kind begins at such a call.
func (k Kind) hits(c Call) bool {
	switch k {
	case SyncFails:
		return c == Sync
	case Full:
		return c == Write || c == Name
	}
	return c == Write
}

// Point is where a program meets its disk.
type Point struct {
	Call Call
	Path string // relative to the folder
}

// Plan says which call fails.
type Plan struct {
	Kind Kind
	Nth  int // of the calls that the kind begins at, from 1; 0 for none
	// Counts says which paths count, relative to the folder. The full disk is
	// full for all of them.
	Counts func(path string) bool
}

// verdict is what becomes of a call.
type verdict int

const (
	let verdict = iota
	cut         // half of it is written
	eio
	enospc
)

// Disk is the disk of one program at a time.
type Disk struct {
	folder string // absolute, without links

	mu    sync.Mutex
	plan  Plan
	count int
	seen  []Point // since the plan was made
	hit   *Point
	full  bool
}

// New is a disk that fails below folder, which exists.
func New(folder string) (*Disk, error) {
	folder, err := filepath.Abs(folder)
	if err == nil {
		folder, err = filepath.EvalSymlinks(folder)
	}
	if err != nil {
		return nil, fmt.Errorf("the folder of a disk: %w", err)
	}
	return &Disk{folder: folder}, nil
}

// Arm makes a plan and forgets what was before it. The zero plan heals the disk.
func (d *Disk) Arm(p Plan) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.plan, d.count, d.seen, d.hit, d.full = p, 0, nil, nil, false
}

// Hit is where the plan came true, nil as long as it has not.
func (d *Disk) Hit() *Point {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.hit
}

// Seen lists the calls that counted since the plan was made.
func (d *Disk) Seen() []Point {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]Point(nil), d.seen...)
}

// within gives the path relative to the folder.
func (d *Disk) within(path string) (string, bool) {
	if path == d.folder {
		return ".", true
	}
	return strings.CutPrefix(path, d.folder+"/")
}

// judge says what becomes of a call on a path within the folder.
func (d *Disk) judge(c Call, path string) verdict {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full && Full.hits(c) {
		return enospc
	}
	if d.hit != nil || d.plan.Counts == nil || !d.plan.Counts(path) {
		return let
	}
	d.seen = append(d.seen, Point{c, path})
	if !d.plan.Kind.hits(c) {
		return let
	}
	if d.count++; d.count != d.plan.Nth {
		return let
	}
	d.hit = &Point{c, path}
	switch d.plan.Kind {
	case Full:
		d.full = true
		return enospc
	case FullShort:
		d.full = true
		return cut
	case Short:
		return cut
	}
	return eio
}
