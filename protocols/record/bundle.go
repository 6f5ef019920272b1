package record

import (
	"encoding/binary"
	"fmt"
)

// AppendEntry adds an entry to a bundle: two bytes of length, big endian,
// then the entry (C2SP tlog-tiles). It fails for an entry above MaxEntry.
func AppendEntry(bundle, entry []byte) ([]byte, error) {
	if len(entry) > MaxEntry {
		return bundle, fmt.Errorf("%w: entry of %d bytes", ErrTooLarge, len(entry))
	}
	bundle = binary.BigEndian.AppendUint16(bundle, uint16(len(entry)))
	return append(bundle, entry...), nil
}

// DecodeBundle splits a bundle into exactly width entries, which alias it.
func DecodeBundle(bundle []byte, width int) ([][]byte, error) {
	if width < 0 || width > TileWidth {
		return nil, fmt.Errorf("%w: width %d", ErrBundle, width)
	}
	entries := make([][]byte, 0, width)
	for rest := bundle; len(entries) < width; {
		offset := len(bundle) - len(rest)
		if len(rest) < 2 {
			return nil, fmt.Errorf("%w: ends at byte %d in the length of entry %d of %d", ErrBundle, len(bundle), len(entries), width)
		}
		n := int(binary.BigEndian.Uint16(rest))
		if rest = rest[2:]; n > len(rest) {
			return nil, fmt.Errorf("%w: entry %d at byte %d has %d bytes, %d are left", ErrBundle, len(entries), offset, n, len(rest))
		}
		entries = append(entries, rest[:n:n])
		if rest = rest[n:]; len(entries) == width && len(rest) > 0 {
			return nil, fmt.Errorf("%w: %d bytes after the last entry", ErrBundle, len(rest))
		}
	}
	if width == 0 && len(bundle) > 0 {
		return nil, fmt.Errorf("%w: %d bytes after the last entry", ErrBundle, len(bundle))
	}
	return entries, nil
}
