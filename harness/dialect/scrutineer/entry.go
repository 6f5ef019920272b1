package scrutineer

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Errors about entries (V-05, V-07).
var (
	ErrEntry     = errors.New("V-05: malformed entry")
	ErrSignature = errors.New("V-07: signature of an entry does not hold")
)

// Parcel is an entry to post with the chunks that lie beside it.
type Parcel struct {
	Entry  []byte
	Chunks [][]byte
}

// Signer signs entries as one role.
type Signer struct {
	Role message.Role
	ID   string // empty for a role that is there once
	Key  ed25519.PrivateKey
}

// Entry is the signed entry of a body in a context.
func (s Signer) Entry(t message.Type, context message.Digest, body any) (Parcel, error) {
	canonical, err := codec.Encode(body)
	if err != nil {
		return Parcel{}, fmt.Errorf("encoding a body of type %s: %w", t, err)
	}
	e := message.Entry{Context: context, ID: s.ID, Role: s.Role, Type: t, Version: message.Version}
	digest := transcript.EntrySignature(e, transcript.BodyDigest(canonical))
	e.Signature = message.Signature(ed25519.Sign(s.Key, digest[:]))
	return pack(e, canonical)
}

// Unsigned is an entry that no role signs: a cast or a challenge.
func Unsigned(t message.Type, context message.Digest, body any) (Parcel, error) {
	canonical, err := codec.Encode(body)
	if err != nil {
		return Parcel{}, fmt.Errorf("encoding a body of type %s: %w", t, err)
	}
	return pack(message.Entry{Context: context, Type: t, Version: message.Version}, canonical)
}

// pack puts a body inline or beside its entry (SPEC.md §3).
func pack(e message.Entry, body []byte) (Parcel, error) {
	var p Parcel
	if len(body) <= message.MaxInline {
		e.Body = body
	} else {
		if len(body) > message.MaxBody {
			return Parcel{}, fmt.Errorf("%w: body of %d bytes", ErrEntry, len(body))
		}
		e.Size = uint64(len(body))
		for rest := body; len(rest) > 0; {
			n := min(len(rest), message.ChunkSize)
			e.Chunks = append(e.Chunks, sha256.Sum256(rest[:n]))
			p.Chunks = append(p.Chunks, rest[:n:n])
			rest = rest[n:]
		}
	}
	var err error
	if p.Entry, err = codec.Encode(e); err != nil {
		return Parcel{}, fmt.Errorf("encoding an entry: %w", err)
	}
	if len(p.Entry) > message.MaxEntry {
		return Parcel{}, fmt.Errorf("%w: %d bytes", ErrEntry, len(p.Entry))
	}
	return p, nil
}

// Fetch finds a chunk by its digest.
type Fetch func(message.Digest) ([]byte, error)

// Fetcher finds the chunks of parcels.
func Fetcher(parcels ...Parcel) Fetch {
	chunks := make(map[message.Digest][]byte)
	for _, p := range parcels {
		for _, c := range p.Chunks {
			chunks[sha256.Sum256(c)] = c
		}
	}
	return func(d message.Digest) ([]byte, error) {
		if c, ok := chunks[d]; ok {
			return c, nil
		}
		return nil, fmt.Errorf("%w: chunk %s is missing", ErrEntry, d)
	}
}

// OpenEntry is V-05: it parses an entry and collects its body. Fetch may be
// nil where no entry has chunks.
func OpenEntry(data []byte, fetch Fetch) (message.Entry, []byte, error) {
	if len(data) > message.MaxEntry {
		return message.Entry{}, nil, fmt.Errorf("%w: %d bytes", ErrEntry, len(data))
	}
	e, err := message.DecodeEntry(data)
	if err != nil {
		return message.Entry{}, nil, fmt.Errorf("%w: %w", ErrEntry, err)
	}
	if e.Version != message.Version {
		return e, nil, fmt.Errorf("%w: version %d", ErrEntry, e.Version)
	}
	if len(e.Chunks) == 0 {
		if len(e.Body) == 0 || len(e.Body) > message.MaxInline || e.Size != 0 {
			return e, nil, fmt.Errorf("%w: body of %d bytes, size %d", ErrEntry, len(e.Body), e.Size)
		}
		return e, e.Body, nil
	}
	body, err := collect(e, fetch)
	return e, body, err
}

// collect puts the chunks of an entry together.
func collect(e message.Entry, fetch Fetch) ([]byte, error) {
	want := (e.Size + message.ChunkSize - 1) / message.ChunkSize
	if len(e.Body) != 0 || e.Size <= message.MaxInline || e.Size > message.MaxBody || uint64(len(e.Chunks)) != want || fetch == nil {
		return nil, fmt.Errorf("%w: %d chunks for %d bytes", ErrEntry, len(e.Chunks), e.Size)
	}
	body := make([]byte, 0, e.Size)
	for _, d := range e.Chunks {
		c, err := fetch(d)
		if err != nil {
			return nil, err
		}
		if size := min(uint64(message.ChunkSize), e.Size-uint64(len(body))); uint64(len(c)) != size || sha256.Sum256(c) != d {
			return nil, fmt.Errorf("%w: chunk %s is not what it should be", ErrEntry, d)
		}
		body = append(body, c...)
	}
	return body, nil
}

// Signed is V-07 but for the context: the entry is signed by the key that the
// manifest has for its role and id.
func Signed(m *message.Manifest, e message.Entry, body []byte) error {
	key, ok := roleKey(m, e.Role, e.ID)
	if !ok {
		return fmt.Errorf("%w: no %s %q", ErrSignature, e.Role, e.ID)
	}
	digest := transcript.EntrySignature(e, transcript.BodyDigest(body))
	if !ed25519.Verify(key[:], digest[:], e.Signature[:]) {
		return fmt.Errorf("%w: by %s %q", ErrSignature, e.Role, e.ID)
	}
	return nil
}

// roleKey is the key of a role that may sign entries.
func roleKey(m *message.Manifest, r message.Role, id string) (message.Key, bool) {
	switch r {
	case message.RoleAuthority:
		return m.Authority, id == ""
	case message.RoleRegistrar:
		return m.Registrar, id == ""
	case message.RoleIdentity:
		return m.Identity, id == "" && m.Identity != message.Key{}
	case message.RoleTrustee:
		for _, t := range m.Trustees {
			if t.ID == id {
				return t.Signing, true
			}
		}
	case message.RoleCountCentre:
		return m.CountCentre, id == "" && len(m.Places) > 0
	case message.RoleDevice:
		for _, d := range m.Devices {
			if d.ID == id {
				return d.Key, true
			}
		}
	}
	return message.Key{}, false
}
