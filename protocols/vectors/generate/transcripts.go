package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/prover"
)

// fields is a list of fields in the making.
type fields []vectors.Field

func (f fields) hex(kind string, b []byte) fields {
	return append(slices.Clip(f), vectors.Field{Type: kind, Value: hex.EncodeToString(b)})
}

func (f fields) bytes(b []byte) fields { return f.hex("bytes", b) }
func (f fields) pt(b [32]byte) fields  { return f.hex("point", b[:]) }
func (f fields) sc(b [32]byte) fields  { return f.hex("scalar", b[:]) }
func (f fields) dig(b [32]byte) fields { return f.hex("digest", b[:]) }
func (f fields) str(s string) fields {
	return append(slices.Clip(f), vectors.Field{Type: "string", Value: s})
}

func (f fields) uint(n uint64) fields {
	return append(slices.Clip(f), vectors.Field{Type: "uint", Value: strconv.FormatUint(n, 10)})
}

func (f fields) list(n int) fields {
	return append(slices.Clip(f), vectors.Field{Type: "list", Value: strconv.Itoa(n)})
}

// join is the list of some items' fields, with their count.
func (f fields) join(items ...fields) fields {
	f = f.list(len(items))
	for _, item := range items {
		f = append(f, item...)
	}
	return f
}

// manner is how fields are turned to bytes. The zero manner is SPEC.md's; each
// member makes one of the mistakes that systems have made.
type manner struct {
	noDomain, noLabel, noTypes, noLengths, noCounts bool
	littleLengths, shortLengths, shortUints         bool
	separator                                       string
}

// encode is T(label; fields) of SPEC.md §1, written out once more.
func (m manner) encode(label string, f fields) []byte {
	var out []byte
	if !m.noDomain {
		out = append(out, "SCRUTINEER-1"...)
	}
	if !m.noLabel {
		out = m.field(out, "string", []byte(label))
	}
	for _, x := range f {
		if m.noCounts && x.Type == "list" {
			continue
		}
		out = m.field(out, x.Type, m.payload(x))
	}
	return out
}

func (m manner) field(out []byte, kind string, payload []byte) []byte {
	code := map[string]byte{"bytes": 1, "string": 2, "uint": 3, "point": 4, "scalar": 5, "digest": 6, "list": 7}[kind]
	if !m.noTypes {
		out = append(out, code)
	}
	switch {
	case m.noLengths:
	case m.shortLengths:
		out = binary.BigEndian.AppendUint32(out, uint32(len(payload)))
	case m.littleLengths:
		out = binary.LittleEndian.AppendUint64(out, uint64(len(payload)))
	default:
		out = binary.BigEndian.AppendUint64(out, uint64(len(payload)))
	}
	return append(append(out, payload...), m.separator...)
}

func (m manner) payload(x vectors.Field) []byte {
	switch x.Type {
	case "string":
		return []byte(x.Value)
	case "uint", "list":
		n, err := strconv.ParseUint(x.Value, 10, 64)
		if err != nil {
			panic("generate: " + err.Error())
		}
		if m.shortUints {
			return binary.BigEndian.AppendUint32(nil, uint32(n))
		}
		return binary.BigEndian.AppendUint64(nil, n)
	}
	return fromHex(x.Value)
}

// claim is fields with the digest and challenge that some manner gives.
func claim(label string, f fields, m manner) vectors.TranscriptInput {
	digest := sha256.Sum256(m.encode(label, f))
	return vectors.TranscriptInput{
		Fields: f, Digest: digest, Challenge: prover.Scalar(prover.Challenge(digest)),
	}
}

func transcriptVectors(b *book) {
	s := newSuite[vectors.TranscriptContext, vectors.TranscriptInput](b, "transcripts",
		"Are these D(label; …) and C(label; …) of these fields?",
		"Digest and challenge are D and C of SPEC.md §1 for the label and the fields in this order.",
		"A field's value is text for a string, decimal for a uint and for the count of a list, and hex otherwise.")
	for _, f := range formulas() {
		s.group("of "+f.step, vectors.TranscriptContext{Label: f.label})
		for i, list := range f.fields {
			in := claim(f.label, list, manner{})
			if f.digests[i] != [32]byte(in.Digest) {
				panic("generate: package transcript disagrees about " + f.label)
			}
			s.valid(fmt.Sprintf("%s, %d", f.label, i+1), in)
		}
	}
	edges(s)
	mistakes(s)
	s.finish()
}

// edges are fields at the border of what there is.
func edges(s *suite[vectors.TranscriptContext, vectors.TranscriptInput]) {
	s.group("fields that are empty or large", vectors.TranscriptContext{Label: "edge"})
	s.valid("no field", claim("edge", nil, manner{}))
	s.valid("empty string", claim("edge", fields{}.str(""), manner{}))
	s.valid("empty bytes", claim("edge", fields{}.bytes(nil), manner{}))
	s.valid("empty list", claim("edge", fields{}.list(0), manner{}))
	s.valid("largest uint", claim("edge", fields{}.uint(1<<64-1), manner{}))
	s.valid("text beyond ASCII", claim("edge", fields{}.str("Zürich €😀"), manner{}))
	s.valid("text of 300 bytes", claim("edge", fields{}.str(string(slices.Repeat([]byte("x"), 300))), manner{}))
	s.group("an empty label", vectors.TranscriptContext{Label: ""})
	s.valid("empty label", claim("", fields{}.uint(1), manner{}))
	s.group("what is not above l is its own remainder", vectors.TranscriptContext{Label: "reduce"})
	low, high := -1, -1
	for i := 0; low < 0 || high < 0; i++ {
		in := claim("reduce", fields{}.uint(uint64(i)), manner{})
		if in.Digest == in.Challenge {
			low = i
		} else {
			high = i
		}
	}
	s.valid("digest below l", claim("reduce", fields{}.uint(uint64(low)), manner{}))
	s.valid("digest above l", claim("reduce", fields{}.uint(uint64(high)), manner{}))
	unreduced := claim("reduce", fields{}.uint(uint64(high)), manner{})
	unreduced.Challenge = unreduced.Digest
	s.invalid("V-20", "challenge that was not reduced", unreduced, "ChallengeReduction")
	big := claim("reduce", fields{}.uint(uint64(high)), manner{})
	swapped := big.Digest
	slices.Reverse(swapped[:])
	big.Challenge = prover.Scalar(prover.Challenge(swapped))
	s.invalid("V-20", "challenge read as a big-endian integer", big, "ChallengeReduction")
	truncated := claim("reduce", fields{}.uint(uint64(high)), manner{})
	half := truncated.Digest
	clear(half[16:])
	truncated.Challenge = half
	s.invalid("V-20", "challenge of the first 128 bits", truncated, "ChallengeReduction")
}

// mistakes are other ways to encode the same fields.
func mistakes(s *suite[vectors.TranscriptContext, vectors.TranscriptInput]) {
	label, f := "mistake", fields{}.str("ab").str("c").uint(7).join(fields{}.str("x"), fields{}.str("y")).dig([32]byte{1})
	s.group("other encodings of the same fields", vectors.TranscriptContext{Label: label})
	s.valid("the right encoding", claim(label, f, manner{}))
	for _, c := range []struct {
		comment, flag string
		m             manner
	}{
		{"without the domain", "NoDomain", manner{noDomain: true}},
		{"without the label", "NoDomain", manner{noLabel: true}},
		{"without types", "UntypedHash", manner{noTypes: true}},
		{"without lengths", "JoinedHash", manner{noLengths: true}},
		{"bare payloads in a row", "JoinedHash", manner{noLengths: true, noTypes: true}},
		{"payloads with a bar between", "JoinedHash", manner{noLengths: true, noTypes: true, separator: "|"}},
		{"without the counts of lists", "NoCounts", manner{noCounts: true}},
		{"lengths little endian", "OtherWidth", manner{littleLengths: true}},
		{"lengths of four bytes", "OtherWidth", manner{shortLengths: true}},
		{"uints of four bytes", "OtherWidth", manner{shortUints: true}},
	} {
		s.invalid("V-16", c.comment, claim(label, f, c.m), c.flag)
	}
	siblings(s, label, f)
}

// siblings are lists of fields whose digest somebody might take for another's.
func siblings(s *suite[vectors.TranscriptContext, vectors.TranscriptInput], label string, f fields) {
	right := claim(label, f, manner{})
	other := func(comment, flag string, list fields) {
		in := right
		in.Fields = list
		s.invalid("V-16", comment, in, flag)
	}
	moved := slices.Clone(f)
	moved[0].Value, moved[1].Value = "a", "bc"
	other("digest of the same letters, cut elsewhere", "JoinedHash", moved)
	other("digest of one field less", "JoinedHash", f[:len(f)-1])
	retyped := slices.Clone(f)
	retyped[len(f)-1].Type = "point"
	other("digest of the same 32 bytes as another type", "UntypedHash", retyped)
	regrouped := fields{}.str("ab").str("c").uint(7).list(1).str("x").str("y").dig([32]byte{1})
	other("digest of a longer list", "NoCounts", regrouped)
	in := claim("other", f, manner{})
	s.invalid("V-16", "digest under another label", in, "NoDomain")
}
