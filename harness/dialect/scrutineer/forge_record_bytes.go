package scrutineer

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"maps"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/transcript"
)

// H01 and H07 in a finished record: what two readers of the same published
// bytes read differently.

// ambiguous signs a result that says twice who has won: a reader for whom the
// first of two members counts sees every vote with the winner, one for whom the
// last counts sees what was decrypted. The server signs the entry and the new
// head; no witness cosigns that.
func (p *Published) ambiguous() (map[string][]byte, error) {
	b := &forgedBoard{by: p}
	for i, h := range p.headers {
		raw := p.entries[i]
		if h.Type == message.TypeResult {
			var err error
			if raw, err = p.resultTwice(h, p.bodies[i]); err != nil {
				return nil, err
			}
		}
		b.put(h.Type, raw)
	}
	return b.files()
}

func (p *Published) resultTwice(h message.Entry, body []byte) ([]byte, error) {
	claimed, err := p.falseContests()
	if err != nil {
		return nil, err
	}
	list, err := codec.Encode(claimed)
	if err != nil {
		return nil, err
	}
	if len(h.Body) == 0 || !bytes.HasPrefix(body, []byte(`{"contests":`)) {
		return nil, fmt.Errorf("%w: a result that does not fit into its entry, or begins otherwise", ErrRecord)
	}
	written := slices.Concat([]byte(`{"contests":`), list, []byte(","), body[1:])
	s := p.Authority.Signer()
	digest := transcript.EntrySignature(h, transcript.BodyDigest(written))
	h.Signature = message.Signature(ed25519.Sign(s.Key, digest[:]))
	raw, err := codec.Encode(h)
	return bytes.Replace(raw, body, written, 1), err
}

// followed is the honest record with something behind the last bundle of its
// entries, or behind its head: each reader finds what the board has, and one of
// them something else besides.
func (p *Published) followed(how RecordForgery) (map[string][]byte, error) {
	b := &forgedBoard{by: p}
	for i, h := range p.headers {
		b.put(h.Type, p.entries[i])
	}
	files, err := b.files()
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path, err := record.Parse(name)
		switch {
		case err != nil:
			return nil, err
		case how == RecordBundleTail && path.Kind == record.KindEntries:
			// an entry more, as if the board had gone on
			more, err := record.AppendEntry(bytes.Clone(files[name]), p.entries[len(p.entries)-1])
			if err != nil {
				return nil, err
			}
			files[name] = more
		case how == RecordHeadTail && path.Kind == record.KindCheckpoint:
			// a second head behind the first, as streams of them have it
			files[name] = slices.Concat(files[name], []byte("\n"), p.heads[record.Opened])
		}
	}
	return files, nil
}
