package verify

import (
	"bytes"
	"strconv"

	"scrutineer/harness/verify/canonical"
	"scrutineer/harness/verify/merkle"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// electorate is the list of credentials, in flat memory: 74 bytes each.
type electorate struct {
	slabs   []*slab
	size    int
	ordered bool   // strictly ascending so far, so that find works
	weight  uint64 // sum
	tree    merkle.Range
}

const slabSize = 4096

// slab holds a run of credentials; what stands for one is also kept here.
type slab struct {
	keys    [slabSize][32]byte
	style   [slabSize]uint16 // positions in the manifest
	unit    [slabSize]uint16
	weight  [slabSize]uint16
	head    [slabSize]uint32   // index of the standing ballot's entry, plus 1
	tracker [slabSize][32]byte // of the standing ballot
}

// at splits a position into slab and place.
func (e *electorate) at(i int) (*slab, int) { return e.slabs[i/slabSize], i % slabSize }

func (e *electorate) key(i int) [32]byte {
	s, j := e.at(i)
	return s.keys[j]
}

// add appends a credential by positions in the manifest.
func (e *electorate) add(c *message.Credential, style, unit, weight int) {
	if e.size%slabSize == 0 {
		e.slabs = append(e.slabs, new(slab))
	}
	if e.size == 0 {
		e.ordered = true
	} else if before := e.key(e.size - 1); bytes.Compare(before[:], c.Key[:]) >= 0 {
		e.ordered = false
	}
	s, j := e.at(e.size)
	s.keys[j], s.style[j], s.unit[j], s.weight[j] = c.Key, uint16(style), uint16(unit), uint16(weight)
	e.size++
	e.weight = min(e.weight, 1<<60) + c.Weight // beyond all bounds anyway
	e.tree.Append(merkle.Leaf(credentialText(c)))
}

// credentialText is the canonical form of a credential.
func credentialText(c *message.Credential) []byte {
	out := append(make([]byte, 0, 256), `{"key":"`...)
	out = append(out, c.Key.String()...)
	out = append(out, `","style":`...)
	out = canonical.AppendString(out, c.Style)
	out = append(out, `,"unit":`...)
	out = canonical.AppendString(out, c.Unit)
	out = append(out, `,"weight":`...)
	out = strconv.AppendUint(out, c.Weight, 10)
	return append(out, '}')
}

// find is the position of a key.
func (e *electorate) find(key [32]byte) (int, bool) {
	low, high := 0, e.size
	for low < high {
		mid := int(uint(low+high) / 2)
		k := e.key(mid)
		switch bytes.Compare(k[:], key[:]) {
		case 0:
			return mid, true
		case -1:
			low = mid + 1
		default:
			high = mid
		}
	}
	return -1, false
}

// styleOf is the style of a credential, as a position in the manifest.
func (e *electorate) styleOf(i int) int {
	s, j := e.at(i)
	return int(s.style[j])
}

// line is what the list says of a credential.
func (e *electorate) line(i int, x *index) message.Credential {
	s, j := e.at(i)
	return message.Credential{
		Key: s.keys[j], Style: x.m.Styles[s.style[j]].ID, Unit: x.m.Units[s.unit[j]].ID, Weight: x.m.Weights[s.weight[j]]}
}

// each calls f for every credential that has a standing ballot.
func (e *electorate) each(f func(style, unit int, weight int)) {
	for i := range e.size {
		if s, j := e.at(i); s.head[j] != 0 {
			f(int(s.style[j]), int(s.unit[j]), int(s.weight[j]))
		}
	}
}

// electorateFold reads the credentials (V-15).
type electorateFold struct {
	list  electorate
	next  uint64 // number of the next chunk
	last  int    // length of the last one
	valid bool   // every line could be kept
}

// chunk reads one chunk of the list.
func (f *electorateFold) chunk(c *message.Credentials, x *index, place placer, t *tally) {
	fail := func(fd *Finding) { t.add(place(fd).blame(registrar)) }
	if c.Chunk != f.next {
		fail(found(Credentials, "chunk %d where %d belongs", c.Chunk, f.next).counts(f.next, c.Chunk))
	}
	if len(c.List) == 0 || f.next > 0 && f.last != message.CredentialChunk {
		fail(found(Credentials, "only the last chunk may be short, and none empty").counts(message.CredentialChunk, f.last))
	}
	f.next, f.last = f.next+1, len(c.List)
	for i := range c.List {
		line := &c.List[i]
		t.see(Credentials, 1)
		if p, ok := point.Decode(line.Key); !ok || p.IsIdentity() {
			fail(found(Credentials, "credential is no element other than the identity").
				sides("canonical element ≠ identity", line.Key, [32]byte{}))
		}
		style, okS := x.styles[line.Style]
		unit, okU := x.units[line.Unit]
		weight, okW := x.weights[line.Weight]
		if !okS || !okU || !okW {
			f.valid = false
			fail(found(Credentials, "unknown style %q, unit %q or weight %d", line.Style, line.Unit, line.Weight))
		}
		wasOrdered := f.list.ordered || f.list.size == 0
		f.list.add(line, style, unit, weight)
		if wasOrdered && !f.list.ordered {
			fail(found(Credentials, "credentials are not strictly ascending").
				sides("credential before < credential", f.list.key(f.list.size-2), line.Key))
		}
	}
}

// maxWeight is the largest sum of weights.
const maxWeight = 100_000_000

// finish holds the list against the electorate.
func (f *electorateFold) finish(e *message.Electorate, place placer, t *tally) {
	fail := func(fd *Finding) { t.add(place(fd).blame(registrar)) }
	t.expect(Credentials, int(min(e.Count, maxWeight+1)))
	if e.Count == 0 {
		fail(found(Credentials, "nobody is eligible"))
	}
	if e.Chunks != f.next {
		fail(found(Credentials, "electorate has %d chunks, %d are listed", e.Chunks, f.next).counts(e.Chunks, f.next))
	}
	if e.Count != uint64(f.list.size) {
		fail(found(Credentials, "electorate has %d credentials, %d are listed", e.Count, f.list.size).counts(e.Count, f.list.size))
	}
	if e.Weight != f.list.weight {
		fail(found(Credentials, "electorate has weight %d, listed are %d", e.Weight, f.list.weight).counts(e.Weight, f.list.weight))
	}
	if f.list.weight > maxWeight {
		fail(found(Credentials, "the sum of weights is %d, at most %d are allowed", f.list.weight, maxWeight))
	}
	if root := f.list.tree.Root(); e.Root != root {
		fail(found(Credentials, "the root is not that of the list").sides("root = MTH(credentials)", e.Root, root))
	}
}
