package head_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"scrutineer/harness/verify/head"
	"scrutineer/protocols/vectors"
)

// Who publishes a bad checkpoint is told which line is bad.
func TestLinesAreNamed(t *testing.T) {
	f, err := vectors.Checkpoints()
	if err != nil {
		t.Fatal(err)
	}
	g := f.TestGroups[0]
	at := slices.IndexFunc(g.Tests, func(c vectors.Case[vectors.CheckpointInput]) bool { return c.Result == vectors.Valid })
	text, signatures, _ := strings.Cut(g.Tests[at].Input.Note, "\n\n")
	lines := strings.Split(strings.TrimSuffix(signatures, "\n"), "\n")
	if len(lines) < 2 {
		t.Fatalf("%d signatures", len(lines))
	}
	note := func(second string) []byte {
		return []byte(text + "\n\n" + strings.Join(slices.Concat(lines[:1], []string{second}, lines[1:]), "\n") + "\n")
	}
	for _, second := range []string{"", "— witness", "- witness AAAAAAA=", "—  AAAAAAA=", "— witness AAAAAA==", "— witness !"} {
		h, err := head.Parse(note(second))
		if h != nil || !errors.Is(err, head.ErrForm) || !strings.Contains(err.Error(), "signature line 2") {
			t.Errorf("%q: %v", second, err)
		}
	}
	keys := head.Keys{Origin: g.Context.Board.Origin, Board: g.Context.Board.Key, Quorum: g.Context.Quorum}
	for _, w := range g.Context.Witnesses {
		keys.Witnesses = append(keys.Witnesses, head.Witness{ID: w.ID, Key: w.Key})
	}
	// Five bytes are a key's hint and a signature, though nobody's.
	for second, want := range map[string]string{"— witness AAAAAAA=": "signature line 2, of", lines[0]: "signature line 2 repeats"} {
		h, err := head.Parse(note(second))
		if err != nil {
			t.Fatal(err)
		}
		_, problems := h.Check(keys)
		if len(problems) != 1 || !strings.Contains(problems[0].Detail, want) {
			t.Errorf("%q: %+v", second, problems)
		}
	}
}
