package verify

import (
	"crypto/sha256"
	"sync"

	"scrutineer/harness/verify/canonical"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// item is one entry on its way through the checks.
type item struct {
	raw   raw
	known bool // the header could be read
	entry message.Entry
	body  any    // pointer to the message type; nil where the form is wrong
	bytes []byte // canonical bytes of the body
	hb    [32]byte

	cast      *checkedCast
	challenge *checkedChallenge
	share     *checkedShare
	device    *checkedDevice
}

// kind is what SPEC.md §3 says of a type of entry.
type kind struct {
	role   message.Role // who signs; empty for nobody
	decode func([]byte) (any, error)
}

func decoder[T any]() func([]byte) (any, error) {
	return func(data []byte) (any, error) {
		v, err := codec.Decode[T](data, codec.Limits{Size: message.MaxBody})
		return &v, err
	}
}

// kinds is the table of SPEC.md §3.
func kinds() map[message.Type]kind {
	return map[message.Type]kind{
		message.TypeManifest:        {message.RoleAuthority, decoder[message.ManifestBody]()},
		message.TypeDKGCommit:       {message.RoleTrustee, decoder[message.DKGCommit]()},
		message.TypeDKGReveal:       {message.RoleTrustee, decoder[message.DKGReveal]()},
		message.TypeDKGShares:       {message.RoleTrustee, decoder[message.DKGShares]()},
		message.TypeDKGComplaint:    {message.RoleTrustee, decoder[message.DKGComplaint]()},
		message.TypeAbort:           {message.RoleAuthority, decoder[message.Abort]()},
		message.TypeCredentials:     {message.RoleRegistrar, decoder[message.Credentials]()},
		message.TypeElectorate:      {message.RoleRegistrar, decoder[message.Electorate]()},
		message.TypeConfirm:         {message.RoleTrustee, decoder[message.Confirm]()},
		message.TypeOpen:            {message.RoleAuthority, decoder[message.Open]()},
		message.TypeCast:            {"", decoder[message.Cast]()},
		message.TypeChallenge:       {"", decoder[message.Challenge]()},
		message.TypeCloseChannel:    {message.RoleAuthority, decoder[message.CloseChannel]()},
		message.TypeParticipation:   {message.RoleRegistrar, decodeParticipation},
		message.TypeIdentityList:    {message.RoleIdentity, decoder[message.IdentityList]()},
		message.TypeMinutes:         {message.RoleCountCentre, decoder[message.Minutes]()},
		message.TypeImport:          {message.RoleCountCentre, decoder[message.Import]()},
		message.TypeDeviceBallot:    {message.RoleDevice, decoder[message.DeviceBallot]()},
		message.TypeVoid:            {message.RoleCountCentre, decoder[message.Void]()},
		message.TypeNoPack:          {message.RoleCountCentre, decoder[message.NoPack]()},
		message.TypeRevokeDevice:    {message.RoleCountCentre, decoder[message.RevokeDevice]()},
		message.TypeSeal:            {message.RoleAuthority, decoder[message.Seal]()},
		message.TypeAggregate:       {message.RoleAuthority, decoder[message.Aggregate]()},
		message.TypeDecryptionShare: {message.RoleTrustee, decoder[message.DecryptionShare]()},
		message.TypeResult:          {message.RoleAuthority, decoder[message.Result]()},
	}
}

// opener reads entries and their bodies (V-05). It is safe for concurrent
// use.
type opener struct {
	src   record.Source // of chunks; nil where bodies must be inline
	kinds map[message.Type]kind

	mu     sync.Mutex
	chunks map[message.Digest]struct{} // named by entries so far
}

// name notes which chunks belong to the record.
func (o *opener) name(chunks []message.Digest) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range chunks {
		o.chunks[d] = struct{}{}
	}
}

// named are the chunks that belong to the record.
func (o *opener) named() map[message.Digest]struct{} { return o.chunks }

func newOpener(src record.Source) *opener {
	return &opener{src: src, kinds: kinds(), chunks: map[message.Digest]struct{}{}}
}

// open reads one entry. An error is ours; faults of the entry are findings.
func (o *opener) open(r raw, t *tally) (*item, error) {
	it := &item{raw: r}
	t.expect(Entries, 1)
	fail := func(format string, args ...any) {
		t.add(r.place(found(Entries, format, args...)).blame(authority, board))
	}
	if err := canonical.Check(r.data); err != nil {
		fail("entry %d: %v", r.index, err)
		return it, nil
	}
	entry, err := message.DecodeEntry(r.data)
	if err != nil {
		fail("entry %d: %v", r.index, err)
		return it, nil
	}
	it.entry, it.known = entry, true
	k, ok := o.kinds[entry.Type]
	switch {
	case !ok:
		fail("entry %d: unknown type %q", r.index, clip(string(entry.Type)))
		it.known = false
		return it, nil
	case entry.Version != message.Version:
		fail("entry %d: version %d of %s", r.index, entry.Version, entry.Type)
		return it, nil
	case k.role == "" && (entry.Role != "" || entry.ID != "" || entry.Signature != message.Signature{}):
		fail("entry %d: a %s has no role, id or signature", r.index, entry.Type)
		return it, nil
	}
	body, err := o.bodyOf(it, t, fail)
	if err != nil || body == nil {
		return it, err
	}
	t.see(Entries, 1)
	it.hb = sha256.Sum256(body)
	v, err := k.decode(body)
	if err != nil {
		fail("entry %d: body of %s: %v", r.index, entry.Type, err)
		return it, nil
	}
	it.body, it.bytes = v, body
	return it, nil
}

// bodyOf is the body of an entry, inline or from its chunks; nil with a
// finding where it is not as SPEC.md §3 says.
func (o *opener) bodyOf(it *item, t *tally, fail func(string, ...any)) ([]byte, error) {
	e := &it.entry
	if len(e.Chunks) == 0 {
		switch {
		case len(e.Body) == 0 || e.Size != 0:
			fail("entry %d: neither an inline body alone nor chunks with a size", it.raw.index)
			return nil, nil
		case len(e.Body) > message.MaxInline:
			fail("entry %d: inline body of %d bytes", it.raw.index, len(e.Body))
			return nil, nil
		}
		return e.Body, nil
	}
	wanted := (e.Size + message.ChunkSize - 1) / message.ChunkSize
	if len(e.Body) != 0 || e.Size <= message.MaxInline || e.Size > message.MaxBody || uint64(len(e.Chunks)) != wanted {
		fail("entry %d: %d chunks for a body of %d bytes, inline part of %d", it.raw.index, len(e.Chunks), e.Size, len(e.Body))
		return nil, nil
	}
	o.name(e.Chunks)
	body, err := o.join(it, t, fail)
	if body == nil || err != nil {
		return nil, err
	}
	if err := canonical.Check(body); err != nil {
		fail("entry %d: body: %v", it.raw.index, err)
		return nil, nil
	}
	return body, nil
}

// join reads the chunks of a body, whose size has been checked.
func (o *opener) join(it *item, t *tally, fail func(string, ...any)) ([]byte, error) {
	if o.src == nil {
		fail("entry %d: the body lies in chunks that are not at hand", it.raw.index)
		return nil, nil
	}
	body := make([]byte, 0, it.entry.Size)
	for i, d := range it.entry.Chunks {
		path := record.ChunkPath(d)
		data, err := o.src.Read(path, record.MaxChunk)
		if err != nil && !isFault(err) {
			return nil, err
		}
		if err != nil {
			t.add(it.raw.place(found(Files, "%s, chunk %d of entry %d: %s", path, i, it.raw.index, reason(err))).file(path).
				blame(board).unproven())
			return nil, nil
		}
		want := min(int(it.entry.Size)-len(body), message.ChunkSize)
		if sum := sha256.Sum256(data); sum != d {
			f := found(Entries, "chunk %d of entry %d is other bytes", i, it.raw.index).sides("name of chunk = SHA-256 of chunk", d, sum)
			it.raw.place(f).file(path)
			f.Evidence.Offset = nil
			t.add(f)
			return nil, nil
		}
		if len(data) != want {
			fail("entry %d: chunk %d has %d bytes, not %d", it.raw.index, i, len(data), want)
			return nil, nil
		}
		body = append(body, data...)
	}
	return body, nil
}
