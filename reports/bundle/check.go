package bundle

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Check reads a bundle of size bytes and holds it to its manifest and the
// manifest to its signature, which must be by one of the allowed keys. It
// returns the manifest and who signed; it writes nothing.
func Check(r io.ReaderAt, size int64, allowed []ssh.PublicKey) (*Manifest, ssh.PublicKey, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	entries := map[string]*zip.File{}
	for _, f := range z.File {
		if entries[f.Name] != nil {
			return nil, nil, fmt.Errorf("%w: %q is in it twice", ErrBundle, f.Name)
		}
		entries[f.Name] = f
	}
	raw, err := all(entries[ManifestFile], ManifestFile, maxManifest)
	if err != nil {
		return nil, nil, err
	}
	armoured, err := all(entries[SignatureFile], SignatureFile, 64<<10)
	if err != nil {
		return nil, nil, err
	}
	signer, err := signedBy(raw, armoured, allowed)
	if err != nil {
		return nil, nil, err
	}
	m := new(Manifest)
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrBundle, ManifestFile, err)
	}
	return m, signer, m.holds(entries)
}

// all reads a small file of a bundle.
func all(f *zip.File, name string, limit int64) ([]byte, error) {
	if f == nil {
		return nil, fmt.Errorf("%w: %s is missing", ErrBundle, name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBundle, name, err)
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBundle, name, err)
	}
	if int64(len(raw)) > limit {
		return nil, fmt.Errorf("%w: %s is longer than %d bytes", ErrBundle, name, limit)
	}
	return raw, nil
}

// signedBy returns the allowed key that made the signature.
func signedBy(raw, armoured []byte, allowed []ssh.PublicKey) (ssh.PublicKey, error) {
	s, err := sshsig.Unarmor(armoured)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrBundle, SignatureFile, err)
	}
	i := slices.IndexFunc(allowed, func(k ssh.PublicKey) bool { return bytes.Equal(k.Marshal(), s.PublicKey.Marshal()) })
	if i < 0 {
		return nil, fmt.Errorf("%w: it is signed by %s, which is none of the %d keys that may", ErrBundle, ssh.FingerprintSHA256(s.PublicKey), len(allowed))
	}
	if err := sshsig.Verify(bytes.NewReader(raw), s, allowed[i], sshsig.HashSHA512, Namespace); err != nil {
		return nil, fmt.Errorf("%w: the signature over %s does not hold: %w", ErrBundle, ManifestFile, err)
	}
	return allowed[i], nil
}

// holds says whether the bundle has just the files of its manifest.
func (m *Manifest) holds(entries map[string]*zip.File) error {
	if m.Schema != Schema {
		return fmt.Errorf("%w: schema %d is not known; this build reads %d", ErrBundle, m.Schema, Schema)
	}
	total := int64(0)
	listed := map[string]bool{ManifestFile: true, SignatureFile: true}
	for _, f := range m.Files {
		name := Folder + "/" + f.Path
		total += f.Size
		switch {
		case !plainPath(f.Path):
			return fmt.Errorf("%w: the path %q leads out of the folder", ErrBundle, f.Path)
		case listed[name]:
			return fmt.Errorf("%w: %q is listed twice", ErrBundle, f.Path)
		case f.Size < 0 || f.Size > MaxFile || total > MaxTotal || len(listed) > MaxFiles+1:
			return fmt.Errorf("%w: %q makes it larger than a bundle may be", ErrBundle, f.Path)
		}
		listed[name] = true
		if err := f.is(entries[name]); err != nil {
			return err
		}
	}
	for name := range entries {
		if !listed[name] && !strings.HasSuffix(name, "/") {
			return fmt.Errorf("%w: %q is not in the manifest", ErrBundle, name)
		}
	}
	return nil
}

// is holds a file to its line.
func (f File) is(entry *zip.File) error {
	if entry == nil {
		return fmt.Errorf("%w: %s is missing", ErrBundle, f.Path)
	}
	r, err := entry.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrBundle, f.Path, err)
	}
	defer r.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(r, f.Size+1))
	switch {
	case err != nil:
		return fmt.Errorf("%w: %s: %w", ErrBundle, f.Path, err)
	case n != f.Size:
		return fmt.Errorf("%w: %s has not the %d bytes of the manifest", ErrBundle, f.Path, f.Size)
	case hex.EncodeToString(h.Sum(nil)) != f.SHA256:
		return fmt.Errorf("%w: %s is not the file of the manifest: its digest differs", ErrBundle, f.Path)
	}
	return nil
}
