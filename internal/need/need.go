// Package need says what a test needs beyond Go: the real election data, a
// browser, a container engine. Where the machine lacks it the test is skipped
// with a reason; under SCRUTINEER_REQUIRE=all, as in the gate, it fails.
//
// Only tests import it, and the layer test holds them to that.
package need

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// T is what need asks of a test; *testing.T, *testing.B and GinkgoT() have it.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Skipf(format string, args ...any)
}

// Data returns the path of the file or folder elem within the election data:
// SCRUTINEER_DATA, or ../shared/data beside the repository.
func Data(t T, elem ...string) string {
	t.Helper()
	folder := os.Getenv("SCRUTINEER_DATA")
	if folder == "" {
		root, err := repository()
		if err != nil {
			t.Fatalf("need: %v", err)
			return ""
		}
		folder = filepath.Join(root, "..", "shared", "data")
	}
	path := filepath.Join(append([]string{folder}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		missing(t, "the election data %s is not there (SCRUTINEER_DATA names its folder): %v", path, err)
	}
	return path
}

// Chromium returns the path of a Chromium that can be driven headless.
func Chromium(t T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "no chromium is installed (make deps installs it where it may)")
	return ""
}

// Python returns the path of a Python 3.
func Python(t T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		missing(t, "no python3 is installed (make deps installs it where it may)")
	}
	return path
}

// SSHKeygen returns the path of OpenSSH's ssh-keygen.
func SSHKeygen(t T) string {
	t.Helper()
	path, err := exec.LookPath("ssh-keygen")
	if err != nil {
		missing(t, "no ssh-keygen is installed (make deps installs it where it may)")
	}
	return path
}

// Docker makes sure that a container engine answers at the socket that
// DOCKER_HOST names, or at the usual one.
func Docker(t T) {
	t.Helper()
	network, address := "unix", "/var/run/docker.sock"
	if host := os.Getenv("DOCKER_HOST"); host != "" {
		u, err := url.Parse(host)
		if err != nil {
			t.Fatalf("need: DOCKER_HOST: %v", err)
			return
		}
		if network, address = u.Scheme, u.Host; network == "unix" {
			address = u.Path
		}
	}
	conn, err := net.DialTimeout(network, address, 2*time.Second)
	if err != nil {
		missing(t, "no container engine answers: %v", err)
		return
	}
	_ = conn.Close()
}

// Tracing ends a test that has to change the kernel's answers to a program of its
// own, and was told by err that it may not.
func Tracing(t T, err error) {
	t.Helper()
	missing(t, "a program cannot be traced here (linux on amd64, and ptrace allowed): %v", err)
}

func missing(t T, format string, args ...any) {
	t.Helper()
	reason := fmt.Sprintf(format, args...)
	if os.Getenv("SCRUTINEER_REQUIRE") == "all" {
		t.Fatalf("%s, and SCRUTINEER_REQUIRE=all requires it", reason)
		return
	}
	// Ginkgo keeps the reason of a skipped spec to itself; the summary of
	// `make test` finds it in the output.
	fmt.Fprintf(os.Stderr, "need: %s\n", reason)
	t.Skipf("%s", reason)
}

// repository returns the folder of our go.mod, upwards of the folder in which
// the test runs.
func repository() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("finding the repository: %w", err)
	}
	for {
		mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(mod), "module scrutineer\n") {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("finding the repository: no go.mod of scrutineer upwards")
		}
		dir = parent
	}
}
