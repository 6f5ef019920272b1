package mutate

import (
	"fmt"
	"iter"
	"maps"
	"path"
	"slices"

	"scrutineer/protocols/record"
)

// fileMutants change whole files of a copy; nobody can rebuild a folder so
// that it differs.
func (s *Source) fileMutants() iter.Seq[*Mutant] {
	return func(yield func(*Mutant) bool) {
		for _, name := range slices.Sorted(maps.Keys(s.files)) {
			kind := path.Dir(name) + "/"
			if kind == "./" {
				kind = name
			}
			for _, op := range fileOperators(s, name) {
				m := &Mutant{Power: Plain, Level: File, Operator: op.name, Where: "file " + kind,
					Name: fmt.Sprintf("%s file %s %s", Plain, name, op.name)}
				m.make = func() (record.Memory, error) {
					files := s.files.Clone()
					if !op.apply(files) || sameFiles(files, s.files) {
						return nil, ErrNone
					}
					return files, nil
				}
				if !yield(m) {
					return
				}
			}
		}
	}
}

type fileOperator struct {
	name  string
	apply func(files record.Memory) bool
}

func fileOperators(s *Source, name string) []fileOperator {
	change := func(f func(data []byte) []byte) func(record.Memory) bool {
		return func(files record.Memory) bool { files[name] = f(files[name]); return true }
	}
	return []fileOperator{
		{"remove", func(files record.Memory) bool { delete(files, name); return true }},
		{"double", func(files record.Memory) bool { files[name+".copy"] = files[name]; return true }},
		{"move", func(files record.Memory) bool {
			files["old/"+name] = files[name]
			delete(files, name)
			return true
		}},
		{"empty", change(func([]byte) []byte { return []byte{} })},
		{"cut", change(func(b []byte) []byte { return b[:max(len(b)-1, 0)] })},
		{"lengthen", change(func(b []byte) []byte { return append(b, 0) })},
		{"flip", change(func(b []byte) []byte {
			if len(b) > 0 {
				bit := s.random(name).IntN(8 * len(b))
				b[bit/8] ^= 1 << (bit % 8)
			}
			return b
		})},
		{"swap", func(files record.Memory) bool {
			others := slices.Sorted(maps.Keys(files))
			other := others[(slices.Index(others, name)+1)%len(others)]
			files[name], files[other] = files[other], files[name]
			return name != other
		}},
	}
}

// headMutants change what a checkpoint says: in a copy, where the signatures
// no longer fit, and signed again.
func (s *Source) headMutants() iter.Seq[*Mutant] {
	return func(yield func(*Mutant) bool) {
		for _, moment := range moments(s.board.heads) {
			for _, op := range s.headOperators(moment) {
				for _, power := range s.powers()[:min(2, len(s.powers()))] {
					if !yield(s.headMutant(moment, op, power)) {
						return
					}
				}
			}
		}
	}
}

func (s *Source) headMutant(moment record.Moment, op headOperator, power Power) *Mutant {
	name := record.CheckpointPath(moment)
	m := &Mutant{Power: power, Level: Head, Operator: op.name, Where: "head " + name, Name: fmt.Sprintf("%s head %s %s", power, name, op.name)}
	m.make = func() (record.Memory, error) {
		h := s.board.heads[moment].clone()
		if !op.apply(h) {
			return nil, ErrNone
		}
		files := s.files.Clone()
		if power == Plain {
			files[name] = h.unsigned()
		} else {
			files[name] = s.sign(h)
		}
		if sameFiles(files, s.files) {
			return nil, ErrNone
		}
		return files, nil
	}
	return m
}

type headOperator struct {
	name  string
	apply func(h *head) bool
}

func (s *Source) headOperators(moment record.Moment) []headOperator {
	times := func(change func(t uint64) uint64) func(h *head) bool {
		return func(h *head) bool {
			for i := range h.lines {
				if h.lines[i].time > 0 {
					h.lines[i].time = change(h.lines[i].time)
				}
			}
			return true
		}
	}
	const year = 365 * 24 * 3600
	out := []headOperator{
		{"origin append", func(h *head) bool { h.origin += "x"; return true }},
		{"size plus", func(h *head) bool { h.size++; return true }},
		{"size minus", func(h *head) bool { h.size--; return true }},
		{"size huge", func(h *head) bool { h.size = 1 << 39; return true }},
		{"root flip", func(h *head) bool { h.root[0] ^= 1; return true }},
		{"root of one entry less", func(h *head) bool {
			h.size--
			h.root = rootOf(rawsOf(s.board.entries[:h.size]))
			return true
		}},
		{"no cosignatures", func(h *head) bool { h.lines = h.lines[:1]; return true }},
		{"one cosignature", func(h *head) bool { h.lines = h.lines[:min(2, len(h.lines))]; return true }},
		{"no signature of the board", func(h *head) bool { h.lines = h.lines[1:]; return len(h.lines) > 0 }},
		{"last line doubled", func(h *head) bool { h.lines = append(h.lines, h.lines[len(h.lines)-1]); return true }},
		{"last lines swapped", func(h *head) bool {
			n := len(h.lines)
			if n < 2 {
				return false
			}
			h.lines[n-1], h.lines[n-2] = h.lines[n-2], h.lines[n-1]
			return true
		}},
		{"line of a stranger", func(h *head) bool {
			h.lines = append(h.lines, line{name: "stranger", time: h.lines[len(h.lines)-1].time, sig: make([]byte, 76)})
			return true
		}},
		{"times a year later", times(func(t uint64) uint64 { return t + year })},
		{"times a year earlier", times(func(t uint64) uint64 { return t - year })},
	}
	for _, other := range moments(s.board.heads) {
		if other != moment {
			out = append(out, headOperator{"replace by " + record.CheckpointPath(other), func(h *head) bool {
				*h = *s.board.heads[other].clone()
				return true
			}})
		}
	}
	return out
}
