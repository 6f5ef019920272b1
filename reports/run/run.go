// Package run reads the folder of a finished (or interrupted) run for the
// renderers of reports: events.jsonl, the history files of the elections and
// nothing else. It groups lines; it judges nothing.
//
// A run folder may come from a stranger. Sizes are bounded, files are opened
// below the folder only (links that lead out are refused), only regular files
// are read, and paths that events name are dropped unless they are plain names
// below the folder. What is wrong with the folder stands in Run.Notes, because
// a laboratory must see it; only an unreadable events.jsonl is an error.
package run

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"scrutineer/reports/event"
)

// Names within a run folder.
const (
	EventsFile  = "events.jsonl"
	HistoryFile = "history.jsonl"
)

// Bounds of what is read.
const (
	// MaxFile is the largest file read, in bytes.
	MaxFile = 512 << 20
	// maxNotes is how many notes are kept.
	maxNotes = 100
)

// ErrTooLarge means that a file exceeds MaxFile.
var ErrTooLarge = errors.New("file too large")

// Run is everything that a report shows, in the order in which it shows it.
type Run struct {
	// Name is the name of the run folder, without the path to it.
	Name string
	// Started is nil where the stream lacks it, Finished where the run was
	// killed.
	Started  *event.RunStarted
	Finished *event.RunFinished
	Probes   []event.Probe
	Problems []event.Problem
	// Scenarios are sorted by id.
	Scenarios []Scenario
	Matrix    []event.MatrixCell
	// Listed are the clauses that the run is measured against; nil where the
	// stream lists none.
	Listed *event.Requirements
	// Notes say what is wrong with the folder itself.
	Notes []string
}

// Scenario is a scenario with its elections.
type Scenario struct {
	Info event.ScenarioInfo
	// SubCases stand as the scenario lists them, then unlisted ones by id.
	SubCases []SubCase
}

// SubCase is one variant with its elections.
type SubCase struct {
	Info event.SubCase
	// Elections are sorted: attack, planted, twins; the sound system first.
	Elections []Election
}

// Election is one election with its verdict.
type Election struct {
	Verdict event.Verdict
	// History sums up history.jsonl; nil where there is none.
	History *History
	// Files are those of the evidence that exist.
	Files []File
}

// File is a file of the run folder.
type File struct {
	Label string
	// Path is relative to the run folder, with slashes, and holds only
	// letters, digits and ._+-=,@/ .
	Path   string
	SHA256 string
	// Size is in bytes.
	Size int64
}

// Open reads the run in folder dir.
func Open(dir string) (*Run, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	defer root.Close()
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real // runs/latest is a link
	}
	l := &loader{root: root, run: &Run{Name: filepath.Base(abs)}, index: map[string]int{}}
	if err := l.events(); err != nil {
		return nil, fmt.Errorf("open run: %w", err)
	}
	l.finish()
	return l.run, nil
}

// loader collects a Run from the files below root.
type loader struct {
	root *os.Root
	run  *Run
	// index finds a scenario by id.
	index map[string]int
}

func (l *loader) note(format string, args ...any) {
	switch n := len(l.run.Notes); {
	case n < maxNotes:
		l.run.Notes = append(l.run.Notes, fmt.Sprintf(format, args...))
	case n == maxNotes:
		l.run.Notes = append(l.run.Notes, "more notes were left out")
	}
}

// events reads the summary stream.
func (l *loader) events() error {
	f, err := l.open(EventsFile)
	if err != nil {
		return err
	}
	defer f.Close()
	for e, err := range event.NewReader(f, EventsFile, event.Summary).All() {
		if errors.Is(err, event.ErrTruncated) {
			l.note("%v: the run was killed while writing", err)
			break
		}
		if err != nil {
			return err
		}
		l.add(e)
	}
	if l.run.Started == nil {
		l.note("%s does not begin with the facts of the run", EventsFile)
	}
	return nil
}

func (l *loader) add(e event.Event) {
	r := l.run
	switch {
	case e.RunStarted != nil && r.Started == nil:
		r.Started = e.RunStarted
	case e.RunStarted != nil:
		l.note("%s:%d: a second start of the run is ignored", EventsFile, e.Seq)
	case e.Requirements != nil:
		r.Listed = e.Requirements
	case e.Scenario != nil:
		s := l.scenario(e.Scenario.ID)
		s.Info = *e.Scenario
	case e.Verdict != nil:
		l.addVerdict(*e.Verdict)
	case e.MatrixCell != nil:
		r.Matrix = append(r.Matrix, *e.MatrixCell)
	case e.Probe != nil:
		r.Probes = append(r.Probes, *e.Probe)
	case e.Problem != nil:
		r.Problems = append(r.Problems, *e.Problem)
	case e.RunFinished != nil:
		r.Finished = e.RunFinished
	}
}

// scenario returns the scenario of that id, new where there is none.
func (l *loader) scenario(id string) *Scenario {
	i, ok := l.index[id]
	if !ok {
		i = len(l.run.Scenarios)
		l.index[id] = i
		l.run.Scenarios = append(l.run.Scenarios, Scenario{Info: event.ScenarioInfo{ID: id, Title: id}})
	}
	return &l.run.Scenarios[i]
}

func (l *loader) addVerdict(v event.Verdict) {
	s := l.scenario(v.Scenario)
	if s.Info.Title == s.Info.ID && v.Title != "" {
		s.Info.Title = v.Title
	}
	for i := range s.SubCases {
		if s.SubCases[i].Info.ID == v.SubCase {
			s.SubCases[i].Elections = append(s.SubCases[i].Elections, Election{Verdict: v})
			return
		}
	}
	s.SubCases = append(s.SubCases, SubCase{Info: event.SubCase{ID: v.SubCase}, Elections: []Election{{Verdict: v}}})
}

// open opens a regular file below the run folder, at most MaxFile long.
func (l *loader) open(path string) (io.ReadCloser, error) {
	info, err := l.root.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if info.Size() > MaxFile {
		return nil, fmt.Errorf("%s: %w: %d bytes, at most %d", path, ErrTooLarge, info.Size(), int64(MaxFile))
	}
	return l.root.Open(path)
}
