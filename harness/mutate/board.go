package mutate

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// board is a record taken apart: its entries in order and its checkpoints.
type board struct {
	entries []*item
	heads   map[record.Moment]*head
}

// item is one entry.
type item struct {
	was     int  // index in the record; -1 where it comes from elsewhere
	touched bool // it is what is changed: nobody mends it
	sealed  bool // and its signature is what is changed: nobody signs it again
	raw     []byte
	typ     message.Type
	tree    *node // of the entry
	chunked *node // of a body that lies in chunks
}

// body is the tree of the body, wherever it lies; nil where it is gone.
func (it *item) body() *node {
	if it.chunked != nil {
		return it.chunked
	}
	return it.tree.get("body")
}

func (it *item) clone() *item {
	c := *it
	c.tree = it.tree.clone()
	if it.chunked != nil {
		c.chunked = it.chunked.clone()
	}
	return &c
}

// clone copies the list; items are shared until somebody changes one.
func (b *board) clone() *board {
	return &board{entries: slices.Clone(b.entries), heads: b.heads}
}

// own replaces the entry at a place by a copy that may be changed.
func (b *board) own(i int) *item {
	b.entries[i] = b.entries[i].clone()
	return b.entries[i]
}

// takeApart reads the entries and checkpoints of a sound record.
func takeApart(files record.Memory) (*board, error) {
	b := &board{heads: map[record.Moment]*head{}}
	for _, m := range []record.Moment{record.Opened, record.Closed, record.Sealed, record.Final} {
		note, there := files[record.CheckpointPath(m)]
		if !there {
			continue
		}
		h, err := parseHead(note)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", record.CheckpointPath(m), err)
		}
		b.heads[m] = h
	}
	final := b.heads[record.Final]
	if final == nil {
		return nil, fmt.Errorf("%s is missing: this is no record", record.CheckpointPath(record.Final))
	}
	layout := record.Layout{Size: final.size}
	for n := uint64(0); layout.BundleWidth(n) > 0; n++ {
		path := record.BundlePath(n, layout.BundleWidth(n))
		entries, err := record.DecodeBundle(files[path], layout.BundleWidth(n))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for _, raw := range entries {
			it, err := newItem(raw, files)
			if err != nil {
				return nil, fmt.Errorf("%s, entry %d: %w", path, len(b.entries), err)
			}
			it.was = len(b.entries)
			b.entries = append(b.entries, it)
		}
	}
	return b, nil
}

func newItem(raw []byte, files record.Memory) (*item, error) {
	tree, err := parse(raw)
	if err != nil {
		return nil, err
	}
	it := &item{was: -1, raw: raw, tree: tree, typ: message.Type(tree.get("type").str())}
	chunks := tree.get("chunks")
	if chunks == nil {
		return it, nil
	}
	var body []byte
	for _, name := range chunks.items {
		d, err := codec.ParseHex32(name.str())
		if err != nil {
			return nil, err
		}
		body = append(body, files[record.ChunkPath(d)]...)
	}
	it.chunked, err = parse(body)
	return it, err
}

// head is a checkpoint taken apart.
type head struct {
	origin string
	size   uint64
	root   [32]byte
	lines  []line
}

// line is a signature line; a witness's has a time.
type line struct {
	name string
	time uint64 // 0 for the board's
	sig  []byte // what follows the name of the key, kept where nobody signs again
}

func parseHead(note []byte) (*head, error) {
	text, signatures, ok := strings.Cut(string(note), "\n\n")
	lines := strings.Split(text, "\n")
	if !ok || len(lines) != 3 {
		return nil, fmt.Errorf("no checkpoint: want three lines and signatures")
	}
	h := &head{origin: lines[0]}
	var err error
	if h.size, err = strconv.ParseUint(lines[1], 10, 40); err != nil {
		return nil, fmt.Errorf("size: %w", err)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(h.root) {
		return nil, fmt.Errorf("root: not 32 bytes of base64")
	}
	h.root = [32]byte(root)
	for _, text := range strings.Split(strings.TrimSuffix(signatures, "\n"), "\n") {
		fields := strings.Split(text, " ")
		if len(fields) != 3 {
			return nil, fmt.Errorf("signature line %q", text)
		}
		sig, err := base64.StdEncoding.DecodeString(fields[2])
		if err != nil {
			return nil, fmt.Errorf("signature line: %w", err)
		}
		l := line{name: fields[1], sig: sig}
		if len(sig) == 4+8+64 {
			l.time = binary.BigEndian.Uint64(sig[4:12])
		}
		h.lines = append(h.lines, l)
	}
	return h, nil
}

func (h *head) clone() *head {
	c := *h
	c.lines = slices.Clone(h.lines)
	return &c
}

// unsigned is the note with the signatures that it had.
func (h *head) unsigned() []byte {
	out := fmt.Appendf(nil, "%s\n%d\n%s\n\n", h.origin, h.size, base64.StdEncoding.EncodeToString(h.root[:]))
	for _, l := range h.lines {
		sig := slices.Clone(l.sig)
		if l.time > 0 && len(sig) >= 12 {
			binary.BigEndian.PutUint64(sig[4:12], l.time)
		}
		out = fmt.Appendf(out, "— %s %s\n", l.name, base64.StdEncoding.EncodeToString(sig))
	}
	return out
}
