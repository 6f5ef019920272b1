// Package folder is an election as a folder of files: what everybody has of it,
// what its registrar has, and, where one laboratory plays all roles, the keys
// of each.
//
//	election.json      the manifest and the ceremony's number: public
//	roll.json          who may vote, for the registrar alone
//	credentials.json   what the voters are handed, all in one: for a laboratory
//	keys/ROLE[-ID].key the secret of a role, 32 bytes from which its keys derive
//
// In the field each role makes its own key file on its own machine and hands
// out the public half.
package folder

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/renameio/v2"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/roles"
)

// The names of the files.
const (
	electionFile    = "election.json"
	rollFile        = "roll.json"
	credentialsFile = "credentials.json"
	keysFolder      = "keys"
)

// maxFile bounds a file in bytes.
const maxFile = 256 << 20

// Errors that callers tell apart.
var (
	// ErrExists: there is an election in the folder.
	ErrExists = errors.New("the folder holds an election already")
	// ErrFile is wrapped for a file that is not what it must be.
	ErrFile = errors.New("bad file")
)

// roll is roll.json.
type roll struct {
	Voters []manage.RollLine `json:"voters" limit:"1000000"`
}

// Secrets says where the secrets of an election come from: a seed, in test
// elections, or key files under a passphrase, which may be empty.
type Secrets struct {
	Seed       keys.Seed // of all roles; empty for key files
	Passphrase string
}

// Create makes the folder of an election from a draft. Keys that the draft
// has are left; the others are made, from the seed, or from random and then
// kept in key files.
func Create(dir string, draft manage.Draft, s Secrets, random io.Reader) error {
	if _, err := os.Stat(filepath.Join(dir, electionFile)); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", dir, ErrExists)
	}
	if s.Seed != "" && !draft.Manifest.Test {
		return errors.New("keys come from a seed in test elections only")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	m := draft.Manifest
	f := s.folder(dir)
	if err := f.fill(&m, draft.Identity, random); err != nil {
		return err
	}
	if _, err := manifest.Compile(m, draft.Ceremony); err != nil {
		return err
	}
	if err := write(filepath.Join(dir, rollFile), roll{draft.Roll}); err != nil {
		return err
	}
	f.Manifest, f.Ceremony = m, draft.Ceremony
	if err := f.writeCredentials(); err != nil {
		return err
	}
	// Last: a folder without it is no election.
	return write(filepath.Join(dir, electionFile), message.ManifestBody{Ceremony: draft.Ceremony, Manifest: m})
}

func (s Secrets) folder(dir string) *Folder {
	return &Folder{dir: dir, seed: s.Seed, store: keystore.New(filepath.Join(dir, keysFolder), s.Passphrase)}
}

// fill makes the keys that the manifest lacks; those of an identity service
// only where one is asked for.
func (f *Folder) fill(m *message.Manifest, identity bool, random io.Reader) error {
	list := rolesOf(m)
	if identity {
		list = append(list, player{message.RoleIdentity, ""})
	}
	if f.seed != "" {
		for _, r := range list {
			r.fill(f.seed, m)
		}
		return nil
	}
	for _, r := range list {
		secret := make([]byte, 32)
		if _, err := io.ReadFull(random, secret); err != nil {
			return fmt.Errorf("drawing a key: %w", err)
		}
		if err := f.store.Save(keyName(r.role, r.id), secret); err != nil {
			return err
		}
		r.fill(keys.Seed(hex.EncodeToString(secret)), m)
	}
	return nil
}

// player is a role of a manifest that has a key.
type player struct {
	role message.Role
	id   string
}

func rolesOf(m *message.Manifest) []player {
	list := []player{{message.RoleAuthority, ""}, {message.RoleBoard, ""}, {message.RoleRegistrar, ""}}
	for _, t := range m.Trustees {
		list = append(list, player{message.RoleTrustee, t.ID})
	}
	for _, w := range m.Witnesses {
		list = append(list, player{message.RoleWitness, w.ID})
	}
	return list
}

// fill puts this role's public keys into m and leaves all others.
func (p player) fill(seed keys.Seed, m *message.Manifest) {
	all := *m
	all.Trustees = append([]message.TrusteeLine{}, m.Trustees...)
	all.Witnesses = append([]message.WitnessLine{}, m.Witnesses...)
	seed.Fill(&all)
	switch p.role {
	case message.RoleIdentity:
		seed.FillIdentity(m)
	case message.RoleAuthority:
		m.Authority = all.Authority
	case message.RoleBoard:
		m.Board.Key = all.Board.Key
	case message.RoleRegistrar:
		m.Registrar = all.Registrar
	}
	for i := range m.Trustees {
		if p.role == message.RoleTrustee && m.Trustees[i].ID == p.id {
			m.Trustees[i] = all.Trustees[i]
		}
	}
	for i := range m.Witnesses {
		if p.role == message.RoleWitness && m.Witnesses[i].ID == p.id {
			m.Witnesses[i] = all.Witnesses[i]
		}
	}
}

func keyName(role message.Role, id string) string {
	if id == "" {
		return string(role)
	}
	return string(role) + "-" + id
}

// Folder is an election's folder.
type Folder struct {
	Manifest message.Manifest
	Ceremony uint64

	dir   string
	seed  keys.Seed
	store *keystore.Store
}

// Open reads an election's folder.
func Open(dir string, s Secrets) (*Folder, error) {
	path := filepath.Join(dir, electionFile)
	body, err := read[message.ManifestBody](path)
	if err != nil {
		return nil, err
	}
	if _, err := manifest.Compile(body.Manifest, body.Ceremony); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrFile, path, err)
	}
	if s.Seed != "" && !body.Manifest.Test {
		return nil, fmt.Errorf("%w: %s: keys come from a seed in test elections only", ErrFile, path)
	}
	f := s.folder(dir)
	f.Manifest, f.Ceremony = body.Manifest, body.Ceremony
	return f, nil
}

// Seed is what a role's keys derive from.
func (f *Folder) Seed(role message.Role, id string) (keys.Seed, error) {
	if f.seed != "" {
		return f.seed, nil
	}
	secret, err := f.store.Load(keyName(role, id))
	if err != nil {
		return "", err
	}
	return keys.Seed(hex.EncodeToString(secret)), nil
}

// Voters are the ids of those on the roll.
func (f *Folder) Voters() ([]string, error) {
	lines, err := read[roll](filepath.Join(f.dir, rollFile))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, v := range lines.Voters {
		ids = append(ids, v.ID)
	}
	return ids, nil
}

// Codes reads a file of the codes that were sent to voters.
func Codes(path string) (manage.Codes, error) { return read[manage.Codes](path) }

// Roll is the registrar's, the same each time: credentials derive from its
// secret.
func (f *Folder) Roll() (*registrar.Roll, error) {
	lines, err := read[roll](filepath.Join(f.dir, rollFile))
	if err != nil {
		return nil, err
	}
	seed, err := f.Seed(message.RoleRegistrar, "")
	if err != nil {
		return nil, err
	}
	var voters []registrar.Voter
	for _, v := range lines.Voters {
		voters = append(voters, registrar.Voter{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	return registrar.Enrol(voters, seed.Stream(message.RoleRegistrar, "", "roll"))
}

func (f *Folder) writeCredentials() error {
	r, err := f.Roll()
	if err != nil {
		return err
	}
	return write(filepath.Join(f.dir, credentialsFile), roles.Credentials(r))
}

// CredentialsFile is where the credentials of all voters lie.
func CredentialsFile(dir string) string { return filepath.Join(dir, credentialsFile) }

// Credentials reads a file of credentials: those of all voters, or of one.
func Credentials(path string) (manage.Credentials, error) { return read[manage.Credentials](path) }

// Draft reads the draft of an election as a person writes it: white space and
// the order of members do not matter.
func Draft(path string) (manage.Draft, error) { return read[manage.Draft](path) }

func read[T any](path string) (T, error) {
	var zero T
	f, err := os.Open(path)
	if err != nil {
		return zero, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return zero, err
	}
	limits := codec.Limits{Size: maxFile, Items: maxFile}
	canonical, err := codec.Canonical(raw, limits)
	if err != nil {
		return zero, fmt.Errorf("%w: %s: %w", ErrFile, path, err)
	}
	v, err := codec.Decode[T](canonical, limits)
	if err != nil {
		return zero, fmt.Errorf("%w: %s: %w", ErrFile, path, placed(err, raw))
	}
	return v, nil
}

// placed moves an error from the canonical form to the text as it was written,
// by the pointer to the value at fault.
func placed(err error, raw []byte) error {
	var e *codec.Error
	if !errors.As(err, &e) {
		return err
	}
	moved := *e
	moved.Offset, moved.Line, moved.Column = 0, 0, 0
	for dec := jsontext.NewDecoder(bytes.NewReader(raw)); ; {
		token, err := dec.ReadToken()
		if err != nil {
			return &moved // its pointer must do
		}
		if string(dec.StackPointer()) == e.Pointer {
			moved.Offset = int(dec.InputOffset()) - width(token)
			before := raw[:moved.Offset]
			moved.Line = 1 + bytes.Count(before, []byte("\n"))
			moved.Column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
			return &moved
		}
	}
}

// width is how many bytes of text a token ends on: none of those that hold
// others, whose beginning is where they are met.
func width(t jsontext.Token) int {
	switch t.Kind() {
	case '{', '[':
		return 1
	case '"':
		quoted, err := jsontext.AppendQuote(nil, t.String())
		if err == nil {
			return len(quoted)
		}
	}
	return len(t.String())
}

func write(path string, v any) error {
	raw, err := codec.Encode(v)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return renameio.WriteFile(path, append(raw, '\n'), 0o600, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
}
