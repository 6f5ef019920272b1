package entry_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"strings"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/weakness"
)

// store keeps chunks by their digests.
type store map[board.Hash][]byte

func (s store) Chunk(_ context.Context, digest board.Hash) ([]byte, error) {
	if c, ok := s[digest]; ok {
		return c, nil
	}
	return nil, board.ErrNoChunk
}

// pack makes an entry with a body of so many bytes, and keeps its chunks.
func pack(t *testing.T, size int) (entry.Packed, store) {
	t.Helper()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	p, err := entry.Pack(message.Entry{Type: message.TypeCast}, strings.Repeat("x", size-2), key)
	if err != nil {
		t.Fatal(err)
	}
	chunks := store{}
	for _, c := range p.Chunks {
		chunks[board.ChunkDigest(c)] = c
	}
	return p, chunks
}

// What Pack makes Open reads, at and around each border of sizes (SPEC.md §3).
func TestSizes(t *testing.T) {
	for size, want := range map[int]int{
		2: 0, message.MaxInline: 0, // which is ChunkSize
		message.ChunkSize + 1: 2, 2 * message.ChunkSize: 2, 2*message.ChunkSize + 1: 3,
		message.MaxBody: (message.MaxBody + message.ChunkSize - 1) / message.ChunkSize,
	} {
		p, chunks := pack(t, size)
		e, body, err := entry.Open(t.Context(), weakness.View{}, p.Raw, chunks)
		if err != nil || len(p.Chunks) != want || len(body) != size {
			t.Errorf("%d bytes: %d chunks, %d bytes back, %v", size, len(p.Chunks), len(body), err)
			continue
		}
		digest := transcript.EntrySignature(e, transcript.BodyDigest(body))
		public := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)).Public().(ed25519.PublicKey)
		if !ed25519.Verify(public, digest[:], e.Signature[:]) || p.Type != e.Type || e.Version != message.Version {
			t.Errorf("%d bytes: signature, type %s or version %d", size, p.Type, e.Version)
		}
	}
	for _, body := range []any{strings.Repeat("x", message.MaxBody-1), make(chan int)} {
		if p, err := entry.Pack(message.Entry{Type: message.TypeCast}, body, nil); err == nil || p.Raw != nil || p.Chunks != nil {
			t.Errorf("%T is packed: %v", body, err)
		}
	}
}

// Each entry is refused as malformed, and no body is handed out.
func TestMalformed(t *testing.T) {
	p, chunks := pack(t, message.ChunkSize+5)
	small, _ := pack(t, 10)
	change := func(p entry.Packed, change func(*message.Entry)) []byte {
		e, err := message.DecodeEntry(p.Raw)
		if err != nil {
			t.Fatal(err)
		}
		change(&e)
		raw, err := codec.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, raw := range map[string][]byte{
		"not JSON":             []byte("{"),
		"longer than an entry": []byte(strings.Repeat(" ", message.MaxEntry+1)),
		"another version":      change(small, func(e *message.Entry) { e.Version++ }),
		"body and chunks":      change(p, func(e *message.Entry) { e.Body = codec.Raw("1") }),
		"body and size":        change(small, func(e *message.Entry) { e.Size = 10 }),
		"body too long":        change(small, func(e *message.Entry) { e.Body = codec.Raw(`"` + strings.Repeat("x", message.MaxInline-1) + `"`) }),
		"neither":              change(small, func(e *message.Entry) { e.Body = nil }),
		"a chunk missing":      change(p, func(e *message.Entry) { e.Chunks = e.Chunks[:1] }),
		"a chunk too many":     change(p, func(e *message.Entry) { e.Chunks = append(e.Chunks, e.Chunks[0]) }),
		"chunks exchanged":     change(p, func(e *message.Entry) { e.Chunks[0], e.Chunks[1] = e.Chunks[1], e.Chunks[0] }),
		"a byte more":          change(p, func(e *message.Entry) { e.Size++ }),
		"a byte less":          change(p, func(e *message.Entry) { e.Size-- }),
		"above the bound":      change(p, func(e *message.Entry) { e.Size = message.MaxBody + 1 }),
	} {
		if _, body, err := entry.Open(t.Context(), weakness.View{}, raw, chunks); !errors.Is(err, entry.ErrForm) || body != nil {
			t.Errorf("%s: %d bytes, %v", name, len(body), err)
		}
	}
	short := change(p, func(e *message.Entry) {
		c := []byte(strings.Repeat("x", message.MaxInline))
		chunks[board.ChunkDigest(c)] = c
		e.Chunks, e.Size = []message.Digest{message.Digest(board.ChunkDigest(c))}, message.MaxInline
	})
	if _, body, err := entry.Open(t.Context(), weakness.View{}, short, chunks); !errors.Is(err, entry.ErrForm) || body != nil {
		t.Errorf("a chunk for what fits inline: %d bytes, %v", len(body), err)
	}
	// A chunk that the board does not have is no fault of the form.
	if _, body, err := entry.Open(t.Context(), weakness.View{}, p.Raw, store{}); !errors.Is(err, board.ErrNoChunk) || errors.Is(err, entry.ErrForm) || body != nil {
		t.Errorf("without its chunks: %d bytes, %v", len(body), err)
	}
	chunk := board.Hash(board.ChunkDigest(p.Chunks[1]))
	chunks[chunk] = []byte("other")
	if _, body, err := entry.Open(t.Context(), weakness.View{}, p.Raw, chunks); !errors.Is(err, entry.ErrForm) || body != nil {
		t.Errorf("another chunk: %d bytes, %v", len(body), err)
	}
}
