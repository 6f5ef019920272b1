package event

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/go-json-experiment/json"
)

// Bounds of what a Reader accepts.
const (
	// MaxLine is the longest line in bytes, newline included.
	MaxLine = 4 << 20
	// MaxLines is the largest number of lines of one file.
	MaxLines = 4 << 20
)

// Errors of the reader, besides those of Validate.
var (
	// ErrLineTooLong means that a line exceeds MaxLine.
	ErrLineTooLong = errors.New("line too long")
	// ErrTooManyLines means that a file exceeds MaxLines.
	ErrTooManyLines = errors.New("too many lines")
	// ErrTruncated means that the last line has no newline: the writer was
	// killed. Everything before it is intact.
	ErrTruncated = errors.New("last line is cut off")
	// ErrSequence means that a line is missing, doubled or out of order.
	ErrSequence = errors.New("sequence number out of order")
	// ErrCanonical means that a line is not in canonical form.
	ErrCanonical = errors.New("line is not in canonical form")
)

// Reader reads a stream strictly: unknown and doubled names, invalid UTF-8,
// values outside their lists, gaps in the numbering and anything that is not
// the canonical form are errors that name file and line.
type Reader struct {
	r      *bufio.Reader
	name   string
	stream Stream
	line   int
	err    error
}

// NewReader returns a reader of r; name stands in errors.
func NewReader(r io.Reader, name string, s Stream) *Reader {
	return &Reader{r: bufio.NewReaderSize(r, 64<<10), name: name, stream: s}
}

// Next returns the next event, or io.EOF after the last one. An error stays.
func (r *Reader) Next() (Event, error) {
	if r.err != nil {
		return Event{}, r.err
	}
	e, err := r.next()
	switch {
	case err == io.EOF:
		r.err = io.EOF
	case err != nil:
		r.err = fmt.Errorf("%s:%d: %w", r.name, r.line, err)
	}
	return e, r.err
}

// All iterates over the events; an error is the last thing it yields.
func (r *Reader) All() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for {
			e, err := r.Next()
			if err == io.EOF || !yield(e, err) || err != nil {
				return
			}
		}
	}
}

func (r *Reader) next() (Event, error) {
	line, err := r.readLine()
	if err != nil {
		return Event{}, err
	}
	var e Event
	if err := json.Unmarshal(line, &e, json.RejectUnknownMembers(true)); err != nil {
		return Event{}, versionOr(line, err)
	}
	if err := e.Validate(r.stream); err != nil {
		return Event{}, err
	}
	if e.Seq != int64(r.line) {
		return Event{}, fmt.Errorf("%w: %d, want %d", ErrSequence, e.Seq, r.line)
	}
	again, err := Encode(e)
	if err != nil {
		return Event{}, err
	}
	if !bytes.Equal(again, line) {
		return Event{}, ErrCanonical
	}
	return e, nil
}

// readLine returns a line without its newline; the bytes are its own.
func (r *Reader) readLine() ([]byte, error) {
	var line []byte
	r.line++
	for {
		part, err := r.r.ReadSlice('\n')
		if len(line)+len(part) > MaxLine {
			return nil, ErrLineTooLong
		}
		line = append(line, part...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && len(line) == 0:
			return nil, io.EOF
		case err == io.EOF:
			return nil, ErrTruncated
		case err != nil:
			return nil, err
		case r.line > MaxLines:
			return nil, ErrTooManyLines
		}
		return line[:len(line)-1], nil
	}
}

// versionOr returns ErrVersion where line was written by another version,
// whose members this one cannot know, and otherwise err.
func versionOr(line []byte, err error) error {
	var v struct {
		Schema int `json:"schema"`
	}
	if json.Unmarshal(line, &v) == nil && (v.Schema < oldest || v.Schema > Schema) {
		return fmt.Errorf("%w %d, this build reads %d to %d", ErrVersion, v.Schema, oldest, Schema)
	}
	return err
}
