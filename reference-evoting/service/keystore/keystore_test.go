package keystore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/trustee"
)

func TestSecretsComeBack(t *testing.T) {
	for _, passphrase := range []string{"", "correct horse"} {
		dir := filepath.Join(t.TempDir(), "keys")
		s := keystore.New(dir, passphrase)
		if _, err := s.Load("a"); !errors.Is(err, keystore.ErrNotFound) {
			t.Errorf("nothing there: %v", err)
		}
		secret := []byte("the secret of a")
		for _, name := range []string{"a", "b"} {
			if err := s.Save(name, secret); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Stat(filepath.Join(dir, "a.key"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if got, err := keystore.New(dir, passphrase).Load("a"); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestSealedFilesGiveNothingAway(t *testing.T) {
	dir := t.TempDir()
	s := keystore.New(dir, "correct horse")
	if err := s.Save("a", []byte("the secret of a")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a.key")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("746865")) { // "the" in hex
		t.Error("the secret stands in the file")
	}
	if _, err := keystore.New(dir, "wrong").Load("a"); !errors.Is(err, keystore.ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "b.key"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Load("b"); !errors.Is(err, keystore.ErrPassphrase) {
		t.Errorf("one file in place of another: %v", err)
	}
	for _, bad := range [][]byte{nil, []byte("{"), raw[:len(raw)-1], bytes.Replace(raw, []byte(`"salt":"`), []byte(`"salt":"00`), 1)} {
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Load("a"); !errors.Is(err, keystore.ErrForm) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestCeremonies(t *testing.T) {
	c := keystore.Ceremonies{Store: keystore.New(t.TempDir(), "")}
	setup := message.Digest{1}
	if _, err := c.Load(setup); !errors.Is(err, trustee.ErrNoKeys) {
		t.Errorf("nothing there: %v", err)
	}
	s := trustee.Secrets{Coefficients: []message.Scalar{{1}, {2}}, Sealed: message.Digest{3}}
	s.Reveal = message.DKGReveal{Index: 1, Commitments: []message.Element{{4}}, Proofs: []message.Compact{{}}}
	if err := c.Save(setup, s); err != nil {
		t.Fatal(err)
	}
	got, err := c.Load(setup)
	if diff := cmp.Diff(s, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
}
