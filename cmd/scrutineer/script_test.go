package main

import (
	"flag"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scrutineer": main})
}

// Each script drives the real main; see testdata/script/README.md.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		UpdateScripts:       *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "host": startHost, "server": startServer, "sameverdicts": sameVerdicts, "certificate": certificate,
		},
	})
}

var update = flag.Bool("update", false, "write what the commands print into the scripts")
