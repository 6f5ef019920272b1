package board

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the head of a log: the first three lines of a C2SP
// tlog-checkpoint. Lines of extension, which the format allows, are not used
// here and are refused.
type Checkpoint struct {
	Origin string // names the log; also the name of the board's key
	Size   uint64 // number of entries
	Root   Hash   // RFC 6962 root over them
}

// Text is the signed part of the note: origin, size in decimal and root in
// base64, a line each.
func (c Checkpoint) Text() string {
	return c.Origin + "\n" +
		strconv.FormatUint(c.Size, 10) + "\n" +
		base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// ParseText is the inverse of Text. It accepts exactly what Text writes.
func ParseText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, fmt.Errorf("%w: want three lines of text", ErrCheckpoint)
	}
	c := Checkpoint{Origin: lines[0]}
	if !ValidName(c.Origin) {
		return Checkpoint{}, fmt.Errorf("%w: malformed origin", ErrCheckpoint)
	}
	var err error
	if c.Size, err = strconv.ParseUint(lines[1], 10, 64); err != nil || c.Size > MaxSize {
		return Checkpoint{}, fmt.Errorf("%w: malformed size", ErrCheckpoint)
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != len(c.Root) {
		return Checkpoint{}, fmt.Errorf("%w: malformed root", ErrCheckpoint)
	}
	copy(c.Root[:], root)
	// ParseUint takes leading zeros and a plus sign, base64 takes stray bits
	// in the last character: one form only.
	if c.Text() != text {
		return Checkpoint{}, fmt.Errorf("%w: not in canonical form", ErrCheckpoint)
	}
	if c.Size == 0 && c.Root != EmptyRoot() {
		return Checkpoint{}, fmt.Errorf("%w: size 0 with a root that is not the empty tree's", ErrCheckpoint)
	}
	return c, nil
}

// Sign returns the checkpoint as a note signed by the board alone. The origin
// must be the signer's name.
func (c Checkpoint) Sign(signer note.Signer) ([]byte, error) {
	if c.Origin != signer.Name() {
		return nil, fmt.Errorf("%w: origin %q signed as %q", ErrCheckpoint, c.Origin, signer.Name())
	}
	raw, err := note.Sign(&note.Note{Text: c.Text()}, signer)
	if err != nil {
		return nil, fmt.Errorf("signing checkpoint of size %d: %w", c.Size, err)
	}
	return raw, nil
}

// OpenPending parses a checkpoint that carries the board's signature and no
// other line, and re-encodes to the same bytes.
func OpenPending(raw []byte, key note.Verifier) (Checkpoint, error) {
	n, err := OpenNote(raw, key)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := ParseText(n.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != key.Name() {
		return Checkpoint{}, fmt.Errorf("%w: origin %q under the key of %q", ErrCheckpoint, c.Origin, key.Name())
	}
	return c, nil
}

// maxNote bounds the bytes of a note that is parsed at all: 65 signature lines
// of names as long as manifests allow fit many times.
const maxNote = 64 * 1024

// OpenNote opens a signed note strictly: every signature line is by one of keys,
// valid and the only one by its key, and the note re-encodes to the same bytes.
// note.Open alone drops lines that it does not know and repeated ones silently.
// The signatures are in the order of the lines.
func OpenNote(raw []byte, keys ...note.Verifier) (*note.Note, error) {
	if len(raw) > maxNote {
		return nil, fmt.Errorf("%w: %d bytes of note", ErrCheckpoint, len(raw))
	}
	n, err := note.Open(raw, note.VerifierList(keys...))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCheckpoint, err)
	}
	if len(n.UnverifiedSigs) > 0 {
		s := n.UnverifiedSigs[0]
		return nil, fmt.Errorf("%w: signature by a key that is not known: %s+%08x", ErrCheckpoint, s.Name, s.Hash)
	}
	if encodeNote(n) != string(raw) {
		return nil, fmt.Errorf("%w: does not re-encode to the same bytes", ErrCheckpoint)
	}
	return n, nil
}

// encodeNote writes a note with its signatures re-encoded from their bytes.
func encodeNote(n *note.Note) string {
	var b strings.Builder
	b.WriteString(n.Text)
	b.WriteByte('\n')
	for _, s := range n.Sigs {
		// The decoder takes line ends and stray bits within base64, so the
		// bytes are decoded and encoded again.
		sig, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil {
			return ""
		}
		b.WriteString("— " + s.Name + " " + base64.StdEncoding.EncodeToString(sig) + "\n")
	}
	return b.String()
}

// PeekCheckpoint parses the text of a signed checkpoint without checking any
// signature. It is for those who hold the log themselves, or who need the size
// before they check; nobody may trust its result.
func PeekCheckpoint(raw []byte) (Checkpoint, error) {
	text, _, ok := strings.Cut(string(raw), "\n\n")
	if !ok || len(raw) > maxNote {
		return Checkpoint{}, fmt.Errorf("%w: no signed note", ErrCheckpoint)
	}
	return ParseText(text + "\n")
}

// ValidName reports whether name can name a key or an origin: not empty, valid
// UTF-8, without spaces, control characters and plus signs (C2SP signed-note).
func ValidName(name string) bool {
	if name == "" || !utf8.ValidString(name) {
		return false
	}
	return strings.IndexFunc(name, func(r rune) bool {
		return r == '+' || unicode.IsSpace(r) || unicode.IsControl(r)
	}) < 0
}
