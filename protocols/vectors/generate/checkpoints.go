package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

type checkpointSuite = suite[vectors.CheckpointContext, vectors.CheckpointInput]

func checkpointVectors(b *book) {
	s := newSuite[vectors.CheckpointContext, vectors.CheckpointInput](b, "checkpoints",
		"Is this a head of the board, cosigned by enough witnesses?",
		"A signed note of the board with the cosignatures of witnesses (V-02): every line valid and by a key of the context, no key twice, the board's own among them, a quorum of witnesses, and nothing that a second encoding would write differently.")
	e := ward()
	s.group("two of three witnesses", vectors.CheckpointContext{Board: e.Manifest.Board, Quorum: 2, Witnesses: e.Manifest.Witnesses})
	head := e.Head(len(e.Entries), election.Opens+10)
	note := func(change func(h *election.Checkpoint)) vectors.CheckpointInput {
		h := head
		h.Witnesses = append([]election.Cosignature{}, head.Witnesses...)
		if change != nil {
			change(&h)
		}
		return vectors.CheckpointInput{Note: string(h.Note())}
	}
	s.valid("two cosignatures", note(nil))
	s.valid("three cosignatures", note(func(h *election.Checkpoint) {
		h.Witnesses = append(h.Witnesses, election.Cosignature{ID: "witness-3", At: election.Opens})
	}))
	s.valid("witnesses in another order", note(func(h *election.Checkpoint) {
		h.Witnesses[0], h.Witnesses[1] = h.Witnesses[1], h.Witnesses[0]
	}))
	s.valid("times far from the election's", note(func(h *election.Checkpoint) { h.Witnesses[0].At, h.Witnesses[1].At = 1, 1<<40-1 }))
	s.valid("largest size", note(func(h *election.Checkpoint) { h.Size = 1 << 40 }))
	s.invalid("V-02", "size of 2^40 + 1", note(func(h *election.Checkpoint) { h.Size = 1<<40 + 1 }), "OutOfWindow")
	s.valid("empty board", note(func(h *election.Checkpoint) { h.Size, h.Root = 0, election.RootOf(nil) }))
	checkpointSignatures(s, head, note)
	checkpointTexts(s, head)
	checkpointForms(s, string(head.Note()))
	s.finish()
}

// checkpointSignatures are about who signs.
func checkpointSignatures(s *checkpointSuite, head election.Checkpoint, note func(func(*election.Checkpoint)) vectors.CheckpointInput) {
	text := head.Text()
	board := election.BoardLine(text, head.Origin, boardKey())
	one := election.WitnessLine(text, "witness-1", election.Opens, election.Signing(message.RoleWitness, "witness-1"))
	two := election.WitnessLine(text, "witness-2", election.Opens, election.Signing(message.RoleWitness, "witness-2"))
	bad := func(flag, comment string, lines ...string) {
		s.invalid("V-02", comment, vectors.CheckpointInput{Note: text + "\n" + strings.Join(lines, "")}, flag)
	}
	bad("TooFewCosignatures", "one cosignature", board, one)
	bad("TooFewCosignatures", "no cosignature", board)
	bad("TooFewCosignatures", "one witness twice", board, one, one)
	bad("TooFewCosignatures", "one witness twice, at two times", board, one,
		election.WitnessLine(text, "witness-1", election.Opens+1, election.Signing(message.RoleWitness, "witness-1")))
	bad("WrongSignature", "without the board", one, two)
	bad("NoteForm", "the board after the witnesses", one, two, board)
	for _, at := range []uint64{0, 1 << 40} {
		bad("OutOfWindow", fmt.Sprintf("cosignature at the time %d", at), board, one,
			election.WitnessLine(text, "witness-2", at, election.Signing(message.RoleWitness, "witness-2")))
	}
	bad("TooFewCosignatures", "no signature at all")
	bad("RepeatedLine", "the board twice", board, board, one, two)
	bad("RepeatedLine", "a third line by a witness that has signed", board, one, two, one)
	stranger := election.Seed.Signing("stranger")
	bad("UnknownSigner", "third cosignature by a stranger", board, one, two, election.WitnessLine(text, "witness-9", election.Opens, stranger))
	bad("UnknownSigner", "witness's name, a stranger's key", board, one, two, election.WitnessLine(text, "witness-3", election.Opens, stranger))
	bad("TooFewCosignatures", "second cosignature by a stranger", board, one, election.WitnessLine(text, "witness-9", election.Opens, stranger))
	bad("UnknownSigner", "board's name, a stranger's key", election.BoardLine(text, head.Origin, stranger), one, two)
	wrong := election.WitnessLine("other\n", "witness-2", election.Opens, election.Signing(message.RoleWitness, "witness-2"))
	bad("WrongSignature", "cosignature of another text", board, one, wrong)
	bad("WrongSignature", "two right cosignatures and a wrong third", board, one, two,
		election.WitnessLine("other\n", "witness-3", election.Opens, election.Signing(message.RoleWitness, "witness-3")))
	bad("WrongSignature", "board's signature of another text", election.BoardLine("other\n", head.Origin, boardKey()), one, two)
	bad("WrongSignature", "witness signs as a board does", board, one,
		election.BoardLine(text, "witness-2", election.Signing(message.RoleWitness, "witness-2")))
	key := election.Signing(message.RoleWitness, "witness-2")
	blob, err := base64.StdEncoding.DecodeString(two[strings.LastIndex(two, " ")+1 : len(two)-1])
	if err != nil {
		panic("generate: " + err.Error())
	}
	late := binary.BigEndian.AppendUint64(nil, election.Opens+5000)
	bad("WrongSignature", "time of a cosignature changed", board, one, election.Line("witness-2", blob[:4], late, blob[12:]))
	bad("WrongSignature", "key id of a cosignature changed", board, one, election.Line("witness-2", []byte{1, 2, 3, 4}, blob[4:]))
	bad("WrongSignature", "cosignature cut short", board, one, election.Line("witness-2", blob[:4], blob[4:60]))
	bad("WrongSignature", "type of plain signatures in the key id of a cosignature", board, one,
		election.Line("witness-2", election.KeyID("witness-2", election.NoteEd25519, prover.Public(key)), blob[4:]))
	s.invalid("V-02", "another origin, signed by the board under it",
		note(func(h *election.Checkpoint) { h.Origin = "other.example/board" }), "ContextConfusion")
}

// checkpointTexts are signed rightly, and say it in another way.
func checkpointTexts(s *checkpointSuite, head election.Checkpoint) {
	right, size := head.Text(), fmt.Sprintf("\n%d\n", head.Size)
	for _, c := range []struct{ flag, comment, from, to string }{
		{"NoteForm", "size with a leading zero", size, "\n0" + size[1:]},
		{"NoteForm", "size with a plus sign", size, "\n+" + size[1:]},
		{"NoteForm", "size in hexadecimal", size, "\n0x10\n"},
		{"NoteForm", "no size", size, "\n\n"},
		{"NoteForm", "size beyond 64 bits", size, "\n18446744073709551632\n"},
		{"NoteForm", "root without padding", "=\n", "\n"},
		{"ExtensionLine", "a line of extension", "=\n", "=\nextension\n"},
		{"NoteForm", "carriage returns", "\n", "\r\n"},
	} {
		text := strings.ReplaceAll(right, c.from, c.to)
		if text == right {
			panic("generate: checkpoint text has no " + c.from)
		}
		s.invalid("V-02", c.comment, vectors.CheckpointInput{Note: signedText(text)}, c.flag)
	}
	stray := strings.Replace(right, "=\n", "\n", 1)
	last := stray[len(stray)-2]
	s.invalid("V-02", "stray bits at the end of the root", vectors.CheckpointInput{
		Note: signedText(stray[:len(stray)-2] + string(rune(last+1)) + "=\n"),
	}, "NoteForm")
	s.invalid("V-02", "a root of 31 bytes", vectors.CheckpointInput{
		Note: signedText(head.Origin + size + base64.StdEncoding.EncodeToString(head.Root[:31]) + "\n"),
	}, "NoteForm")
}

// signedText is a note by the board and two witnesses over any text.
func signedText(text string) string {
	return text + "\n" + election.BoardLine(text, election.Origin, boardKey()) +
		election.WitnessLine(text, "witness-1", election.Opens, election.Signing(message.RoleWitness, "witness-1")) +
		election.WitnessLine(text, "witness-2", election.Opens, election.Signing(message.RoleWitness, "witness-2"))
}

// checkpointForms are notes that some readers take all the same.
func checkpointForms(s *checkpointSuite, note string) {
	bad := func(flag, comment, note string) {
		s.invalid("V-02", comment, vectors.CheckpointInput{Note: note}, flag)
	}
	bad("NoteForm", "no newline at the end", strings.TrimSuffix(note, "\n"))
	bad("NoteForm", "empty line at the end", note+"\n")
	bad("TrailingData", "text after the signatures", note+"and more\n")
	bad("NoteForm", "hyphen for the dash", strings.Replace(note, "— witness-2", "- witness-2", 1))
	bad("NoteForm", "two spaces in a signature line", strings.Replace(note, "— witness-2 ", "— witness-2  ", 1))
	bad("NoteForm", "padding missing in the last signature line", strings.TrimRight(note, "=\n")+"\n")
	bad("NoteForm", "nothing", "")
	bad("NoteForm", "text alone", note[:strings.Index(note, "\n\n")+1])
}
