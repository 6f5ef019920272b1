// Package vectors holds test vectors of the election protocol (SPEC.md) for
// anybody who implements it: inputs, each with the verdict that every
// implementation must reach, in JSON files with a schema beside them.
//
// The form is that of C2SP's Wycheproof: cases in groups that share a
// context, stable numbers, and for each flag the kind of bug it stands for
// and what an attacker gains. A verdict is valid or invalid and nothing
// between. Only the input of a case may be malformed; files, contexts and
// notes never are.
//
// The files are written by `go run ./protocols/vectors/generate` and read
// here, strictly, into types of package message. README.md tells what each
// kind of file asks.
package vectors

import (
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
)

// Specification is what the verdicts are about.
const Specification = "scrutineer/1"

// Result is the verdict on a case.
type Result string

// The verdicts.
const (
	Valid   Result = "valid"
	Invalid Result = "invalid"
)

// File is one kind of vectors: C is the context that the cases of a group
// share, I the input of one case.
type File[C, I any] struct {
	Header        []string        `json:"header"` // what is asked of an implementation
	Kind          string          `json:"kind"`
	Notes         map[string]Note `json:"notes"` // by flag, exactly those that occur
	NumberOfTests uint64          `json:"numberOfTests"`
	Schema        string          `json:"schema"` // path of the file's schema
	Specification string          `json:"specification"`
	TestGroups    []Group[C, I]   `json:"testGroups"`
}

// Note says what a flag stands for.
type Note struct {
	BugType     string   `json:"bugType"`     // kind of bug that lets such a case pass
	Description string   `json:"description"` // what is wrong with the input
	Effect      string   `json:"effect"`      // what an attacker gains where it passes
	Links       []string `json:"links"`       // where the flaw has been described or seen
}

// Group is a list of cases with a common context.
type Group[C, I any] struct {
	Comment string    `json:"comment"`
	Context C         `json:"context"`
	Tests   []Case[I] `json:"tests"`
}

// Case is one input with its verdict.
type Case[I any] struct {
	Also    []string `json:"also,omitempty"`  // further checks that fail, one of which somebody may meet first
	Check   string   `json:"check,omitempty"` // of an invalid case: the number of SPEC.md that fails
	Comment string   `json:"comment"`
	Flags   []string `json:"flags"` // keys of the file's notes; an invalid case has one at least
	Input   I        `json:"input"`
	Result  Result   `json:"result"`
	TcID    uint64   `json:"tcId"` // never changes and is never used again
}

// May reports whether the case may fail this check.
func (c Case[I]) May(check string) bool { return check == c.Check || slices.Contains(c.Also, check) }

// limits bound our own files, which are larger than any message.
func limits() codec.Limits { return codec.Limits{Size: 4 << 20, Depth: 32, Items: 1 << 16} }

// load reads a file. It may be laid out in any way; otherwise the strict rules
// of package codec hold.
func load[C, I any](kind string, text []byte) (*File[C, I], error) {
	canonical, err := codec.Canonical(text, limits())
	if err != nil {
		return nil, fmt.Errorf("vectors %s: %w", kind, err)
	}
	f, err := codec.Decode[File[C, I]](canonical, limits())
	if err != nil {
		return nil, fmt.Errorf("vectors %s: %w", kind, err)
	}
	return &f, nil
}
