package pack

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// ErrContents is wrapped by errors of [Decode] about a file of a pack: which
// one, where in it, and what is wrong.
var ErrContents = errors.New("not the contents of a pack")

// Contents is what a device's pack holds (SPEC.md S-56).
type Contents struct {
	Pack        message.Pack
	Ballots     []message.SignedBallot
	CheckIns    message.CheckIns
	Nonces      message.Nonces
	Events      []message.Event
	ZeroReport  message.ZeroReport
	CloseReport message.CloseReport
}

// Names are the files of a pack, in their order.
func Names() []string {
	return []string{message.FilePack, message.FileBallots, message.FileCheckIns, message.FileNonces,
		message.FileEvents, message.FileZeroReport, message.FileCloseReport}
}

// Digest names an archive: SHA-256 of its bytes.
func Digest(archive []byte) message.Digest { return sha256.Sum256(archive) }

// files are the archive's, pack.json first.
func (c *Contents) files() ([]File, error) {
	ballots, err := lines(c.Ballots)
	if err != nil {
		return nil, err
	}
	events, err := lines(c.Events)
	if err != nil {
		return nil, err
	}
	out := []File{{Name: message.FilePack}, {Name: message.FileBallots, Content: ballots}, {Name: message.FileCheckIns},
		{Name: message.FileNonces}, {Name: message.FileEvents, Content: events}, {Name: message.FileZeroReport}, {Name: message.FileCloseReport}}
	for i, v := range map[int]any{0: c.Pack, 2: c.CheckIns, 3: c.Nonces, 5: c.ZeroReport, 6: c.CloseReport} {
		if out[i].Content, err = codec.Encode(v); err != nil {
			return nil, fmt.Errorf("%s: %w", out[i].Name, err)
		}
	}
	return out, nil
}

// Files names the files of a pack but for pack.json, with their digests: what
// its device signs.
func (c *Contents) Files() ([]message.PackFile, error) {
	files, err := c.files()
	if err != nil {
		return nil, err
	}
	var out []message.PackFile
	for _, f := range files[1:] {
		out = append(out, message.PackFile{Digest: sha256.Sum256(f.Content), Name: f.Name})
	}
	return out, nil
}

// Encode makes the archive.
func (c *Contents) Encode() ([]byte, error) {
	files, err := c.files()
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	return Write(files), nil
}

func lines[T any](list []T) ([]byte, error) {
	var out []byte
	for _, v := range list {
		line, err := codec.Encode(v)
		if err != nil {
			return nil, err
		}
		out = append(append(out, line...), '\n')
	}
	return out, nil
}

// Decode reads an archive of at most [message.MaxPack] bytes: form, canonical
// messages, and that pack.json names the other files with their digests. Who
// signed what, and whether it adds up, it does not look at.
func Decode(archive []byte) (Contents, error) {
	files, err := Read(archive, message.MaxPack, Names()...)
	if err != nil {
		return Contents{}, err
	}
	var c Contents
	for i, read := range []func([]byte) error{
		one(&c.Pack), many(&c.Ballots), one(&c.CheckIns), one(&c.Nonces), many(&c.Events), one(&c.ZeroReport), one(&c.CloseReport),
	} {
		if err := read(files[i]); err != nil {
			return Contents{}, fmt.Errorf("%w: %s: %w", ErrContents, Names()[i], err)
		}
	}
	if len(c.Pack.Files) != len(files)-1 {
		return Contents{}, fmt.Errorf("%w: %s names %d files, want %d", ErrContents, message.FilePack, len(c.Pack.Files), len(files)-1)
	}
	for i, f := range c.Pack.Files {
		if name := Names()[i+1]; f.Name != name || f.Digest != sha256.Sum256(files[i+1]) {
			return Contents{}, fmt.Errorf("%w: %s is not the file that %s names", ErrContents, name, message.FilePack)
		}
	}
	return c, nil
}

func one[T any](to *T) func([]byte) error {
	return func(raw []byte) (err error) {
		*to, err = codec.Decode[T](raw, codec.Limits{Size: message.MaxPack})
		return err
	}
}

// many reads one message a line; the last line ends too.
func many[T any](to *[]T) func([]byte) error {
	return func(raw []byte) error {
		for n := 1; len(raw) > 0; n++ {
			line, rest, ended := bytes.Cut(raw, []byte{'\n'})
			if !ended {
				return fmt.Errorf("line %d does not end", n)
			}
			v, err := codec.Decode[T](line, codec.Limits{Size: message.MaxBody})
			if err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
			*to, raw = append(*to, v), rest
		}
		return nil
	}
}
