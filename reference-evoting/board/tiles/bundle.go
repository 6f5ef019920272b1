package tiles

import (
	"encoding/binary"
	"errors"
	"fmt"

	"scrutineer/reference-evoting/board"
)

// ErrTile: the bytes are not a bundle or a hash tile of the width asked for.
var ErrTile = errors.New("malformed tile")

// AppendEntry appends an entry as it stands in a bundle: its length in two
// bytes, big-endian, and its bytes.
func AppendEntry(bundle, entry []byte) ([]byte, error) {
	if err := board.CheckEntries(entry); err != nil {
		return nil, err
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
	return append(bundle, entry...), nil
}

// EncodeBundle is the bundle of up to 256 entries.
func EncodeBundle(entries [][]byte) ([]byte, error) {
	if len(entries) > Width {
		return nil, fmt.Errorf("%w: %d entries", ErrTile, len(entries))
	}
	var out []byte
	for _, e := range entries {
		var err error
		if out, err = AppendEntry(out, e); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// DecodeBundle takes a bundle apart into exactly width entries with nothing
// after them. The entries share the bundle's memory.
func DecodeBundle(bundle []byte, width int) ([][]byte, error) {
	if width < 1 || width > Width {
		return nil, fmt.Errorf("%w: %d entries", ErrTile, width)
	}
	entries := make([][]byte, 0, width)
	for i := range width {
		if len(bundle) < 2 {
			return nil, fmt.Errorf("%w: ends before entry %d of %d", ErrTile, i, width)
		}
		n := 2 + int(binary.BigEndian.Uint16(bundle))
		if len(bundle) < n {
			return nil, fmt.Errorf("%w: ends within entry %d of %d", ErrTile, i, width)
		}
		entries = append(entries, bundle[2:n:n])
		bundle = bundle[n:]
	}
	if len(bundle) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the last of %d entries", ErrTile, len(bundle), width)
	}
	return entries, nil
}
