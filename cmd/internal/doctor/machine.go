package doctor

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Machine is what Examine asks. Here is the machine of this process; tests
// replace its answers.
type Machine struct {
	OS           func() string
	Arch         func() string
	Cores        func() int
	Memory       func() (uint64, error) // bytes this process may use
	TempDir      func() string
	TryWrite     func(folder string) error // leaves nothing behind
	TryFolder    func(folder string) error
	TryListen    func() error
	Docker       func() (address string, err error) // an engine that answers
	LookPath     func(name string) (string, error)
	PerfParanoia func() (int, error)
	Root         func() bool
}

// This returns the machine of this process.
func This() Machine {
	return Machine{
		OS:           func() string { return runtime.GOOS },
		Arch:         func() string { return runtime.GOARCH },
		Cores:        func() int { return runtime.GOMAXPROCS(0) },
		Memory:       memoryOf(os.ReadFile),
		TempDir:      os.TempDir,
		TryWrite:     tryWrite,
		TryFolder:    tryFolder,
		TryListen:    tryListen,
		Docker:       func() (string, error) { return dial(os.Getenv("DOCKER_HOST")) },
		LookPath:     exec.LookPath,
		PerfParanoia: perfParanoia,
		Root:         func() bool { return os.Geteuid() == 0 },
	}
}

// memoryOf returns the memory of the machine, or the limit of the control
// group where that is lower.
func memoryOf(read func(string) ([]byte, error)) func() (uint64, error) {
	return func() (uint64, error) {
		info, err := read("/proc/meminfo")
		if err != nil {
			return 0, errors.New("cannot be asked on this system")
		}
		total, err := memTotal(info)
		if err != nil {
			return 0, err
		}
		for _, file := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
			text, err := read(file)
			if err != nil {
				continue
			}
			if limit, err := strconv.ParseUint(strings.TrimSpace(string(text)), 10, 64); err == nil {
				total = min(total, limit)
			}
		}
		return total, nil
	}
}

func memTotal(info []byte) (uint64, error) {
	for lines := bufio.NewScanner(bytes.NewReader(info)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) == 3 && fields[0] == "MemTotal:" && fields[2] == "kB" {
			kib, err := strconv.ParseUint(fields[1], 10, 54)
			if err != nil {
				return 0, fmt.Errorf("reading /proc/meminfo: %w", err)
			}
			return kib << 10, nil
		}
	}
	return 0, errors.New("/proc/meminfo does not say")
}

// tryWrite writes into the folder, or where it is not there yet into the
// nearest one above it, in which it would be made.
func tryWrite(folder string) error {
	at, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	for {
		info, err := os.Stat(at)
		if err == nil {
			if !info.IsDir() {
				return fmt.Errorf("%s is not a folder", at)
			}
			break
		}
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(at) == at {
			return err
		}
		at = filepath.Dir(at)
	}
	f, err := os.CreateTemp(at, ".doctor-*")
	if err != nil {
		return err
	}
	_, writeErr := f.WriteString("x")
	return errors.Join(writeErr, f.Close(), os.Remove(f.Name()))
}

func tryFolder(folder string) error {
	info, err := os.Stat(folder)
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%s is not a folder", folder)
	}
	return err
}

func tryListen() error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	return l.Close()
}

// dial connects to the engine at host, a URL as in DOCKER_HOST; "" is the
// usual socket.
func dial(host string) (string, error) {
	if host == "" {
		host = "unix:///var/run/docker.sock"
	}
	u, err := url.Parse(host)
	if err != nil {
		return "", fmt.Errorf("DOCKER_HOST: %w", err)
	}
	address := u.Host
	if u.Scheme == "unix" {
		address = u.Path
	}
	conn, err := net.DialTimeout(u.Scheme, address, 2*time.Second)
	if err != nil {
		return "", err
	}
	return host, conn.Close()
}

func perfParanoia() (int, error) {
	text, err := os.ReadFile("/proc/sys/kernel/perf_event_paranoid")
	if err != nil {
		return 0, errors.New("cannot be asked on this system")
	}
	level, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("reading kernel.perf_event_paranoid: %w", err)
	}
	return level, nil
}
