// Package head reads and checks checkpoints for the verifier: C2SP signed
// notes with the board's Ed25519 signature and cosignature/v1 of witnesses,
// in the one spelling that SPEC.md §3 allows. Note readers usually drop the
// lines they do not understand; here each line has to hold.
package head

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Keys are the keys that a manifest names for checkpoints.
type Keys struct {
	Origin    string // the board's name, and its first line
	Board     [32]byte
	Witnesses []Witness
	Quorum    uint64 // cosignatures that a checkpoint needs at least
}

// Witness is a key that may cosign.
type Witness struct {
	ID  string
	Key [32]byte
}

// Head is what a checkpoint says, without regard to its signatures.
type Head struct {
	Origin string
	Size   uint64
	Root   [32]byte

	text  []byte // the signed part, with its last newline
	lines []line
}

// line is one signature line.
type line struct {
	name  string
	keyID [4]byte
	sig   []byte
}

// MaxLines bounds the signature lines: the board and 64 witnesses.
const MaxLines = 65

// The signature types of C2SP signed notes that occur.
const (
	typeEd25519     = 1
	typeCosignature = 4
)

// maxNumber bounds sizes and times (SPEC.md §3).
const maxNumber = 1 << 40

// ErrForm is a checkpoint that is not in the one allowed form.
var ErrForm = errors.New("malformed checkpoint")

// Parse reads a checkpoint. It accepts only the bytes that writing what was
// read gives again.
func Parse(data []byte) (*Head, error) {
	text, signatures, found := bytes.Cut(data, []byte("\n\n"))
	if !found {
		return nil, fmt.Errorf("%w: no empty line before the signatures", ErrForm)
	}
	h := &Head{text: data[:len(text)+1]}
	lines := strings.Split(string(text), "\n")
	if len(lines) != 3 {
		return nil, fmt.Errorf("%w: %d lines of text, not 3", ErrForm, len(lines))
	}
	h.Origin = lines[0]
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size > maxNumber {
		return nil, fmt.Errorf("%w: size", ErrForm)
	}
	h.Size = size
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(h.Root) {
		return nil, fmt.Errorf("%w: root", ErrForm)
	}
	h.Root = [32]byte(root)
	if h.lines, err = parseLines(string(signatures)); err != nil {
		return nil, err
	}
	if !bytes.Equal(h.encode(), data) {
		return nil, fmt.Errorf("%w: written again it is other bytes", ErrForm)
	}
	return h, nil
}

func parseLines(signatures string) (out []line, err error) {
	if !strings.HasSuffix(signatures, "\n") {
		return nil, fmt.Errorf("%w: last line has no end", ErrForm)
	}
	for text := range strings.SplitSeq(strings.TrimSuffix(signatures, "\n"), "\n") {
		if len(out) == MaxLines {
			return nil, fmt.Errorf("%w: more than %d signatures", ErrForm, MaxLines)
		}
		fields := strings.Split(text, " ")
		if len(fields) != 3 || fields[0] != "—" || fields[1] == "" {
			return nil, fmt.Errorf("%w: signature line %d", ErrForm, len(out)+1)
		}
		sig, err := base64.StdEncoding.Strict().DecodeString(fields[2])
		if err != nil || len(sig) < 5 {
			return nil, fmt.Errorf("%w: signature line %d", ErrForm, len(out)+1)
		}
		out = append(out, line{name: fields[1], keyID: [4]byte(sig), sig: sig[4:]})
	}
	return out, nil
}

func (h *Head) encode() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n%d\n%s\n\n", h.Origin, h.Size, base64.StdEncoding.EncodeToString(h.Root[:]))
	for _, l := range h.lines {
		fmt.Fprintf(&b, "— %s %s\n", l.name, base64.StdEncoding.EncodeToString(append(slices.Clone(l.keyID[:]), l.sig...)))
	}
	return b.Bytes()
}

// KeyID is the hint that a line begins with: the start of SHA-256(name ||
// newline || type || key).
func KeyID(name string, kind byte, key [32]byte) [4]byte {
	text := append([]byte(name), '\n', kind)
	sum := sha256.Sum256(append(text, key[:]...))
	return [4]byte(sum[:])
}

// CosignedText is what a witness signs at a time, in Unix seconds.
func CosignedText(text []byte, time uint64) []byte {
	return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", time, text)
}

// Problem is one thing that is wrong with a checkpoint.
type Problem struct {
	Detail string
	// Board is true where the board's own signature or lack of it is at
	// fault, Witness names the witness whose line is.
	Board   bool
	Witness string
}

// Check holds the signatures against the keys. It returns the times of the
// valid cosignatures, ascending, and every problem.
func (h *Head) Check(keys Keys) (times []uint64, problems []Problem) {
	report := func(p Problem) { problems = append(problems, p) }
	if h.Origin != keys.Origin {
		report(Problem{Detail: fmt.Sprintf("origin is %q, the manifest says %q", clip(h.Origin), keys.Origin)})
	}
	seen := map[string]bool{}
	signed := false // by the board
	for i, l := range h.lines {
		w, kind := h.signer(l, keys)
		name := strconv.Itoa(int(kind)) + w.ID
		switch {
		case kind == 0:
			report(Problem{Detail: fmt.Sprintf("signature line %d, of %q, is by no key of the manifest", i+1, clip(l.name))})
			continue
		case seen[name]:
			report(Problem{Detail: fmt.Sprintf("signature line %d repeats %s", i+1, clip(l.name))})
			continue
		}
		seen[name] = true
		if kind == typeEd25519 {
			signed = true
			if i > 0 {
				report(Problem{Detail: "the board's signature line is not the first", Board: true})
			}
			if !ed25519.Verify(keys.Board[:], h.text, l.sig) {
				report(Problem{Detail: "the board's signature does not verify", Board: true})
			}
			continue
		}
		if time, ok := h.cosigned(l, w); ok {
			times = append(times, time)
		} else {
			report(Problem{Detail: fmt.Sprintf("the cosignature of witness %s does not verify", w.ID), Witness: w.ID})
		}
	}
	if !signed {
		report(Problem{Detail: "no signature of the board"})
	}
	if uint64(len(times)) < keys.Quorum {
		report(Problem{Detail: fmt.Sprintf("%d valid cosignatures, %d are needed", len(times), keys.Quorum)})
	}
	slices.Sort(times)
	return times, problems
}

// signer finds whose line it is, by name and key id; kind is 0 for nobody's.
func (h *Head) signer(l line, keys Keys) (w Witness, kind byte) {
	if l.name == keys.Origin && l.keyID == KeyID(keys.Origin, typeEd25519, keys.Board) {
		return Witness{}, typeEd25519
	}
	for _, w := range keys.Witnesses {
		if l.name == w.ID && l.keyID == KeyID(w.ID, typeCosignature, w.Key) {
			return w, typeCosignature
		}
	}
	return Witness{}, 0
}

// cosigned checks a cosignature/v1: 8 bytes of time, big endian, and an
// Ed25519 signature.
func (h *Head) cosigned(l line, w Witness) (time uint64, ok bool) {
	if len(l.sig) != 8+ed25519.SignatureSize {
		return 0, false
	}
	time = binary.BigEndian.Uint64(l.sig)
	return time, time > 0 && time < maxNumber && ed25519.Verify(w.Key[:], CosignedText(h.text, time), l.sig[8:])
}

// Median is the median of ascending times, of an even number the lower of the
// two in the middle; 0 of none.
func Median(times []uint64) uint64 {
	if len(times) == 0 {
		return 0
	}
	return times[(len(times)-1)/2]
}

func clip(s string) string {
	if len(s) > 64 {
		return s[:64] + "…"
	}
	return s
}
