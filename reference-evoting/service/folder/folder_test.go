package folder_test

import (
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/rolestest"
)

func draft(test bool) manage.Draft {
	m, voters := rolestest.Definition(3)
	m.Test = test
	m.Authority, m.Registrar, m.Board.Key = message.Key{}, message.Key{}, message.Key{}
	for i := range m.Trustees {
		m.Trustees[i].Signing, m.Trustees[i].Encryption = message.Key{}, message.Element{}
		m.Witnesses[i].Key = message.Key{}
	}
	d := manage.Draft{Ceremony: 1, Manifest: m}
	for _, v := range voters {
		d.Roll = append(d.Roll, manage.RollLine{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	return d
}

// Every role finds in the folder the keys that the manifest says.
func TestKeysAreTheManifests(t *testing.T) {
	for name, s := range map[string]folder.Secrets{"seed": {Seed: "7"}, "files": {}, "passphrase": {Passphrase: "correct horse"}} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "election")
			if err := folder.Create(dir, draft(s.Seed != ""), s, rand.Reader); err != nil {
				t.Fatal(err)
			}
			f, err := folder.Open(dir, s)
			if err != nil {
				t.Fatal(err)
			}
			for id, want := range map[string]message.Key{"t1": f.Manifest.Trustees[0].Signing, "t3": f.Manifest.Trustees[2].Signing} {
				seed, err := f.Seed(message.RoleTrustee, id)
				if err != nil || keys.Public(seed.Signing(message.RoleTrustee, id)) != want {
					t.Errorf("key of %s: %v", id, err)
				}
			}
			seed, err := f.Seed(message.RoleBoard, "")
			if err != nil || keys.Public(seed.Signing(message.RoleBoard, "")) != f.Manifest.Board.Key {
				t.Errorf("key of the board: %v", err)
			}
			list, err := folder.Credentials(folder.CredentialsFile(dir))
			if err != nil || len(list.Voters) != 5 {
				t.Fatal(list, err)
			}
			roll, err := f.Roll()
			if err != nil || roll.Credentials()[2].Key != list.Voters[2].Key {
				t.Errorf("another roll than before: %v", err)
			}
			if err := folder.Create(dir, draft(true), s, rand.Reader); !errors.Is(err, folder.ErrExists) {
				t.Errorf("created twice: %v", err)
			}
			err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
				if info, e := d.Info(); e != nil || !d.IsDir() && info.Mode().Perm()&0o077 != 0 {
					t.Errorf("%s may be read by others: %v, %v", path, info.Mode(), e)
				}
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWhatIsRefused(t *testing.T) {
	if err := folder.Create(t.TempDir(), draft(false), folder.Secrets{Seed: "7"}, rand.Reader); err == nil {
		t.Error("a real election with keys from a seed")
	}
	broken := draft(true)
	broken.Manifest.Threshold = 1
	dir := t.TempDir()
	if err := folder.Create(dir, broken, folder.Secrets{}, rand.Reader); err == nil || !strings.Contains(err.Error(), "threshold") {
		t.Errorf("a broken manifest: %v", err)
	}
	if _, err := folder.Open(dir, folder.Secrets{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("half an election: %v", err)
	}
	dir = t.TempDir()
	if err := folder.Create(dir, draft(true), folder.Secrets{Passphrase: "a"}, rand.Reader); err != nil {
		t.Fatal(err)
	}
	f, err := folder.Open(dir, folder.Secrets{Passphrase: "b"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Roll(); !errors.Is(err, keystore.ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	path := filepath.Join(dir, "election.json")
	if err := os.WriteFile(path, []byte(`{"ceremony": 1, "manfest": {}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Open(dir, folder.Secrets{}); !errors.Is(err, folder.ErrFile) || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("a misspelt member: %v", err)
	}
}
