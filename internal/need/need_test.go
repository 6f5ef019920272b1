package need_test

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scrutineer/internal/need"
)

// recorder is a test that remembers how it ended.
type recorder struct{ ended string }

func (r *recorder) Helper() {}
func (r *recorder) Fatalf(format string, args ...any) {
	r.ended = "failed: " + fmt.Sprintf(format, args...)
}
func (r *recorder) Skipf(format string, args ...any) {
	r.ended = "skipped: " + fmt.Sprintf(format, args...)
}

var (
	_ need.T = (*testing.T)(nil)
	_ need.T = (*testing.B)(nil)
)

func TestWhatIsMissingSkips(t *testing.T) {
	empty := t.TempDir()
	t.Setenv("SCRUTINEER_DATA", empty)
	t.Setenv("PATH", empty)
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(empty, "none.sock"))
	asks := map[string]func(need.T){
		"data":     func(r need.T) { need.Data(r, "scottish", "official.json") },
		"chromium": func(r need.T) { need.Chromium(r) },
		"docker":   func(r need.T) { need.Docker(r) },
		"tracing":  func(r need.T) { need.Tracing(r, os.ErrPermission) },
	}
	for name, ask := range asks {
		t.Run(name, func(t *testing.T) {
			for require, want := range map[string]string{"": "skipped: ", "all": "failed: "} {
				t.Setenv("SCRUTINEER_REQUIRE", require)
				var r recorder
				ask(&r)
				if !strings.HasPrefix(r.ended, want) {
					t.Errorf("SCRUTINEER_REQUIRE=%q: ended %q, want it %q", require, r.ended, want)
				}
			}
		})
	}
}

func TestWhatIsThereIsReturned(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("SCRUTINEER_REQUIRE", "all")
	t.Setenv("SCRUTINEER_DATA", folder)
	t.Setenv("PATH", folder)
	for _, name := range []string{"chromium", "official.json"} {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	socket, err := net.Listen("unix", filepath.Join(folder, "docker.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	t.Setenv("DOCKER_HOST", "unix://"+socket.Addr().String())

	var r recorder
	if got, want := need.Data(&r, "official.json"), filepath.Join(folder, "official.json"); got != want {
		t.Errorf("Data = %q, want %q", got, want)
	}
	if got, want := need.Chromium(&r), filepath.Join(folder, "chromium"); got != want {
		t.Errorf("Chromium = %q, want %q", got, want)
	}
	need.Docker(&r)
	if r.ended != "" {
		t.Errorf("what is there is not accepted: %s", r.ended)
	}
}

func TestDefaultDataFolderLiesBesideTheRepository(t *testing.T) {
	t.Setenv("SCRUTINEER_DATA", "")
	t.Setenv("SCRUTINEER_REQUIRE", "")
	var r recorder
	got := need.Data(&r)
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(wd, "..", "..", "..", "shared", "data"); got != want {
		t.Errorf("Data = %q, want %q", got, want)
	}
}
