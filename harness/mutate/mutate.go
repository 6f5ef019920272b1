package mutate

import (
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// Power is what the one who made a mutant could do.
type Power int

// The powers; see the package comment.
const (
	Plain Power = iota + 1
	Rebuilt
	Colluding
)

// String is the word for a power.
func (p Power) String() string {
	return [...]string{"", "plain", "rebuilt", "colluding"}[p]
}

// Level is the size of the thing that is changed.
type Level string

// The levels.
const (
	Field Level = "field"
	Entry Level = "entry"
	File  Level = "file"
	Head  Level = "head"
)

// Mutant is a record in which one thing is changed.
type Mutant struct {
	// Name is unique and stays the same for the same record, keys and seed:
	// "colluding cast 17 body.ballot.weight plus".
	Name  string
	Power Power
	Level Level
	// Where is what is changed, without numbers: "cast body.ballot.weight".
	Where string
	// Operator is how: "flip", "remove", "double", "swap", "transplant" …
	Operator string

	make func() (record.Memory, error)
}

// Class is what mutants of one kind have in common.
func (m *Mutant) Class() string { return m.Where + " " + m.Operator }

// Make makes the record. ErrNone says that there is none such: the change
// cannot be written, or comes out as the record itself.
func (m *Mutant) Make() (record.Memory, error) { return m.make() }

// ErrNone is a mutant that there is not.
var ErrNone = errors.New("no such mutant")

// Source makes the mutants of one record.
type Source struct {
	files   record.Memory
	keys    Keys
	board   *board
	donor   *board // another election's, for transplants; may be nil
	secrets map[string]kyber.Scalar
	pools   map[string][]*node // values by type and member
	seed    uint64
}

// Options of a source.
type Options struct {
	// Keys of the election. Without them only plain mutants can be made.
	Keys Keys
	// Donor is the record of another election, of which entries and files are
	// transplanted.
	Donor record.Memory
	// Seed chooses bits, neighbours, donors, and what comes first.
	Seed uint64
}

// New reads a record that is sound: what is broken already has no mutants.
func New(files record.Memory, o Options) (*Source, error) {
	s := &Source{files: files, keys: o.Keys, secrets: map[string]kyber.Scalar{}, pools: map[string][]*node{}, seed: o.Seed}
	var err error
	if s.board, err = takeApart(files); err != nil {
		return nil, fmt.Errorf("mutate: %w", err)
	}
	if o.Donor != nil {
		if s.donor, err = takeApart(o.Donor); err != nil {
			return nil, fmt.Errorf("mutate: donor: %w", err)
		}
	}
	s.collect()
	if s.keys != nil {
		if err := s.learn(); err != nil {
			return nil, fmt.Errorf("mutate: %w", err)
		}
	}
	return s, nil
}

// learn opens the trustees' shares, and finds out early whether the keys are
// those of this election.
func (s *Source) learn() error {
	for _, it := range s.board.entries {
		if it.typ != message.TypeDecryptionShare {
			continue
		}
		if err := s.prove(it.clone()); err != nil {
			return fmt.Errorf("the keys are not this election's: %w", err)
		}
	}
	return nil
}

// random is the chance of one thing.
func (s *Source) random(name string) *rand.Rand {
	var seed [32]byte
	for i := range 8 {
		seed[i] = byte(s.seed >> (8 * i))
	}
	for i, c := range []byte(name) {
		seed[8+i%24] = seed[8+i%24]*31 + c
	}
	return rand.New(rand.NewChaCha8(seed))
}

// Walked is how many entries of one type are taken apart; of a type with more
// the seed chooses.
const Walked = 16

// All are all mutants, by power, level, place and operator.
func (s *Source) All() iter.Seq[*Mutant] {
	return func(yield func(*Mutant) bool) {
		for _, seq := range []iter.Seq[*Mutant]{s.fields(), s.entries(), s.fileMutants(), s.headMutants()} {
			for m := range seq {
				if !yield(m) {
					return
				}
			}
		}
	}
}

// Sample are n mutants, or all where there are fewer. They are spread: one of
// each class and power comes before a second of any.
func (s *Source) Sample(n int) []*Mutant {
	groups := map[string][]*Mutant{}
	for m := range s.All() {
		key := m.Power.String() + " " + m.Class()
		groups[key] = append(groups[key], m)
	}
	var names []string
	for name, list := range groups {
		names = append(names, name)
		s.random(name).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	slices.Sort(names)
	s.random("order").Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var out []*Mutant
	for round := 0; len(out) < n; round++ {
		before := len(out)
		for _, name := range names {
			if list := groups[name]; round < len(list) && len(out) < n {
				out = append(out, list[round])
			}
		}
		if len(out) == before {
			break
		}
	}
	return out
}

// powers are those that the source has.
func (s *Source) powers() []Power {
	if s.keys == nil {
		return []Power{Plain}
	}
	return []Power{Plain, Rebuilt, Colluding}
}

// walked chooses the entries to take apart.
func (s *Source) walked() []int {
	byType := map[message.Type][]int{}
	for i, it := range s.board.entries {
		byType[it.typ] = append(byType[it.typ], i)
	}
	var out []int
	for t, list := range byType {
		if len(list) > Walked {
			s.random(string(t)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			list = list[:Walked]
		}
		out = append(out, list...)
	}
	slices.Sort(out)
	return out
}

// finished makes the record of a changed board, and refuses one that is not
// changed at all.
func (s *Source) finished(b *board, power Power, changed int) (record.Memory, error) {
	var files record.Memory
	var err error
	if power == Plain {
		files, err = s.overwrite(b, changed)
	} else {
		files, err = s.rebuild(b, power)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	if sameFiles(files, s.files) {
		return nil, ErrNone
	}
	return files, nil
}

func sameFiles(a, b record.Memory) bool {
	if len(a) != len(b) {
		return false
	}
	for path, data := range a {
		other, there := b[path]
		if !there || string(other) != string(data) {
			return false
		}
	}
	return true
}

// overwrite writes one changed bundle into the copy; chunks are overwritten
// under their old names.
func (s *Source) overwrite(b *board, changed int) (record.Memory, error) {
	files := s.files.Clone()
	layout := record.Layout{Size: uint64(len(s.board.entries))}
	n := uint64(changed) / record.TileWidth
	var bundle []byte
	for _, it := range b.entries {
		if at := uint64(max(it.was, 0)); it.was >= 0 && at/record.TileWidth != n {
			continue
		}
		raw := it.raw
		if it.touched {
			if it.chunked != nil {
				overwriteChunks(files, it)
			}
			raw = it.tree.bytes()
		}
		var err error
		if bundle, err = record.AppendEntry(bundle, raw); err != nil {
			return nil, err
		}
	}
	files[record.BundlePath(n, layout.BundleWidth(n))] = bundle
	return files, nil
}

func overwriteChunks(files record.Memory, it *item) {
	parts := pieces(it.chunked.bytes())
	list := it.tree.get("chunks")
	if list == nil {
		return
	}
	for i, name := range list.items {
		var path record.Path
		path.Kind = record.KindChunk
		if err := path.Digest.UnmarshalText([]byte(name.str())); err != nil || i >= len(parts) {
			continue
		}
		files[path.String()] = parts[i]
	}
}
