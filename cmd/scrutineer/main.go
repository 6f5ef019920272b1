// Command scrutineer plays whole elections against a voting system, attacks
// it, and judges from evidence what the system prevented, what its own
// defences detected, and what got through.
//
// There is one file a command, holding one constructor new…Command(a *app);
// root.go lists them. What a command may rely on, and what it owes, is said in
// cmd/internal/shell. A command parses flags, wires the packages that do the
// work, and returns an error with an exit code; it holds no logic of its own.
package main

import (
	"context"
	"io"
	"log"
	"os"

	"github.com/go-logr/logr"
	"k8s.io/klog/v2"

	"scrutineer/cmd/internal/shell"
)

// app is what the shell hands to every command: streams, text for people,
// clock, randomness, logs.
type app = shell.App

func main() {
	// The log library below writes to klog, past all of ours, and its errors to
	// standard error wherever its output goes.
	klog.SetLogger(logr.Discard())
	// So does net/http when a server sends what nobody asked for: its words are
	// the target's.
	log.SetOutput(io.Discard)
	a := shell.New()
	os.Exit(int(a.Execute(context.Background(), newRootCommand(a), os.Args[1:])))
}
