package election

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"strconv"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/vectors/internal/prover"
)

// Checkpoint is a head before it is signed, with the times at which witnesses
// will cosign it.
type Checkpoint struct {
	Origin    string
	Size      uint64
	Root      message.Digest
	Witnesses []Cosignature
}

// Cosignature is by a witness at a time in Unix seconds.
type Cosignature struct {
	ID string
	At uint64
}

// Signature types of C2SP signed-note and tlog-cosignature.
const (
	NoteEd25519     = 0x01
	NoteCosignature = 0x04
)

// Text is what the board signs.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" + base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// KeyID names a key in a signature line: the first four bytes of
// SHA-256(name || 0x0A || type || key).
func KeyID(name string, kind byte, key message.Key) []byte {
	sum := sha256.Sum256(append(append([]byte(name), '\n', kind), key[:]...))
	return sum[:4]
}

// Line is one signature line of a note.
func Line(name string, id []byte, parts ...[]byte) string {
	blob := append([]byte(nil), id...)
	for _, p := range parts {
		blob = append(blob, p...)
	}
	return "— " + name + " " + base64.StdEncoding.EncodeToString(blob) + "\n"
}

// BoardLine is the board's own signature line, by the key of any origin.
func BoardLine(text, name string, key ed25519.PrivateKey) string {
	return Line(name, KeyID(name, NoteEd25519, prover.Public(key)), ed25519.Sign(key, []byte(text)))
}

// WitnessLine is a cosignature/v1.
func WitnessLine(text, name string, at uint64, key ed25519.PrivateKey) string {
	signed := "cosignature/v1\ntime " + strconv.FormatUint(at, 10) + "\n" + text
	return Line(name, KeyID(name, NoteCosignature, prover.Public(key)),
		binary.BigEndian.AppendUint64(nil, at), ed25519.Sign(key, []byte(signed)))
}

// Note is the signed and cosigned checkpoint.
func (c Checkpoint) Note() []byte {
	out := c.Text() + "\n" + BoardLine(c.Text(), c.Origin, Signing(message.RoleBoard, Origin))
	for _, w := range c.Witnesses {
		out += WitnessLine(c.Text(), w.ID, w.At, Signing(message.RoleWitness, w.ID))
	}
	return []byte(out)
}

// Head is the honest checkpoint of the first size entries, cosigned by two
// witnesses about a time.
func (e *Election) Head(size int, at uint64) Checkpoint {
	return Checkpoint{
		Origin: Origin, Size: uint64(size), Root: RootOf(e.Entries[:size]),
		Witnesses: []Cosignature{{"witness-1", at}, {"witness-2", at + 2}},
	}
}

func (e *Election) note(moment record.Moment, size int, at uint64) []byte {
	head := e.Head(size, at)
	if e.Script.Head != nil {
		e.Script.Head(string(moment), &head)
	}
	note := head.Note()
	if e.Script.Note != nil {
		note = e.Script.Note(string(moment), note)
	}
	return note
}

// Record is the export of the board (SPEC.md §5).
func (e *Election) Record() record.Memory {
	heads := map[record.Moment][]byte{}
	if !e.aborted() {
		last := e.Manifest.Channels[len(e.Manifest.Channels)-1].ID
		heads[record.Opened] = e.note(record.Opened, e.Step("open")+1, Opens+10)
		heads[record.Closed] = e.note(record.Closed, e.Step("close-channel/"+last)+1, Closes+5)
		heads[record.Sealed] = e.note(record.Sealed, e.Step("seal")+1, Closes+20)
	}
	heads[record.Final] = e.note(record.Final, len(e.Entries), Closes+40)
	files, _, err := record.Export{Entries: record.Slice(e.Entries), Checkpoints: heads}.Memory()
	if err != nil {
		panic("election: export: " + err.Error())
	}
	if e.Files != nil {
		e.Files(files)
	}
	return files
}
