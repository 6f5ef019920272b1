package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The files in the repository are what the command would write.
func TestVectorsAreUpToDate(t *testing.T) {
	dir := ".."
	files, err := build(dir)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[filepath.Join(dir, f.path)] = true
		there, err := os.ReadFile(filepath.Join(dir, f.path))
		if err != nil || !bytes.Equal(there, f.data) {
			t.Errorf("%s is not what go run ./protocols/vectors/generate writes (%v)", f.path, err)
		}
	}
	for _, pattern := range []string{"*.json", "schema/*.json"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			if !wanted[name] {
				t.Errorf("%s: nobody writes this file", name)
			}
		}
	}
}

func TestIDs(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ids.txt")
	if err := os.WriteFile(path, []byte("a 7 one comment\na 3 gone\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	known, err := readIDs(path)
	if err != nil {
		t.Fatal(err)
	}
	for comment, want := range map[string]uint64{"one comment": 7, "gone": 3} {
		if got := known.number("a", comment); got != want {
			t.Errorf("%q has number %d, want %d", comment, got, want)
		}
	}
	if got := known.number("a", "new"); got != 8 {
		t.Errorf("a new case has number %d, want 8: numbers are never used again", got)
	}
	if got := known.number("b", "new"); got != 1 {
		t.Errorf("the first case of a kind has number %d", got)
	}
	if got, want := string(known.text()), "a 3 gone\na 7 one comment\na 8 new\nb 1 new\n"; got != want {
		t.Errorf("written as %q, want %q", got, want)
	}
	if err := os.WriteFile(path, []byte("a x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := readIDs(path); err == nil {
		t.Error("a broken line was read")
	}
}

func TestLayoutKeepsTheValue(t *testing.T) {
	long := `["` + string(bytes.Repeat([]byte("x"), width)) + `",{"b":[1,2],"a":"é\n"}]`
	got := pretty([]byte(long))
	want := "[\n  \"" + string(bytes.Repeat([]byte("x"), width)) + "\",\n  {\"b\":[1,2],\"a\":\"é\\n\"}\n]"
	if string(got) != want {
		t.Errorf("got %s", got)
	}
	if short := `{"a":1}`; string(pretty([]byte(short))) != short {
		t.Error("a short value was broken into lines")
	}
}
