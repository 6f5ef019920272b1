package run

import (
	"cmp"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"scrutineer/reports/event"
)

// finish arranges what was read and attaches the files of the elections.
func (l *loader) finish() {
	sortScenarios(l.run)
	for i := range l.run.Scenarios {
		s := &l.run.Scenarios[i]
		arrange(s)
		for j := range s.SubCases {
			for k := range s.SubCases[j].Elections {
				l.attach(&s.SubCases[j].Elections[k])
			}
		}
	}
	for i := range l.run.Probes {
		l.run.Probes[i].Dir = l.folder(l.run.Probes[i].Dir)
	}
	for i := range l.run.Matrix {
		l.run.Matrix[i].Dir = l.folder(l.run.Matrix[i].Dir)
	}
	if l.run.Finished == nil {
		l.note("%s does not end with the end of the run: what follows is incomplete", EventsFile)
	}
}

func sortScenarios(r *Run) {
	slices.SortStableFunc(r.Scenarios, func(a, b Scenario) int { return cmp.Compare(a.Info.ID, b.Info.ID) })
}

// arrange puts the sub-cases into the order of the scenario and the elections
// into that of reading. Sub-cases without an election stay visible.
func arrange(s *Scenario) {
	listed := map[string]int{}
	for i, c := range s.Info.SubCases {
		listed[c.ID] = i
		at := slices.IndexFunc(s.SubCases, func(x SubCase) bool { return x.Info.ID == c.ID })
		if at < 0 {
			s.SubCases = append(s.SubCases, SubCase{Info: c})
			continue
		}
		s.SubCases[at].Info = c
	}
	slices.SortStableFunc(s.SubCases, func(a, b SubCase) int {
		i, aListed := listed[a.Info.ID]
		j, bListed := listed[b.Info.ID]
		switch {
		case aListed && bListed:
			return cmp.Compare(i, j)
		case aListed:
			return -1
		case bListed:
			return 1
		}
		return cmp.Compare(a.Info.ID, b.Info.ID)
	})
	for i := range s.SubCases {
		slices.SortStableFunc(s.SubCases[i].Elections, func(a, b Election) int {
			return cmp.Or(cmp.Compare(order(a.Verdict.Run), order(b.Verdict.Run)),
				cmp.Compare(strings.Join(a.Verdict.Planted, "+"), strings.Join(b.Verdict.Planted, "+")))
		})
	}
}

func order(k event.RunKind) int {
	return slices.Index([]event.RunKind{event.Attack, event.Planted, event.Twin}, k)
}

// plainPath are the names that a path in a report may have: nothing that a
// shell, a URL or a terminal reads in its own way.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+=,@-]*(/[A-Za-z0-9_][A-Za-z0-9._+=,@-]*)*$`)

// folder returns dir where it is a plain path below the run folder and
// exists, else "".
func (l *loader) folder(dir string) string {
	dir = l.safe(dir)
	if dir == "" {
		return ""
	}
	if info, err := l.root.Stat(filepath.FromSlash(dir)); err != nil || !info.IsDir() {
		l.note("the folder %s is missing", dir)
		return ""
	}
	return dir
}

// safe returns path where it is plain and stays below the run folder, else "".
func (l *loader) safe(path string) string {
	if path == "" {
		return ""
	}
	if len(path) > 400 || !plainPath.MatchString(path) || !filepath.IsLocal(filepath.FromSlash(path)) {
		l.note("a path that leaves the run folder or is not plain is ignored: %.100q", path)
		return ""
	}
	return path
}

// attach checks the paths of an election and sums up its history.
func (l *loader) attach(e *Election) {
	v := &e.Verdict
	v.Dir = l.folder(v.Dir)
	for _, ref := range v.Evidence {
		path := l.safe(ref.Path)
		if path == "" {
			continue
		}
		info, err := l.root.Stat(filepath.FromSlash(path))
		if err != nil {
			l.note("%s is missing", path)
			continue
		}
		e.Files = append(e.Files, File{Label: ref.Label, Path: path, SHA256: ref.SHA256, Size: info.Size()})
	}
	if v.Dir == "" {
		return
	}
	history, err := l.history(filepath.Join(filepath.FromSlash(v.Dir), HistoryFile))
	if err != nil {
		l.note("%v", err)
	}
	e.History = history
}
