package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"scrutineer/reports/event"
)

// startHost starts `scrutineer reference host` on any port, with more flags
// where there are any, and puts its URL into a variable:
//
//	host URL
func startHost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: host variable [flags...]")
	}
	startServer(ts, false, append([]string{"host=" + args[0], "reference", "host", "--listen", "127.0.0.1:0"}, args[1:]...))
}

// startServer starts a command that serves, waits until it has said where, and
// puts that into variables:
//
//	server manage=PORT,public=URL reference serve …
func startServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: server word=variable,... command...")
	}
	variables := map[string]string{}
	for pair := range strings.SplitSeq(args[0], ",") {
		word, variable, _ := strings.Cut(pair, "=")
		variables[word] = variable
	}
	cmd := exec.Command(program(ts), append(args[1:], "--until-stdin-closes")...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), "HOME="+ts.Getenv("HOME"))
	stdin, err := cmd.StdinPipe()
	ts.Check(err)
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	lines := bufio.NewReader(stdout)
	ts.Defer(func() {
		_ = stdin.Close()
		_, _ = io.Copy(io.Discard, lines)
		if err := cmd.Wait(); err != nil {
			ts.Logf("%v ended: %v", args[1:], err)
		}
	})
	for len(variables) > 0 {
		line, err := lines.ReadString('\n')
		if err != nil {
			ts.Fatalf("%v ended before it served: %v", args[1:], err)
		}
		word, url, _ := strings.Cut(strings.TrimSpace(line), " ")
		ts.Setenv(variables[word], url)
		delete(variables, word)
	}
}

// program is where scrutineer is.
func program(ts *testscript.TestScript) string {
	for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
		if _, err := os.Stat(filepath.Join(dir, "scrutineer")); err == nil {
			return filepath.Join(dir, "scrutineer")
		}
	}
	ts.Fatalf("there is no scrutineer")
	return ""
}

// sameVerdicts compares the verdicts of two runs:
//
//	sameverdicts runs/latest other/latest
func sameVerdicts(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: sameverdicts run run")
	}
	one, two := verdictsOf(ts, args[0]), verdictsOf(ts, args[1])
	if len(one) == 0 || !slices.Equal(one, two) {
		ts.Fatalf("%d and %d verdicts:\n%s\n\n%s", len(one), len(two), strings.Join(one, "\n"), strings.Join(two, "\n"))
	}
}

func verdictsOf(ts *testscript.TestScript, dir string) []string {
	var out []string
	for line := range strings.Lines(ts.ReadFile(filepath.Join(dir, "events.jsonl"))) {
		var e event.Event
		ts.Check(json.Unmarshal([]byte(line), &e))
		if v := e.Verdict; v != nil {
			out = append(out, fmt.Sprintf("%s/%s %s %v: %s, as expected %t", v.Scenario, v.SubCase, v.Run, v.Planted, v.Judgement, v.AsExpected))
		}
	}
	slices.Sort(out)
	return out
}

// certificate writes a certificate of 127.0.0.1 and its key:
//
//	certificate cert.pem key.pem
func certificate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: certificate cert key")
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	ts.Check(err)
	t := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	raw, err := x509.CreateCertificate(rand.Reader, t, t, public, private)
	ts.Check(err)
	key, err := x509.MarshalPKCS8PrivateKey(private)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}), 0o600))
}
