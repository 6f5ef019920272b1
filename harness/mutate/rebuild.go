package mutate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/transcript"
)

// Keys are the secrets of a test election. Roles without an id have the empty
// one; so has the board.
type Keys interface {
	// Signing is the Ed25519 key of a role.
	Signing(role message.Role, id string) ed25519.PrivateKey
	// Decryption is the secret of a trustee's encryption key. Together with
	// the dealings on the board it gives the trustee's share of the election
	// key.
	Decryption(id string) kyber.Scalar
}

// rebuild makes a record around a changed board: seal, roots, signatures,
// chunks, tree and checkpoints, as far as the power reaches.
func (s *Source) rebuild(b *board, power Power) (record.Memory, error) {
	if err := s.mend(b, power); err != nil {
		return nil, err
	}
	export := record.Export{Checkpoints: map[record.Moment][]byte{}}
	var raws, chunks [][]byte
	for _, it := range b.entries {
		raws = append(raws, it.raw)
		if it.chunked != nil {
			chunks = append(chunks, pieces(it.chunked.bytes())...)
		}
	}
	export.Entries, export.Chunks = record.Slice(raws), record.Slice(unique(chunks))
	for _, m := range moments(b.heads) {
		h := b.heads[m].clone()
		h.size = b.sizeFor(h.size)
		h.root = rootOf(raws[:h.size])
		export.Checkpoints[m] = s.sign(h)
	}
	files, _, err := export.Memory()
	if err != nil {
		return nil, fmt.Errorf("rebuild: %w", err)
	}
	return files, nil
}

func moments(heads map[record.Moment]*head) []record.Moment {
	var out []record.Moment
	for _, m := range []record.Moment{record.Opened, record.Closed, record.Sealed, record.Final} {
		if heads[m] != nil {
			out = append(out, m)
		}
	}
	return out
}

// sizeFor is the size at which a checkpoint covers what it covered before.
func (b *board) sizeFor(old uint64) (size uint64) {
	if last := b.entries[len(b.entries)-1]; last.was < 0 && old == b.was() {
		return uint64(len(b.entries))
	}
	for i, it := range b.entries {
		if it.was >= 0 && uint64(it.was) < old {
			size = uint64(i) + 1
		}
	}
	return size
}

// was is the size of the record that this board was.
func (b *board) was() (size uint64) {
	for _, it := range b.entries {
		size = max(size, uint64(it.was+1))
	}
	return size
}

// mend signs what was changed, and carries a changed history on: the seal's
// count and root, the result's root, and where the trustees take part theirs.
func (s *Source) mend(b *board, power Power) error {
	for i, it := range b.entries {
		if it.touched {
			b.entries[i] = it.clone()
			s.finish(b.entries[i], power)
		}
	}
	at := slices.IndexFunc(b.entries, func(it *item) bool { return it.typ == message.TypeSeal })
	if at < 0 {
		return nil
	}
	if seal := b.entries[at]; !seal.touched {
		root := rootOf(rawsOf(b.entries[:at]))
		if old := seal.body(); old.get("root").str() != codec.Hex32(root).String() || old.get("count").text != strconv.Itoa(at) {
			seal = b.own(at)
			seal.body().set("root", text(quoted(codec.Hex32(root).String())))
			seal.body().set("count", text(strconv.Itoa(at)))
			s.finish(seal, power)
		}
	}
	return s.followSeal(b, at, power)
}

// followSeal puts the sealed root into what names it.
func (s *Source) followSeal(b *board, at int, power Power) error {
	body := b.entries[at].body()
	if body == nil || body.get("root") == nil {
		return nil
	}
	root := body.get("root").text
	for i, it := range b.entries {
		follows := it.typ == message.TypeResult || it.typ == message.TypeDecryptionShare && power == Colluding
		if it.touched || !follows || it.body().get("root").text == root {
			continue
		}
		it = b.own(i)
		it.body().set("root", text(root))
		if it.typ == message.TypeDecryptionShare {
			if err := s.prove(it); err != nil {
				return err
			}
		}
		s.finish(it, power)
	}
	return nil
}

// finish signs an entry again, where the power has its key, and writes it.
func (s *Source) finish(it *item, power Power) {
	if it.chunked != nil {
		body := it.chunked.bytes()
		list := &node{list: true}
		for _, piece := range pieces(body) {
			list.items = append(list.items, text(quoted(codec.Hex32(sha256.Sum256(piece)).String())))
		}
		it.tree.set("chunks", list)
		it.tree.set("size", text(strconv.Itoa(len(body))))
	}
	if !it.sealed {
		s.resign(it, power)
	}
	it.raw = it.tree.bytes()
}

func (s *Source) resign(it *item, power Power) {
	role, id := message.Role(it.tree.get("role").str()), it.tree.get("id").str()
	switch {
	case it.tree.get("signature") == nil || it.body() == nil:
		return
	case role == message.RoleAuthority:
	case power == Colluding && (role == message.RoleTrustee || role == message.RoleRegistrar):
	default:
		return
	}
	e := message.Entry{Type: message.Type(it.tree.get("type").str()), Role: role, ID: id}
	if v := it.tree.get("version"); v != nil {
		e.Version, _ = strconv.ParseUint(v.text, 10, 64) // 0 where it is no number any more
	}
	e.Context, _ = codec.ParseHex32(it.tree.get("context").str())
	digest := transcript.EntrySignature(e, transcript.BodyDigest(it.body().bytes()))
	signature := codec.Hex64(ed25519.Sign(s.keys.Signing(role, id), digest[:]))
	it.tree.set("signature", text(quoted(signature.String())))
}

// sign makes the note of a checkpoint: board and witnesses sign again, each
// witness at its time.
func (s *Source) sign(h *head) []byte {
	out := fmt.Appendf(nil, "%s\n%d\n%s\n", h.origin, h.size, base64.StdEncoding.EncodeToString(h.root[:]))
	signed := slices.Clone(out)
	out = append(out, '\n')
	for _, l := range h.lines {
		key, kind, what, stamp := s.keys.Signing(message.RoleBoard, ""), byte(1), signed, []byte(nil)
		if l.time > 0 {
			key, kind = s.keys.Signing(message.RoleWitness, l.name), 4
			what = fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", l.time, signed)
			stamp = binary.BigEndian.AppendUint64(nil, l.time)
		}
		id := sha256.Sum256(append(append([]byte(l.name), '\n', kind), key.Public().(ed25519.PublicKey)...))
		blob := slices.Concat(id[:4], stamp, ed25519.Sign(key, what))
		out = fmt.Appendf(out, "— %s %s\n", l.name, base64.StdEncoding.EncodeToString(blob))
	}
	return out
}

// pieces cuts a long body into chunks (SPEC.md §3).
func pieces(body []byte) [][]byte { return slices.Collect(slices.Chunk(body, message.ChunkSize)) }

func unique(list [][]byte) [][]byte {
	seen := map[[32]byte]bool{}
	return slices.DeleteFunc(list, func(b []byte) bool {
		d := sha256.Sum256(b)
		again := seen[d]
		seen[d] = true
		return again
	})
}

func rawsOf(items []*item) [][]byte {
	out := make([][]byte, len(items))
	for i, it := range items {
		out[i] = it.raw
	}
	return out
}

// rootOf is the root of the tree over entries.
func rootOf(raws [][]byte) [32]byte {
	t := record.NewTiler(func(string, []byte) error { return nil })
	for _, raw := range raws {
		if t.Add(raw) != nil {
			return [32]byte{} // an entry that is too long; the export says so
		}
	}
	return t.Root()
}
