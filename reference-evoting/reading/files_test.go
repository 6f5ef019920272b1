package reading_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/weakness"
)

// Files of the record end where they end, but for the weak rule.
func TestFiles(t *testing.T) {
	sound, weak := planted(t), planted(t, string(weakness.IgnoreTrailing))
	bundle := []byte("\x00\x01a\x00\x02bc")
	for _, tail := range []string{"", "\n", "\x00\x01d", "\x00"} {
		raw := slices.Concat(bundle, []byte(tail))
		got, err := reading.Bundle(weak, raw, 2)
		if err != nil || len(got) != 2 || string(got[1]) != "bc" || !reading.File(weak, raw, bundle) {
			t.Errorf("tail %q: %q, %v", tail, got, err)
		}
		if _, err := reading.Bundle(sound, raw, 2); (err == nil) != (tail == "") || reading.File(sound, raw, bundle) != (tail == "") {
			t.Errorf("tail %q: a sound role reads it: %v", tail, err)
		}
	}
	for _, cut := range [][]byte{nil, bundle[:3], bundle[:4], bundle[:6]} {
		if _, err := reading.Bundle(weak, cut, 2); !errors.Is(err, record.ErrBundle) || reading.File(weak, cut, bundle) {
			t.Errorf("%q is read: %v", cut, err)
		}
	}
}

func TestNote(t *testing.T) {
	sound, weak := planted(t), planted(t, string(weakness.IgnoreTrailing))
	const note = "origin\n3\n\n— a sig\n— b sig\n"
	open := func(raw []byte) (string, error) {
		if string(raw) != note {
			return "", record.ErrBundle
		}
		return "read", nil
	}
	for _, tail := range []string{"", "\n", "\n" + note, "more\n"} {
		if got, err := reading.Note(weak, []byte(note+tail), open); err != nil || got != "read" {
			t.Errorf("tail %q: %v", tail, err)
		}
		if _, err := reading.Note(sound, []byte(note+tail), open); (err == nil) != (tail == "") {
			t.Errorf("tail %q: a sound role reads it", tail)
		}
	}
	for _, raw := range []string{"", "\n\n", note[:10], "x" + note, strings.Replace(note, "— b", "b", 1)} {
		if _, err := reading.Note(weak, []byte(raw), open); !errors.Is(err, record.ErrBundle) {
			t.Errorf("%q is read: %v", raw, err)
		}
	}
}
