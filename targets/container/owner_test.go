package container

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestOwnersThatAreNotThereAnyMore(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // there is no table of processes to look at
	}
	o, err := self()
	if err != nil {
		t.Fatal(err)
	}
	other := func(change func(*owner)) string {
		c := o
		change(&c)
		return c.String()
	}
	for _, c := range []struct {
		name, label string
		gone        bool
	}{
		{"ourselves", o.String(), false},
		{"a process that never was", other(func(c *owner) { c.pid = 1 << 30 }), true},
		{"an earlier process of our number", other(func(c *owner) { c.start = "1" }), true},
		{"somebody on another machine", other(func(c *owner) { c.boot, c.pid = "elsewhere", 1<<30 }), false},
		{"somebody with processes of his own", other(func(c *owner) { c.space, c.pid = "4026530000", 1<<30 }), false},
		{"nobody that can be read", "x", false},
	} {
		if got := o.outlived(c.label); got != c.gone {
			t.Errorf("%s (%s): gone %v", c.name, c.label, got)
		}
	}
}

func TestWhatCannotBeTheImage(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := fit(script, runtime.GOARCH); !errors.Is(err, errUnfit) {
		t.Errorf("a script: %v", err)
	}
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := fit(own, "s390x"); !errors.Is(err, errUnfit) {
		t.Errorf("a program for another processor: %v", err)
	}
}
