package html_test

import (
	"bytes"
	"testing"

	"scrutineer/reports/html"
	"scrutineer/reports/run"
)

func render(t *testing.T, dir string) []byte {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := html.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
