// Package pack is the archive in which a polling place's files travel on
// removable media: a ZIP archive (APPNOTE 6.3) with one spelling. Files are
// stored and not compressed, under fixed names in a fixed order, without times,
// attributes, comments or extra fields. A reader takes exactly the bytes that
// [Write] would have written, so that nothing in an archive can be read in two
// ways, and no name leads out of it.
//
// What is in the files it does not know.
package pack

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrArchive is wrapped by errors of [Read].
var ErrArchive = errors.New("not an archive of the one form")

// File is one file of an archive.
type File struct {
	Name    string
	Content []byte
}

// The signatures of the three kinds of header.
const (
	localSignature   = 0x04034b50
	centralSignature = 0x02014b50
	endSignature     = 0x06054b50
)

// The fixed fields: version 1.0 needed, which stores; the first day there is,
// in the format of MS-DOS.
const (
	version = 10
	date    = 1<<5 | 1
)

const localLength = 30

var little = binary.LittleEndian

// Write makes an archive of the files, in their order. Names are not checked:
// an archive that is not of the expected names is for tests and attacks.
func Write(files []File) []byte {
	var out, directory []byte
	for _, f := range files {
		offset := len(out)
		sum := crc32.ChecksumIEEE(f.Content)
		out = little.AppendUint32(out, localSignature)
		out = append(common(out, f, sum), f.Name...)
		out = append(out, f.Content...)

		directory = little.AppendUint32(directory, centralSignature)
		directory = little.AppendUint16(directory, version) // made by
		directory = common(directory, f, sum)
		directory = append(directory, make([]byte, 10)...) // comment, disk, attributes
		directory = little.AppendUint32(directory, uint32(offset))
		directory = append(directory, f.Name...)
	}
	start := len(out)
	out = append(out, directory...)
	out = little.AppendUint32(out, endSignature)
	out = append(out, 0, 0, 0, 0) // disks
	out = little.AppendUint16(out, uint16(len(files)))
	out = little.AppendUint16(out, uint16(len(files)))
	out = little.AppendUint32(out, uint32(len(directory)))
	out = little.AppendUint32(out, uint32(start))
	return append(out, 0, 0) // comment
}

// common is what both headers of a file have.
func common(out []byte, f File, sum uint32) []byte {
	for _, n := range []uint16{version, 0, 0, 0, date} { // flags, method, time
		out = little.AppendUint16(out, n)
	}
	for _, n := range []uint32{sum, uint32(len(f.Content)), uint32(len(f.Content))} {
		out = little.AppendUint32(out, n)
	}
	out = little.AppendUint16(out, uint16(len(f.Name)))
	return little.AppendUint16(out, 0) // extra
}

// Read takes an archive of at most limit bytes that has files of these names in
// this order and nothing else, and gives their contents in it. The contents lie
// in raw.
func Read(raw []byte, limit int, names ...string) ([][]byte, error) {
	if len(raw) > limit {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrArchive, len(raw), limit)
	}
	rest := raw
	files := make([]File, len(names))
	out := make([][]byte, len(names))
	for i, name := range names {
		content, err := next(rest, name)
		if err != nil {
			return nil, err
		}
		rest = rest[localLength+len(name)+len(content):]
		files[i], out[i] = File{name, content}, content
	}
	if again := Write(files); !bytes.Equal(again, raw) {
		return nil, fmt.Errorf("%w: it differs at byte %d from how these files are written", ErrArchive, firstDifference(again, raw))
	}
	return out, nil
}

// next is the content of the file at the start of rest, which has this name.
func next(rest []byte, name string) ([]byte, error) {
	if len(rest) < localLength+len(name) || little.Uint32(rest) != localSignature {
		return nil, fmt.Errorf("%w: where %s belongs there is no file", ErrArchive, name)
	}
	if got := rest[localLength : localLength+len(name)]; int(little.Uint16(rest[26:])) != len(name) || string(got) != name {
		return nil, fmt.Errorf("%w: where %s belongs there is a file of another name", ErrArchive, name)
	}
	size := uint64(little.Uint32(rest[18:]))
	body := rest[localLength+len(name):]
	if size > uint64(len(body)) {
		return nil, fmt.Errorf("%w: %s is cut: it has %d bytes of %d", ErrArchive, name, len(body), size)
	}
	return body[:size], nil
}

func firstDifference(a, b []byte) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}
