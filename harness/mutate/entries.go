package mutate

import (
	"fmt"
	"iter"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// entries are the mutants of whole entries: left out, doubled, moved,
// exchanged for another, taken from another election.
func (s *Source) entries() iter.Seq[*Mutant] {
	return func(yield func(*Mutant) bool) {
		for _, i := range s.walked() {
			for _, op := range s.entryOperators(i) {
				for _, power := range s.powers() {
					if !yield(s.entryMutant(i, op, power)) {
						return
					}
				}
			}
		}
	}
}

type entryOperator struct {
	name  string
	apply func(b *board) bool
}

func (s *Source) entryMutant(i int, op entryOperator, power Power) *Mutant {
	t := s.board.entries[i].typ
	m := &Mutant{Power: power, Level: Entry, Operator: op.name, Where: string(t) + " entry"}
	m.Name = fmt.Sprintf("%s %s %d entry %s", power, t, i, op.name)
	m.make = func() (record.Memory, error) {
		b := s.board.clone()
		if !op.apply(b) || len(b.entries) == 0 {
			return nil, ErrNone
		}
		return s.finished(b, power, i)
	}
	return m
}

// stranger is an entry that comes in from elsewhere.
func stranger(it *item) *item {
	c := it.clone()
	c.was, c.sealed = -1, true
	return c
}

func (s *Source) entryOperators(i int) []entryOperator {
	last := len(s.board.entries) - 1
	out := []entryOperator{
		{"remove", func(b *board) bool { b.entries = slices.Delete(b.entries, i, i+1); return true }},
		{"double", func(b *board) bool {
			b.entries = slices.Insert(b.entries, i+1, stranger(b.entries[i]))
			return true
		}},
		{"double at end", func(b *board) bool { b.entries = append(b.entries, stranger(b.entries[i])); return true }},
		{"swap with next", func(b *board) bool {
			if i == last {
				return false
			}
			b.entries[i], b.entries[i+1] = b.entries[i+1], b.entries[i]
			return true
		}},
		{"move to end", func(b *board) bool {
			it := b.entries[i]
			b.entries = append(slices.Delete(b.entries, i, i+1), it)
			return i != last
		}},
		{"swap with one of its type", func(b *board) bool {
			j := s.another(i)
			if j < 0 {
				return false
			}
			b.entries[i], b.entries[j] = b.entries[j], b.entries[i]
			return true
		}},
		{"replace by one of its type", func(b *board) bool {
			j := s.another(i)
			if j < 0 {
				return false
			}
			at := b.entries[i].was
			b.entries[i] = stranger(b.entries[j])
			b.entries[i].was = at
			return true
		}},
	}
	if s.donor == nil {
		return out
	}
	return append(out, entryOperator{"transplant", func(b *board) bool {
		other := s.donated(b.entries[i].typ, i)
		if other == nil {
			return false
		}
		at := b.entries[i].was
		b.entries[i] = stranger(other)
		b.entries[i].was = at
		return true
	}}, entryOperator{"insert a transplant", func(b *board) bool {
		other := s.donated(b.entries[i].typ, i)
		if other == nil {
			return false
		}
		b.entries = slices.Insert(b.entries, i+1, stranger(other))
		return true
	}})
}

// another chooses another entry of the same type, or -1.
func (s *Source) another(i int) int {
	return s.choose(s.board, s.board.entries[i].typ, i, i)
}

// donated chooses an entry of another election.
func (s *Source) donated(t message.Type, i int) *item {
	if j := s.choose(s.donor, t, i, -1); j >= 0 {
		return s.donor.entries[j]
	}
	return nil
}

func (s *Source) choose(b *board, t message.Type, i, but int) int {
	var list []int
	for j, it := range b.entries {
		if j != but && it.typ == t {
			list = append(list, j)
		}
	}
	if len(list) == 0 {
		return -1
	}
	return list[s.random(fmt.Sprint("another ", i)).IntN(len(list))]
}
