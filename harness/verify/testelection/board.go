package testelection

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/head"
	"scrutineer/harness/verify/merkle"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// Hooks let a test be the dishonest server. Each may be nil.
type Hooks struct {
	// Edit changes an entry and its body (a pointer to the message type)
	// before it is signed and appended. Later steps go by what it left.
	Edit func(e *message.Entry, body any)
	// Bytes changes an entry's bytes after it was signed; nil leaves it out.
	Bytes func(e *message.Entry, data []byte) []byte
	// Polynomial changes a trustee's polynomial before it is used.
	Polynomial func(i int, a []point.Scalar)
	// Reveal changes a trustee's second message before it is committed to.
	Reveal func(i int, r *message.DKGReveal)
	// Ballot changes a ballot before its tracker is computed.
	Ballot func(voter int, b *message.Ballot)
	// Before runs before an entry of this type is appended.
	Before func(t message.Type)
	// Plain changes what a voter's selection encrypts.
	Plain func(voter, contest, selection int, m uint64) uint64
	// Head changes a checkpoint's time and the number of cosignatures.
	Head func(m record.Moment, h *Checkpoint)
	// Place is for what polling places bring.
	Place PlaceHooks
	// Share changes a decryption share before its proofs are made.
	Share func(s *message.DecryptionShare)
}

// Checkpoint is a checkpoint about to be signed.
type Checkpoint struct {
	Origin     string
	Size       uint64
	Root       [32]byte
	Times      []uint64 // of the witnesses in order; 0 does not cosign
	Unverified string   // further signature lines
}

// Election is an election that is being played.
type Election struct {
	Config
	Hooks
	Manifest    message.Manifest
	SetupID     [32]byte
	Fingerprint [32]byte
	ElectionKey [32]byte
	Now         uint64 // the witnesses' clock
	Uncounted   []message.Uncounted

	random      *random
	nonces      *random      // of the identity service
	authoriser  point.Scalar // its secret
	entries     [][]byte
	chunks      [][]byte
	tree        merkle.Range
	checkpoints map[record.Moment][]byte
	y           *point.Table
	g           *point.Table
	trustees    []*trustee
	voters      []*voter
	counted     []*castBallot // all valid casts in order
	sealed      [32]byte
	devices     []*Device
	atDevices   []*castBallot
	aggregates  []*message.Aggregate
	shares      []*message.DecryptionShare
}

// New makes an election whose board is empty.
func New(c Config) *Election {
	g := point.Generator()
	return &Election{Config: c, random: newRandom(c.Seed), Now: Opens + 1,
		checkpoints: map[record.Moment][]byte{}, g: point.NewTable(&g)}
}

// Size is the number of entries.
func (e *Election) Size() uint64 { return e.tree.Size() }

// Entries are the entries so far.
func (e *Election) Entries() [][]byte { return e.entries }

// Append signs and appends an entry of a role; role may be empty.
func (e *Election) Append(t message.Type, role message.Role, id string, context [32]byte, body any) {
	if e.Before != nil {
		e.Before(t)
	}
	entry := &message.Entry{Type: t, Version: message.Version, Context: context, Role: role, ID: id}
	if e.Edit != nil {
		e.Edit(entry, body)
	}
	data := must(codec.Encode(body))
	if entry.Role != "" {
		text := challenge.EntrySignature(entry, sha256.Sum256(data))
		entry.Signature = message.Signature(ed25519.Sign(e.Key(string(entry.Role), entry.ID), text[:]))
	}
	if len(data) <= message.MaxInline {
		entry.Body = data
	} else {
		entry.Size = uint64(len(data))
		for rest := data; len(rest) > 0; {
			n := min(len(rest), message.ChunkSize)
			entry.Chunks = append(entry.Chunks, sha256.Sum256(rest[:n]))
			e.chunks = append(e.chunks, rest[:n])
			rest = rest[n:]
		}
	}
	data = must(codec.Encode(entry))
	if e.Bytes != nil {
		if data = e.Bytes(entry, data); data == nil {
			return
		}
	}
	e.AppendBytes(data)
}

// AppendBytes appends any bytes as an entry.
func (e *Election) AppendBytes(data []byte) {
	e.entries = append(e.entries, data)
	e.tree.Append(merkle.Leaf(data))
}

// Checkpoint cosigns the board as it stands.
func (e *Election) Checkpoint(m record.Moment) {
	e.Now++
	h := Checkpoint{Origin: e.Manifest.Board.Origin, Size: e.tree.Size(), Root: e.tree.Root()}
	for i := range e.Manifest.Witnesses {
		h.Times = append(h.Times, e.Now+uint64(i))
	}
	if e.Head != nil {
		e.Head(m, &h)
	}
	e.checkpoints[m] = e.Sign(&h)
}

// Sign makes the note of a checkpoint.
func (e *Election) Sign(h *Checkpoint) []byte {
	text := fmt.Appendf(nil, "%s\n%d\n%s\n", h.Origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
	note := append(text[:len(text):len(text)], '\n')
	line := func(name string, kind byte, key ed25519.PrivateKey, sig []byte) {
		id := head.KeyID(name, kind, public(key))
		note = fmt.Appendf(note, "— %s %s\n", name, base64.StdEncoding.EncodeToString(append(id[:], sig...)))
	}
	key := e.Key("board", e.Manifest.Board.Origin)
	line(e.Manifest.Board.Origin, 1, key, ed25519.Sign(key, text))
	for i, w := range e.Manifest.Witnesses {
		if i >= len(h.Times) || h.Times[i] == 0 {
			continue
		}
		key := e.Key("witness", w.ID)
		sig := binary.BigEndian.AppendUint64(nil, h.Times[i])
		line(w.ID, 4, key, append(sig, ed25519.Sign(key, head.CosignedText(text, h.Times[i]))...))
	}
	return append(note, h.Unverified...)
}

// Record is the export at the present size. The final checkpoint is taken
// where there is none yet.
func (e *Election) Record() record.Memory {
	if e.checkpoints[record.Final] == nil {
		e.Checkpoint(record.Final)
	}
	m, _, err := record.Export{
		Entries: record.Slice(e.entries), Chunks: record.Slice(e.chunks), Checkpoints: e.checkpoints}.Memory()
	if err != nil {
		panic(err)
	}
	return m
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
