package pack_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
)

func contents(t *testing.T) pack.Contents {
	t.Helper()
	c := pack.Contents{
		Pack:     message.Pack{Device: "d1", Sequence: 1, First: 1, Challenged: 1},
		Ballots:  []message.SignedBallot{{Ballot: message.DeviceBallot{Sequence: 1, Challenge: &message.Challenge{Style: "s", Contests: []message.OpenedContest{}}}}},
		CheckIns: message.CheckIns{CheckIns: []message.CheckIn{}, Device: "d1"},
		Nonces:   message.Nonces{Nonces: []message.Digest{}},
		Events:   []message.Event{{Kind: message.EventStart, Number: 1, At: 3}, {Kind: message.EventOpen, Number: 2, At: 4}},
	}
	var err error
	if c.Pack.Files, err = c.Files(); err != nil {
		t.Fatal(err)
	}
	return c
}

// A pack is read as it was written.
func TestContents(t *testing.T) {
	want := contents(t)
	archive, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := pack.Decode(archive)
	if err != nil || cmp.Diff(want, got) != "" {
		t.Errorf("%v\n%s", err, cmp.Diff(want, got))
	}
}

// What is not as pack.json names it, or not one canonical message, is refused
// as a whole.
func TestForeignContents(t *testing.T) {
	good := contents(t)
	archive, err := good.Encode()
	if err != nil {
		t.Fatal(err)
	}
	files, err := pack.Read(archive, message.MaxPack, pack.Names()...)
	if err != nil {
		t.Fatal(err)
	}
	with := func(i int, change func([]byte) []byte) []byte {
		var list []pack.File
		for j, name := range pack.Names() {
			f := pack.File{Name: name, Content: files[j]}
			if i == j {
				f.Content = change(bytes.Clone(f.Content))
			}
			list = append(list, f)
		}
		return pack.Write(list)
	}
	other := func(change func(c *pack.Contents)) []byte {
		c := contents(t)
		change(&c)
		raw, err := c.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for name, raw := range map[string][]byte{
		"an event more":     with(4, func(b []byte) []byte { return append(b, b...) }),
		"the last line":     with(4, func(b []byte) []byte { return b[:len(b)-1] }),
		"a space":           with(0, func(b []byte) []byte { return append(b, ' ') }),
		"another event":     other(func(c *pack.Contents) { c.Events[0].At++ }),
		"a digest less":     other(func(c *pack.Contents) { c.Pack.Files = c.Pack.Files[:5] }),
		"digests exchanged": other(func(c *pack.Contents) { c.Pack.Files[0], c.Pack.Files[1] = c.Pack.Files[1], c.Pack.Files[0] }),
	} {
		got, err := pack.Decode(raw)
		if !errors.Is(err, pack.ErrContents) || cmp.Diff(pack.Contents{}, got) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
