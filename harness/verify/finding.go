package verify

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// Finding is one thing that a check found wrong.
type Finding struct {
	Check   Check  `json:"check"`
	Message string `json:"message"`
	// Blame names who can be blamed, most of all first: "authority", "board",
	// "registrar", "trustee t2", "witness w1", "voter <credential>". Empty
	// where the fault could as well be in this copy of the record.
	Blame []string `json:"blame,omitempty"`
	// ThirdParty is true where anybody can check the finding again from
	// public data and it is signed by whom it blames.
	ThirdParty bool     `json:"thirdParty"`
	Evidence   Evidence `json:"evidence"`
}

// Evidence is where to look and what does not agree.
type Evidence struct {
	Entry    *uint64 `json:"entry,omitempty"`  // index on the board
	File     string  `json:"file,omitempty"`   // path in the record
	Offset   *int    `json:"offset,omitempty"` // byte in the file where the entry begins
	Contest  string  `json:"contest,omitempty"`
	Unit     string  `json:"unit,omitempty"`
	Option   string  `json:"option,omitempty"`
	Trustee  string  `json:"trustee,omitempty"`
	Equation string  `json:"equation,omitempty"` // what failed, as SPEC.md writes it
	Left     string  `json:"left,omitempty"`     // its two sides, bytes in hex
	Right    string  `json:"right,omitempty"`
	Expected string  `json:"expected,omitempty"`
	Seen     string  `json:"seen,omitempty"`
}

// The names of parties in Finding.Blame.
const (
	authority       = "authority"
	board           = "board"
	registrar       = "registrar"
	identityService = "identity"
)

func trustee(id string) string     { return "trustee " + clip(id) }
func voter(key [32]byte) string    { return "voter " + hex.EncodeToString(key[:]) }
func utoa(n uint64) string         { return strconv.FormatUint(n, 10) }
func hexOf(b [32]byte) string      { return hex.EncodeToString(b[:]) }
func entryAt(index uint64) *uint64 { return &index }

// maxText bounds what a finding repeats from a record.
const maxText = 200

// clip bounds hostile text, at the end of a character.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

// found starts a finding.
func found(c Check, format string, args ...any) *Finding {
	return &Finding{Check: c, Message: clip(fmt.Sprintf(format, args...))}
}

func (f *Finding) blame(who ...string) *Finding {
	f.Blame = append(f.Blame, who...)
	f.ThirdParty = len(f.Blame) > 0
	return f
}

// unproven takes back that a third party is convinced.
func (f *Finding) unproven() *Finding { f.ThirdParty = false; return f }

func (f *Finding) entry(index uint64) *Finding { f.Evidence.Entry = entryAt(index); return f }
func (f *Finding) file(path string) *Finding   { f.Evidence.File = clip(path); return f }
func (f *Finding) contest(id string) *Finding  { f.Evidence.Contest = clip(id); return f }
func (f *Finding) unit(id string) *Finding     { f.Evidence.Unit = clip(id); return f }
func (f *Finding) option(id string) *Finding   { f.Evidence.Option = clip(id); return f }
func (f *Finding) trustee(id string) *Finding  { f.Evidence.Trustee = clip(id); return f }

// sides gives the two sides of an equation that does not hold.
func (f *Finding) sides(equation string, left, right [32]byte) *Finding {
	f.Evidence.Equation, f.Evidence.Left, f.Evidence.Right = equation, hexOf(left), hexOf(right)
	return f
}

// counts gives what was to be seen and what was.
func (f *Finding) counts(expected, seen any) *Finding {
	f.Evidence.Expected, f.Evidence.Seen = clip(fmt.Sprint(expected)), clip(fmt.Sprint(seen))
	return f
}
