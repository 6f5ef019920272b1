package bundle_test

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"scrutineer/internal/need"
	"scrutineer/reports/bundle"
	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
)

var now = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func key(t *testing.T, b byte) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{b}, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func packed(t *testing.T) []byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "run-of-march")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := sample.Write(dir, sample.Small); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := bundle.Write(&b, dir, key(t, 1), now); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func check(raw []byte, keys ...ssh.PublicKey) (*bundle.Manifest, ssh.PublicKey, error) {
	return bundle.Check(bytes.NewReader(raw), int64(len(raw)), keys)
}

func TestRoundTrip(t *testing.T) {
	raw := packed(t)
	if !bytes.Equal(raw, packed(t)) {
		t.Error("two bundles of one run differ")
	}
	mine := key(t, 1).PublicKey()
	m, signer, err := check(raw, key(t, 2).PublicKey(), mine)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(signer.Marshal(), mine.Marshal()) || m.Started.Seed == "" || m.Finished == nil || len(m.Files) < 3 || m.Files[0].Path != "events.jsonl" {
		t.Errorf("%s signs %+v", ssh.FingerprintSHA256(signer), m)
	}
	if _, _, err := check(raw, key(t, 2).PublicKey()); !errors.Is(err, bundle.ErrBundle) {
		t.Errorf("a stranger's signature: %v", err)
	}
}

// change packs a bundle again, with other entries.
func change(t *testing.T, raw []byte, edit func(name string, data []byte) (string, []byte), add map[string]string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, data []byte) {
		f, err := w.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name := f.Name
		if edit != nil {
			name, data = edit(f.Name, data)
		}
		if name != "" {
			put(name, data)
		}
	}
	for name, data := range add {
		put(name, []byte(data))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTampered(t *testing.T) {
	raw, mine := packed(t), key(t, 1).PublicKey()
	if _, _, err := check(change(t, raw, nil, nil), mine); err != nil {
		t.Fatalf("packed again: %v", err)
	}
	in := func(target string, f func([]byte) []byte) func(string, []byte) (string, []byte) {
		return func(name string, data []byte) (string, []byte) {
			if name == target {
				data = f(data)
			}
			return name, data
		}
	}
	for name, c := range map[string]struct {
		edit func(string, []byte) (string, []byte)
		add  map[string]string
		want string
	}{
		"a byte of a file":   {edit: in("run/events.jsonl", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), want: "digest differs"},
		"a longer file":      {edit: in("run/events.jsonl", func(b []byte) []byte { return append(b, '\n') }), want: "has not the"},
		"a byte of manifest": {edit: in("manifest.json", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }), want: "does not hold"},
		"no signature":       {edit: func(n string, b []byte) (string, []byte) { return strings.TrimSuffix(n, "manifest.json.sig"), b }, want: "is missing"},
		"no events":          {edit: func(n string, b []byte) (string, []byte) { return strings.TrimSuffix(n, "run/events.jsonl"), b }, want: "events.jsonl is missing"},
		"one file more":      {add: map[string]string{"run/extra": "x"}, want: "not in the manifest"},
		"one outside":        {add: map[string]string{"../../evil": "x"}, want: "not in the manifest"},
		"one twice":          {add: map[string]string{"run/events.jsonl": "x"}, want: "in it twice"},
		"a signature of noise": {edit: in("manifest.json.sig", func([]byte) []byte {
			return []byte("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n")
		}), want: "manifest.json.sig"},
	} {
		_, _, err := check(change(t, raw, c.edit, c.add), mine)
		if !errors.Is(err, bundle.ErrBundle) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range [][]byte{nil, []byte("no zip"), raw[:len(raw)/2]} {
		if _, _, err := check(bad, mine); !errors.Is(err, bundle.ErrBundle) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	dir := t.TempDir()
	if err := sample.WriteEvents(dir, []event.Event{{RunStarted: &event.RunStarted{Seed: "1"}}}); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle.Write(io.Discard, dir, key(t, 1), now); err == nil || !strings.Contains(err.Error(), "link") {
		t.Errorf("a link was packed: %v", err)
	}
	empty := t.TempDir()
	if err := sample.WriteEvents(empty, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := bundle.Write(io.Discard, empty, key(t, 1), now); err == nil {
		t.Error("a run without a beginning was packed")
	}
}

// OpenSSH is of the same opinion about the signature.
func TestOpenSSHVerifies(t *testing.T) {
	tool := need.SSHKeygen(t)
	dir := t.TempDir()
	change(t, packed(t), func(name string, data []byte) (string, []byte) {
		if !strings.Contains(name, "/") {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return "", nil
	}, nil)
	allowed := filepath.Join(dir, "allowed")
	if err := os.WriteFile(allowed, append([]byte("lab "), ssh.MarshalAuthorizedKey(key(t, 1).PublicKey())...), 0o600); err != nil {
		t.Fatal(err)
	}
	verify := func(data []byte) ([]byte, error) {
		cmd := exec.Command(tool, "-Y", "verify", "-f", allowed, "-I", "lab", "-n", bundle.Namespace, "-s", filepath.Join(dir, "manifest.json.sig"))
		cmd.Stdin = bytes.NewReader(data)
		return cmd.CombinedOutput()
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if out, err := verify(manifest); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if _, err := verify(append(manifest, ' ')); err == nil {
		t.Error("another manifest verifies, too")
	}
}
