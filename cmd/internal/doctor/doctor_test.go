package doctor

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// healthy is a machine on which everything works.
func healthy() Machine {
	ok := func(string) error { return nil }
	return Machine{
		OS: func() string { return "linux" }, Arch: func() string { return "amd64" },
		Cores: func() int { return 2 }, Memory: func() (uint64, error) { return 8 << 30, nil },
		TempDir: func() string { return "/tmp" }, TryWrite: ok, TryFolder: ok, TryListen: func() error { return nil },
		Docker:       func() (string, error) { return "unix:///var/run/docker.sock", nil },
		LookPath:     func(name string) (string, error) { return "/usr/bin/" + name, nil },
		PerfParanoia: func() (int, error) { return 2, nil }, Root: func() bool { return false },
	}
}

func TestHealthyMachine(t *testing.T) {
	r := Examine(healthy(), Needs{Out: "runs", Data: "data"})
	if !r.Able {
		t.Error("not able")
	}
	for _, c := range r.Checks {
		if c.Status != OK || c.Detail == "" || c.Without != "" {
			t.Errorf("%+v", c)
		}
	}
}

func TestWhatIsMissingIsToldWithWhatIsLeftOut(t *testing.T) {
	bad := errors.New("broken")
	tests := map[string]struct {
		breaks func(*Machine)
		want   Status
	}{
		"system":               {func(m *Machine) { m.OS = func() string { return "plan9" } }, Limited},
		"cores":                {func(m *Machine) { m.Cores = func() int { return 1 } }, Limited},
		"memory":               {func(m *Machine) { m.Memory = func() (uint64, error) { return 1 << 30, nil } }, Limited},
		"loopback":             {func(m *Machine) { m.TryListen = func() error { return bad } }, Limited},
		"containers":           {func(m *Machine) { m.Docker = func() (string, error) { return "", bad } }, Limited},
		"chromium":             {func(m *Machine) { m.LookPath = func(string) (string, error) { return "", bad } }, Limited},
		"election data":        {func(m *Machine) { m.TryFolder = func(string) error { return bad } }, Limited},
		"performance counters": {func(m *Machine) { m.PerfParanoia = func() (int, error) { return 3, nil } }, Limited},
		"runs folder": {func(m *Machine) {
			m.TryWrite = func(folder string) error {
				if folder == "runs" {
					return bad
				}
				return nil
			}
		}, Failed},
		"temporary folder": {func(m *Machine) {
			m.TryWrite = func(folder string) error {
				if folder == "/tmp" {
					return bad
				}
				return nil
			}
		}, Failed},
	}
	if want := len(Examine(healthy(), Needs{}).Checks); len(tests) != want {
		t.Errorf("%d checks are tested, there are %d", len(tests), want)
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := healthy()
			test.breaks(&m)
			r := Examine(m, Needs{Out: "runs", Data: "data"})
			for _, c := range r.Checks {
				switch {
				case c.Name == name && (c.Status != test.want || c.Without == ""):
					t.Errorf("%+v, want it %s", c, test.want)
				case c.Name != name && c.Status != OK:
					t.Errorf("%+v has nothing to do with it", c)
				}
			}
			if r.Able != (test.want != Failed) {
				t.Errorf("able: %v", r.Able)
			}
		})
	}
}

func TestRootMeasuresAtAnyLevel(t *testing.T) {
	m := healthy()
	m.PerfParanoia = func() (int, error) { return 4, nil }
	m.Root = func() bool { return true }
	if c := perf(m); c.Status != OK {
		t.Errorf("%+v", c)
	}
}

func TestMemoryIsTheLowerOfMachineAndControlGroup(t *testing.T) {
	for name, test := range map[string]struct {
		files map[string]string
		want  uint64
		fails bool
	}{
		"machine":       {map[string]string{"/proc/meminfo": "MemFree: 1 kB\nMemTotal:  4194304 kB\n"}, 4 << 30, false},
		"control group": {map[string]string{"/proc/meminfo": "MemTotal: 4194304 kB\n", "/sys/fs/cgroup/memory.max": "1073741824\n"}, 1 << 30, false},
		"no limit":      {map[string]string{"/proc/meminfo": "MemTotal: 4194304 kB\n", "/sys/fs/cgroup/memory.max": "max\n"}, 4 << 30, false},
		"no proc":       {nil, 0, true},
		"does not say":  {map[string]string{"/proc/meminfo": "MemFree: 1 kB\n"}, 0, true},
		"too large":     {map[string]string{"/proc/meminfo": "MemTotal: 99999999999999999999 kB\n"}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := memoryOf(func(file string) ([]byte, error) {
				if text, ok := test.files[file]; ok {
					return []byte(text), nil
				}
				return nil, fs.ErrNotExist
			})()
			if got != test.want || (err != nil) != test.fails {
				t.Errorf("%d, %v", got, err)
			}
		})
	}
}

func TestTryWriteLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{
		folder:                               true,
		filepath.Join(folder, "not", "yet"):  true,
		file:                                 false,
		filepath.Join(file, "below-a-file"):  false,
		filepath.Join(folder, "a\x00b", "c"): false,
	} {
		if err := tryWrite(path); (err == nil) != want {
			t.Errorf("tryWrite(%q) = %v", path, err)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestEngineAnswers(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := "tcp://" + l.Addr().String()
	if got, err := dial(host); err != nil || got != host {
		t.Errorf("dial = %q, %v", got, err)
	}
	l.Close()
	for _, gone := range []string{host, "unix:///nonexistent.sock", "://", "carrier-pigeon://x"} {
		if _, err := dial(gone); err == nil {
			t.Errorf("dial(%q) finds an engine", gone)
		}
	}
}

func TestThisMachineAnswers(t *testing.T) {
	folder := t.TempDir()
	r := Examine(This(), Needs{Out: folder, Data: folder})
	for _, c := range r.Checks {
		if c.Status == "" || c.Detail == "" || (c.Status == OK) != (c.Without == "") {
			t.Errorf("%+v", c)
		}
	}
}
