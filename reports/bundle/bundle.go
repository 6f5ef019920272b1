// Package bundle packs a run for somebody who was not there: every file of the
// run, a manifest with the facts that decide whether the run can be repeated
// (tool, commit, target, specification, seed, rules of engagement) and the
// digest of each file, and a signature over the manifest.
//
// The bundle is a zip that tools everywhere open. The signature is one that
// OpenSSH checks, so that a laboratory signs with a key that it has and needs
// nothing of ours to check it:
//
//	unzip -p run.zip manifest.json >manifest.json
//	unzip -p run.zip manifest.json.sig >manifest.json.sig
//	ssh-keygen -Y verify -f allowed_signers -I laboratory -n scrutineer-bundle -s manifest.json.sig <manifest.json
package bundle

import (
	"archive/zip"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

// Names within a bundle, and the namespace of its signature.
const (
	ManifestFile  = "manifest.json"
	SignatureFile = "manifest.json.sig"
	Folder        = "run"
	Namespace     = "scrutineer-bundle"
)

// Schema is the version of the manifest.
const Schema = 1

// Bounds of a bundle.
const (
	MaxFile  = run.MaxFile // bytes of one file
	MaxTotal = 8 << 30     // bytes of all
	MaxFiles = 200_000
	// maxManifest holds MaxFiles lines.
	maxManifest = 64 << 20
)

// ErrBundle is wrapped by everything that is wrong with a bundle.
var ErrBundle = errors.New("bad bundle")

// Manifest is what is signed.
type Manifest struct {
	Schema  int       `json:"schema"`
	Created time.Time `json:"created"`
	// Run is the name of the run's folder.
	Run string `json:"run"`
	// Started and Finished are the first and the last line of events.jsonl:
	// tool and commit, target, seed, specification, rules of engagement, and
	// what came of it.
	Started  *event.RunStarted  `json:"started"`
	Finished *event.RunFinished `json:"finished"`
	// Files are all others of the bundle, in the order of their paths.
	Files []File `json:"files"`
}

// File is a file below Folder.
type File struct {
	Path   string `json:"path"` // below Folder, with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Write packs the run in folder dir and signs it. Two bundles of one run,
// moment and deterministic key are the same bytes.
func Write(w io.Writer, dir string, signer ssh.Signer, now time.Time) (*Manifest, error) {
	r, err := run.Open(dir)
	if err != nil {
		return nil, err
	}
	if r.Started == nil {
		return nil, fmt.Errorf("%s: the run does not say what it is: events.jsonl lacks its first line", dir)
	}
	m := &Manifest{Schema: Schema, Created: now.UTC().Truncate(time.Second), Run: r.Name, Started: r.Started, Finished: r.Finished}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	if m.Files, err = files(root); err != nil {
		return nil, err
	}
	raw, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	raw = append(raw, '\n')
	signature, err := sshsig.Sign(bytes.NewReader(raw), signer, sshsig.HashSHA512, Namespace)
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return m, pack(w, root, m, raw, sshsig.Armor(signature))
}

// files lists what a run's folder holds, with digests. A link could lead
// anywhere, and what is neither file nor folder cannot be packed: both are
// errors.
func files(root *os.Root) ([]File, error) {
	var out []File
	err := fs.WalkDir(root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			return fmt.Errorf("%s is not a regular file: remove it", path)
		case len(out) == MaxFiles:
			return fmt.Errorf("more than %d files", MaxFiles)
		}
		f, err := digest(root, path)
		out = append(out, f)
		return err
	})
	slices.SortFunc(out, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return out, err
}

func digest(root *os.Root, path string) (File, error) {
	f, err := root.Open(filepath.FromSlash(path))
	if err != nil {
		return File{}, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, io.LimitReader(f, MaxFile+1))
	if err == nil && n > MaxFile {
		err = fmt.Errorf("%s: more than %d bytes", path, int64(MaxFile))
	}
	return File{Path: path, Size: n, SHA256: hex.EncodeToString(h.Sum(nil))}, err
}

func pack(w io.Writer, root *os.Root, m *Manifest, manifest, signature []byte) error {
	z := zip.NewWriter(w)
	add := func(name string, r io.Reader) error {
		// Without a time: it would make two bundles of one run differ.
		e, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = io.Copy(e, r)
		}
		return err
	}
	if err := errors.Join(add(ManifestFile, bytes.NewReader(manifest)), add(SignatureFile, bytes.NewReader(signature))); err != nil {
		return err
	}
	for _, file := range m.Files {
		f, err := root.Open(filepath.FromSlash(file.Path))
		if err != nil {
			return err
		}
		h := sha256.New()
		err = add(Folder+"/"+file.Path, io.TeeReader(io.LimitReader(f, file.Size+1), h))
		if err = errors.Join(err, f.Close()); err != nil {
			return err
		}
		if hex.EncodeToString(h.Sum(nil)) != file.SHA256 {
			return fmt.Errorf("%s changed while it was packed", file.Path)
		}
	}
	return z.Close()
}

// plainPath says whether a path of a manifest is a plain one below a folder.
func plainPath(path string) bool {
	return fs.ValidPath(path) && path != "." && filepath.IsLocal(filepath.FromSlash(path)) && !strings.ContainsAny(path, "\\\x00:")
}
