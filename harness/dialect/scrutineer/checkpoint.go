package scrutineer

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"scrutineer/protocols/message"
)

// ErrCheckpoint is wrapped by every fault of a checkpoint (V-02).
var ErrCheckpoint = errors.New("V-02: checkpoint not accepted")

// Checkpoint is a head of the board (C2SP tlog-checkpoint). Times are those of
// its cosignatures by witness, in Unix seconds.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   message.Digest
	Times  map[string]uint64
}

// Signature types of C2SP signed-note and tlog-cosignature.
const (
	noteEd25519       = 0x01
	noteCosignatureV1 = 0x04
)

// maxNumber bounds sizes and times (SPEC.md §3).
const maxNumber = 1 << 40

// maxCheckpoint bounds the bytes of a checkpoint: 65 lines fit many times.
const maxCheckpoint = 64 << 10

func checkpointFault(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrCheckpoint, fmt.Sprintf(format, args...))
}

func (c Checkpoint) text() string {
	return c.Origin + "\n" + strconv.FormatUint(c.Size, 10) + "\n" +
		base64.StdEncoding.EncodeToString(c.Root[:]) + "\n"
}

// keyID names a key in a signature line (C2SP signed-note).
func keyID(name string, kind byte, key message.Key) []byte {
	h := sha256.New()
	h.Write([]byte(name))
	h.Write([]byte{'\n', kind})
	h.Write(key[:])
	return h.Sum(nil)[:4]
}

func signatureLine(name string, id []byte, parts ...[]byte) string {
	blob := append([]byte(nil), id...)
	for _, p := range parts {
		blob = append(blob, p...)
	}
	return "— " + name + " " + base64.StdEncoding.EncodeToString(blob) + "\n"
}

// SignCheckpoint is the head as the board offers it to witnesses.
func SignCheckpoint(c Checkpoint, board ed25519.PrivateKey) []byte {
	text := c.text()
	id := keyID(c.Origin, noteEd25519, PublicKey(board))
	return []byte(text + "\n" + signatureLine(c.Origin, id, ed25519.Sign(board, []byte(text))))
}

// Cosign appends a witness's line to a checkpoint: cosignature/v1 at a time in
// Unix seconds. It checks nothing: a witness looks at consistency first.
func (w WitnessKeys) Cosign(checkpoint []byte, at uint64) ([]byte, error) {
	text, _, ok := strings.Cut(string(checkpoint), "\n\n")
	if !ok {
		return nil, checkpointFault("no note")
	}
	stamp := binary.BigEndian.AppendUint64(nil, at)
	signature := ed25519.Sign(w.Signing, cosigned(at, text+"\n"))
	line := signatureLine(w.ID, keyID(w.ID, noteCosignatureV1, PublicKey(w.Signing)), stamp, signature)
	return append(append([]byte(nil), checkpoint...), line...), nil
}

func cosigned(at uint64, text string) []byte {
	return []byte("cosignature/v1\ntime " + strconv.FormatUint(at, 10) + "\n" + text)
}

// OpenCheckpoint is V-02: form, origin, the board's signature, at least the
// quorum of witnesses, no line by another key, none twice or invalid.
func OpenCheckpoint(m *message.Manifest, note []byte) (Checkpoint, error) {
	if len(note) > maxCheckpoint {
		return Checkpoint{}, checkpointFault("%d bytes", len(note))
	}
	text, signatures, ok := strings.Cut(string(note), "\n\n")
	if !ok {
		return Checkpoint{}, checkpointFault("no note")
	}
	text += "\n"
	c, err := parseCheckpointText(text)
	if err != nil {
		return Checkpoint{}, err
	}
	if c.Origin != m.Board.Origin {
		return Checkpoint{}, checkpointFault("origin %q", c.Origin)
	}
	if !strings.HasSuffix(signatures, "\n") {
		return Checkpoint{}, checkpointFault("no signature")
	}
	board := false
	for line := range strings.Lines(signatures) {
		by, at, err := verifyLine(m, text, line)
		switch {
		case err != nil:
			return Checkpoint{}, err
		case by == "" && board, by != "" && c.Times[by] != 0:
			return Checkpoint{}, checkpointFault("a key signs twice")
		case by != "" && !board:
			return Checkpoint{}, checkpointFault("the board's line is not the first")
		case by == "":
			board = true
		default:
			c.Times[by] = at
		}
	}
	if !board || uint64(len(c.Times)) < m.Quorum {
		return Checkpoint{}, checkpointFault("board's signature: %t, %d of %d witnesses", board, len(c.Times), m.Quorum)
	}
	return c, nil
}

func parseCheckpointText(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 {
		return Checkpoint{}, checkpointFault("%d lines", len(lines)-1)
	}
	c := Checkpoint{Origin: lines[0], Times: make(map[string]uint64)}
	var err error
	if c.Size, err = strconv.ParseUint(lines[1], 10, 53); err != nil || c.Size > maxNumber {
		return Checkpoint{}, checkpointFault("size %q", lines[1])
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != 32 {
		return Checkpoint{}, checkpointFault("root %q", lines[2])
	}
	c.Root = message.Digest(root)
	if c.text() != text { // leading zeros, stray bits of base64
		return Checkpoint{}, checkpointFault("text not canonical")
	}
	return c, nil
}

// verifyLine checks one signature line. It returns the witness and its time,
// or the empty string for the board's own.
func verifyLine(m *message.Manifest, text, line string) (by string, at uint64, err error) {
	name, encoded, ok := strings.Cut(strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "— "), " ")
	blob, bad := base64.StdEncoding.DecodeString(encoded)
	if !ok || bad != nil || len(blob) < 4 || signatureLine(name, blob) != line {
		return "", 0, checkpointFault("signature line %q", line)
	}
	id, rest := string(blob[:4]), blob[4:]
	if name == m.Board.Origin && id == string(keyID(name, noteEd25519, m.Board.Key)) {
		if len(rest) != ed25519.SignatureSize || !ed25519.Verify(m.Board.Key[:], []byte(text), rest) {
			return "", 0, checkpointFault("the board's signature does not hold")
		}
		return "", 0, nil
	}
	for _, w := range m.Witnesses {
		if w.ID != name || id != string(keyID(name, noteCosignatureV1, w.Key)) {
			continue
		}
		if len(rest) != 8+ed25519.SignatureSize {
			return "", 0, checkpointFault("cosignature of %q has %d bytes", name, len(rest))
		}
		at := binary.BigEndian.Uint64(rest)
		if at == 0 || at >= maxNumber || !ed25519.Verify(w.Key[:], cosigned(at, text), rest[8:]) {
			return "", 0, checkpointFault("the cosignature of %q does not hold", name)
		}
		return name, at, nil
	}
	return "", 0, checkpointFault("signature by a key that is not known: %q", name)
}
