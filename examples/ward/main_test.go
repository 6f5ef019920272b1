package main

import (
	"bytes"
	"strings"
	"testing"

	"scrutineer/internal/need"
)

// TestWard holds the whole election of a small ward against its declaration.
func TestWard(t *testing.T) {
	data := need.Data(t, "scottish")
	var out, log bytes.Buffer
	err := run(t.Context(), []string{"-data", data, "-ward", "blt/orkney_2017_ward5.blt", "-out", t.TempDir() + "/record"}, &out, &log)
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	if !strings.Contains(out.String(), "every decrypted total equals the declared one") {
		t.Errorf("%s", out.String())
	}
}

func TestWardThatDiffers(t *testing.T) {
	data := need.Data(t, "scottish")
	w, err := load(options{data: data, ward: "blt/orkney_2017_ward5.blt"})
	if err != nil {
		t.Fatal(err)
	}
	totals := append([]uint64{}, w.Declared...)
	totals[0]++
	var out bytes.Buffer
	if err := compare(&out, w, totals); err == nil {
		t.Error("another total than the declared one was taken for equal")
	}
}

func TestWardUnknown(t *testing.T) {
	data := need.Data(t, "scottish")
	var out, log bytes.Buffer
	if err := run(t.Context(), []string{"-data", data, "-ward", "blt/nowhere.blt"}, &out, &log); err == nil {
		t.Error("a ward that is not there was counted")
	}
}
