package ledger_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/countcentre"
	"scrutineer/reference-evoting/service/ledger"
)

// What was kept is there after a restart, once, in order; what was not is not.
func TestALedgerOutlivesItsProcess(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "a ledger?.db")
	open := func() *ledger.Ledger {
		l, err := ledger.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	second := countcentre.Line{Device: "d1", Sequence: 2, Digest: message.Digest{2}}
	first := countcentre.Line{Device: "d1", Sequence: 1, Digest: message.Digest{9}}
	fork := countcentre.Line{Device: "d1", Sequence: 1, Digest: message.Digest{1}}
	l := open()
	for _, line := range []countcentre.Line{second, first, first, fork, {Device: "d2", Sequence: 1, Digest: message.Digest{3}}} {
		must(l.Keep(ctx, line, line.Digest[:]))
	}
	must(l.Refuse(ctx, message.Digest{7}, strings.Repeat("because ", 1000)))
	must(l.Hold(ctx, message.TypeMinutes, "hall", []byte("{}")))
	must(l.Close())
	l = open()
	defer l.Close()
	lines, err := l.Lines(ctx, "d1")
	must(err)
	if want := []countcentre.Line{fork, first, second}; !slices.Equal(lines, want) {
		t.Errorf("%+v, want %+v", lines, want)
	}
	archive, err := l.Archive(ctx, first.Digest)
	if err != nil || !bytes.Equal(archive, first.Digest[:]) {
		t.Errorf("%x, %v", archive, err)
	}
	if archive, err := l.Archive(ctx, message.Digest{8}); err == nil || archive != nil {
		t.Error("an archive that was never kept is there")
	}
	if reason, err := l.Refused(ctx, message.Digest{7}); err != nil || len(reason) != 1024 {
		t.Errorf("%d bytes, %v", len(reason), err)
	}
	for id, want := range map[string]string{"hall": "{}", "school": ""} {
		if raw, err := l.Held(ctx, message.TypeMinutes, id); err != nil || string(raw) != want {
			t.Errorf("%s: %q, %v", id, raw, err)
		}
	}
}
