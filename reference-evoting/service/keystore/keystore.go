// Package keystore keeps the secrets of roles in files: readable by their
// owner alone, written at once and for good, and under a passphrase where one
// is given.
//
// The passphrase goes through Argon2id (RFC 9106, the second recommended
// option: 64 MiB, three passes), the secret through XChaCha20-Poly1305 with
// the file's purpose as associated data, so that one file cannot stand in for
// another.
package keystore

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/google/renameio/v2"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/trustee"
)

// Errors that callers tell apart.
var (
	// ErrNotFound: there is no such file.
	ErrNotFound = errors.New("no such key file")
	// ErrPassphrase: the file is under a passphrase and this is not it, or
	// the file was changed.
	ErrPassphrase = errors.New("wrong passphrase, or damaged key file")
	// ErrForm: the file is not one of this package.
	ErrForm = errors.New("malformed key file")
)

// The cost of Argon2id.
const (
	passes   = 3
	memory   = 64 << 10 // KiB
	lanes    = 4
	saltSize = 16
)

// maxFile bounds a key file in bytes.
const maxFile = 1 << 20

// Store is a folder of key files. An empty passphrase leaves them in plain.
type Store struct {
	dir        string
	passphrase []byte
	random     io.Reader

	mu  sync.Mutex
	key []byte // of the salt that this store has used last
	alt []byte // that salt
}

// New keeps files in dir, which is made when the first is written.
func New(dir, passphrase string) *Store {
	return &Store{dir: dir, passphrase: []byte(passphrase), random: rand.Reader}
}

// file is what lies on the disk: the secret in plain, or sealed.
type file struct {
	Nonce  codec.HexBytes `json:"nonce,omitempty" limit:"24"`
	Plain  codec.HexBytes `json:"plain,omitempty" limit:"524288"`
	Salt   codec.HexBytes `json:"salt,omitempty" limit:"16"`
	Sealed codec.HexBytes `json:"sealed,omitempty" limit:"524288"`
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name+".key") }

// Save writes a secret under a name of our own making.
func (s *Store) Save(name string, secret []byte) error {
	f := file{Plain: secret}
	if len(s.passphrase) > 0 {
		var err error
		if f, err = s.seal(name, secret); err != nil {
			return fmt.Errorf("key file %s: %w", name, err)
		}
	}
	raw, err := codec.Encode(f)
	if err != nil {
		return fmt.Errorf("key file %s: %w", name, err)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("key file %s: %w", name, err)
	}
	if err := renameio.WriteFile(s.path(name), raw, 0o600, renameio.WithTempDir(s.dir), renameio.WithStaticPermissions(0o600)); err != nil {
		return fmt.Errorf("key file %s: %w", name, err)
	}
	return syncDir(s.dir)
}

// Load reads a secret, or ErrNotFound.
func (s *Store) Load(name string) ([]byte, error) {
	raw, err := readBounded(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, s.path(name))
	}
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", name, err)
	}
	f, err := codec.Decode[file](raw, codec.Limits{Size: maxFile})
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrForm, s.path(name), err)
	}
	if f.Sealed == nil {
		return f.Plain, nil
	}
	if len(f.Salt) != saltSize || len(f.Nonce) != chacha20poly1305.NonceSizeX {
		return nil, fmt.Errorf("%w: %s", ErrForm, s.path(name))
	}
	aead, err := s.cipher(f.Salt)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", name, err)
	}
	plain, err := aead.Open(nil, f.Nonce, f.Sealed, []byte(name))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrPassphrase, s.path(name))
	}
	return plain, nil
}

func (s *Store) seal(name string, secret []byte) (file, error) {
	salt := s.salt()
	if salt == nil {
		salt = make([]byte, saltSize)
		if _, err := io.ReadFull(s.random, salt); err != nil {
			return file{}, err
		}
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX)
	if _, err := io.ReadFull(s.random, nonce); err != nil {
		return file{}, err
	}
	aead, err := s.cipher(salt)
	if err != nil {
		return file{}, err
	}
	return file{Salt: salt, Nonce: nonce, Sealed: aead.Seal(nil, nonce, secret, []byte(name))}, nil
}

// salt is the one used last: to derive the key again for every file would cost
// more than it gives, and nonces differ.
func (s *Store) salt() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.alt
}

func (s *Store) cipher(salt []byte) (cipher.AEAD, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if string(s.alt) != string(salt) {
		s.key = argon2.IDKey(s.passphrase, salt, passes, memory, lanes, chacha20poly1305.KeySize)
		s.alt = salt
	}
	return chacha20poly1305.NewX(s.key)
}

func readBounded(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err == nil && len(b) > maxFile {
		err = fmt.Errorf("%w: above %d bytes", ErrForm, maxFile)
	}
	return b, err
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Ceremonies is a trustee.KeyStore in a Store: a file for each setup.
type Ceremonies struct{ Store *Store }

var _ trustee.KeyStore = Ceremonies{}

// Load implements trustee.KeyStore.
func (c Ceremonies) Load(setupID message.Digest) (trustee.Secrets, error) {
	raw, err := c.Store.Load("ceremony-" + setupID.String())
	if errors.Is(err, ErrNotFound) {
		return trustee.Secrets{}, trustee.ErrNoKeys
	}
	if err != nil {
		return trustee.Secrets{}, err
	}
	return codec.Decode[trustee.Secrets](raw, codec.Limits{})
}

// Save implements trustee.KeyStore.
func (c Ceremonies) Save(setupID message.Digest, s trustee.Secrets) error {
	raw, err := codec.Encode(s)
	if err != nil {
		return err
	}
	return c.Store.Save("ceremony-"+setupID.String(), raw)
}
