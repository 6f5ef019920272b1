package reading

import (
	"bytes"
	"encoding/binary"
	"strings"

	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/weakness"
)

// Bundle splits a bundle of entries. The weak rule is that of whoever counts
// entries and does not ask whether any bytes are left.
func Bundle(weak weakness.View, raw []byte, width int) ([][]byte, error) {
	entries, err := record.DecodeBundle(raw, width)
	if err == nil || !weak.Has(weakness.IgnoreTrailing) {
		return entries, err
	}
	end := 0
	for range width {
		if len(raw)-end < 2 {
			return nil, err
		}
		end += 2 + int(binary.BigEndian.Uint16(raw[end:]))
	}
	if end > len(raw) {
		return nil, err
	}
	return record.DecodeBundle(raw[:end:end], width)
}

// File compares a file of the record with what the entries give. The weak rule
// reads as many bytes as it expects.
func File(weak weakness.View, there, want []byte) bool {
	return weak.Widen(weakness.IgnoreTrailing, bytes.Equal(there, want), func() bool { return bytes.HasPrefix(there, want) })
}

// Note opens a signed note. The weak rule reads signature lines for as long as
// there are any, and leaves it at that.
func Note[T any](weak weakness.View, raw []byte, open func([]byte) (T, error)) (T, error) {
	note, err := open(raw)
	if err == nil || !weak.Has(weakness.IgnoreTrailing) {
		return note, err
	}
	at := strings.Index(string(raw), "\n\n")
	if at < 0 {
		return note, err
	}
	end := at + 2
	for line := range strings.Lines(string(raw[end:])) {
		if !strings.HasPrefix(line, "— ") {
			break
		}
		end += len(line)
	}
	return open(raw[:end:end])
}
