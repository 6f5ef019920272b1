package entry_test

import (
	"testing"

	"scrutineer/fuzz/entry"
	"scrutineer/protocols/message"
	"scrutineer/protocols/pack"
)

func FuzzMessage(f *testing.F) {
	for i := range 41 {
		f.Add(append([]byte{byte(i)}, `{}`...))
	}
	f.Add(append([]byte{19}, `{"count":0,"root":"0000000000000000000000000000000000000000000000000000000000000000"}`...))
	f.Fuzz(func(_ *testing.T, data []byte) { entry.Message(data) })
}

func FuzzBundle(f *testing.F) {
	f.Add([]byte{1, 0, 2, '{', '}'})
	f.Fuzz(func(_ *testing.T, data []byte) { entry.Bundle(data) })
}

func FuzzPack(f *testing.F) {
	f.Add(archive(f))
	f.Fuzz(func(_ *testing.T, data []byte) { entry.Pack(data) })
}

// archive is the smallest pack there is.
func archive(t testing.TB) []byte {
	t.Helper()
	c := pack.Contents{Pack: message.Pack{Device: "d1"}, CheckIns: message.CheckIns{CheckIns: []message.CheckIn{}}, Nonces: message.Nonces{Nonces: []message.Digest{}}}
	var err error
	if c.Pack.Files, err = c.Files(); err != nil {
		t.Fatal(err)
	}
	raw, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func FuzzPath(f *testing.F) {
	for _, p := range []string{"checkpoint", "checkpoints/opened", "tile/0/000.p/3", "tile/entries/x001/234", "chunk/00", "../x"} {
		f.Add([]byte(p))
	}
	f.Fuzz(func(_ *testing.T, data []byte) { entry.Path(data) })
}

func FuzzBallotFile(f *testing.F) {
	f.Add([]byte("2 1\n3 1 2 0\n0\n\"a\"\n\"b\"\n\"t\"\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { entry.BallotFile(data) })
}

// TestEntriesAccept holds that each entry point can accept something, and
// refuses something.
func TestEntriesAccept(t *testing.T) {
	seal := `{"count":0,"root":"0000000000000000000000000000000000000000000000000000000000000000"}`
	for name, c := range map[string]struct {
		f         func([]byte) int
		good, bad []byte
	}{
		"message": {entry.Message, append([]byte{19}, seal...), append([]byte{19}, "{}"...)},
		"bundle":  {entry.Bundle, []byte{1, 0, 2, '{', '}'}, []byte{2, 0, 2, '{', '}'}},
		"path":    {entry.Path, []byte("checkpoint"), []byte("../checkpoint")},
		"pack":    {entry.Pack, archive(t), archive(t)[1:]},
		"ballots": {entry.BallotFile, []byte("1 1\n0\na\nt\n"), []byte("1 2\n")},
	} {
		if c.f(c.good) != 1 || c.f(c.bad) != 0 || c.f(nil) != 0 {
			t.Errorf("%s: %d, %d, %d", name, c.f(c.good), c.f(c.bad), c.f(nil))
		}
	}
}
