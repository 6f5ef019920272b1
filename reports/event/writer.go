package event

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxText is the longest string that a line carries, in bytes. Longer ones
// are cut by the writer with a visible mark: a hostile target must not be able
// to fill a report, nor to keep the run from being written.
const MaxText = 16 << 10

// Writer appends events to a stream: canonical JSON (RFC 8785), one line in
// one call of the underlying Write, so that a killed process leaves at most
// one broken line. It is safe for concurrent use.
type Writer struct {
	mu     sync.Mutex
	w      io.Writer
	stream Stream
	now    func() time.Time
	seq    int64
	// broken is set when a line went out in part; nothing may follow it.
	broken error
}

// NewWriter returns a writer that numbers lines from 1 and takes the time of
// events that have none from now.
func NewWriter(w io.Writer, s Stream, now func() time.Time) *Writer {
	return &Writer{w: w, stream: s, now: now}
}

// Write fills in Schema, Seq and, where it is zero, Time, and appends e.
func (w *Writer) Write(e Event) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken != nil {
		return w.broken
	}
	e.Schema, e.Seq = Schema, w.seq+1
	if e.Time.IsZero() {
		e.Time = w.now()
	}
	e.Time = e.Time.UTC().Round(0)
	if err := e.Validate(w.stream); err != nil {
		return fmt.Errorf("write %s: %w", w.stream, err)
	}
	line, err := Encode(e)
	if err != nil {
		return fmt.Errorf("write %s: %w", w.stream, err)
	}
	if len(line) >= MaxLine {
		return fmt.Errorf("write %s: %w: %s of %d bytes", w.stream, ErrLineTooLong, e.Kind(), len(line))
	}
	if n, err := w.w.Write(append(line, '\n')); err != nil {
		err = fmt.Errorf("write %s: %w", w.stream, err)
		if n > 0 {
			w.broken = err
		}
		return err
	}
	w.seq = e.Seq
	return nil
}

// Encode returns the canonical bytes of e without a newline. Text that is not
// UTF-8 gets replacement characters, text above MaxText is cut.
func Encode(e Event) ([]byte, error) {
	b, err := json.Marshal(e, jsontext.AllowInvalidUTF8(true), json.WithMarshalers(
		json.MarshalToFunc(func(enc *jsontext.Encoder, s string) error {
			return enc.WriteToken(jsontext.String(Clip(s, MaxText)))
		})))
	if err != nil {
		return nil, err
	}
	v := jsontext.Value(b)
	if err := v.Canonicalize(); err != nil {
		return nil, err
	}
	return v, nil
}

// clipMark is room for the mark that Clip appends.
const clipMark = 40

// Clip returns s as valid UTF-8 of at most limit bytes. Where it had to cut,
// the text ends in a mark that says how many bytes are missing. Limits below
// 64 are raised to 64, so that the mark has room.
func Clip(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	limit = max(limit, 64)
	if len(s) <= limit {
		return s
	}
	cut := limit - clipMark
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s… [%d bytes cut]", s[:cut], len(s)-cut)
}

// File is a Writer on a file.
type File struct {
	*Writer
	f *os.File
}

// Create makes a new file; it fails where one exists.
func Create(path string, s Stream, now func() time.Time) (*File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, err
	}
	return &File{Writer: NewWriter(f, s, now), f: f}, nil
}

// Append opens a file whose lines are all intact and continues its numbers.
func Append(path string, s Stream, now func() time.Time) (*File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	w := NewWriter(f, s, now)
	for e, err := range NewReader(f, path, s).All() {
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		w.seq = e.Seq
	}
	return &File{Writer: w, f: f}, nil
}

// Sync makes the lines written so far durable. Lines reach the operating
// system as they are written; only a power cut loses them without Sync.
func (f *File) Sync() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f.Sync()
}

// Close closes the file.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.f.Close()
}
