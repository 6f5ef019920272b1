package run

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"scrutineer/reports/event"
)

// A Difference is a file in which two runs differ after normalisation.
type Difference struct {
	// File is relative to the run folder, with slashes.
	File string
	// OnlyA and OnlyB are the normalised lines that one of them lacks.
	OnlyA, OnlyB [][]byte
}

// Compare compares two run folders after the normalisation of package event:
// the summary stream and the history of every election that either names. Two
// runs of one seed have no differences.
func Compare(dirA, dirB string) ([]Difference, error) {
	a, err := readStream(dirA, EventsFile, event.Summary)
	if err != nil {
		return nil, err
	}
	b, err := readStream(dirB, EventsFile, event.Summary)
	if err != nil {
		return nil, err
	}
	out, err := compare(nil, EventsFile, a, b)
	if err != nil {
		return nil, err
	}
	for _, file := range histories(a, b) {
		a, err := readStream(dirA, file, event.History)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		b, err := readStream(dirB, file, event.History)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if out, err = compare(out, file, a, b); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func compare(out []Difference, file string, a, b []event.Event) ([]Difference, error) {
	onlyA, onlyB, err := event.Diff(a, b)
	if err != nil {
		return nil, err
	}
	if len(onlyA)+len(onlyB) > 0 {
		out = append(out, Difference{File: file, OnlyA: onlyA, OnlyB: onlyB})
	}
	return out, nil
}

// histories returns the history files that the verdicts of either run name.
func histories(streams ...[]event.Event) []string {
	var out []string
	seen := map[string]bool{}
	for _, stream := range streams {
		for _, e := range stream {
			if e.Verdict == nil || e.Verdict.Dir == "" || seen[e.Verdict.Dir] {
				continue
			}
			seen[e.Verdict.Dir] = true
			out = append(out, e.Verdict.Dir+"/"+HistoryFile)
		}
	}
	return out
}

// ReadHistory returns the whole history of an election of the run in folder
// dir; path is that of History.Path.
func ReadHistory(dir, path string) ([]event.Event, error) {
	return readStream(dir, path, event.History)
}

func readStream(dir, path string, s event.Stream) ([]event.Event, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	l := &loader{root: root, run: &Run{}}
	f, err := l.open(filepath.FromSlash(path))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []event.Event
	for e, err := range event.NewReader(f, path, s).All() {
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}
