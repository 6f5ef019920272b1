package vectors_test

import (
	"encoding/hex"
	"errors"
	"strconv"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
)

// run asks about every case of a file.
func run[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), accepts func(t *testing.T, context C, input I) error) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			if err := accepts(t, g.Context, c.Input); (err == nil) != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, err)
			}
		}
	}
}

// decoders read the messages that codec.json names.
func decoders() map[string]func([]byte) error {
	return map[string]func([]byte) error{
		"close-channel": decoder[message.CloseChannel],
		"participation": decoder[message.Participation],
		"receipt":       decoder[message.Receipt],
		"seal":          decoder[message.Seal],
	}
}

func decoder[M any](text []byte) error {
	_, err := codec.Decode[M](text, codec.Limits{})
	return err
}

func TestCodec(t *testing.T) {
	run(t, vectors.Codec, func(t *testing.T, c vectors.CodecContext, in vectors.CodecInput) error {
		decode, ok := decoders()[c.Type]
		if !ok {
			t.Fatalf("no message is called %q", c.Type)
		}
		return decode(in.Bytes())
	})
}

func TestGroup(t *testing.T) {
	run(t, vectors.Elements, func(_ *testing.T, _ vectors.None, in vectors.Encoding) error {
		return ristretto.NewPoint().UnmarshalBinary(in.Encoding)
	})
	run(t, vectors.Scalars, func(_ *testing.T, _ vectors.None, in vectors.Encoding) error {
		return new(ristretto.Scalar).UnmarshalBinary(in.Encoding)
	})
}

var errOther = errors.New("another value")

func TestTranscripts(t *testing.T) {
	run(t, vectors.Transcripts, func(t *testing.T, c vectors.TranscriptContext, in vectors.TranscriptInput) error {
		text := transcript.New(c.Label)
		for _, f := range in.Fields {
			add(t, text, f)
		}
		digest := text.Sum()
		challenge, err := ristretto.ReduceScalar(digest).MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if digest != in.Digest || [32]byte(challenge) != in.Challenge {
			return errOther
		}
		return nil
	})
}

func add(t *testing.T, text *transcript.Transcript, f vectors.Field) {
	t.Helper()
	switch f.Type {
	case "string":
		text.String(f.Value)
		return
	case "uint", "list":
		n, err := strconv.ParseUint(f.Value, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if f.Type == "uint" {
			text.Uint(n)
		} else {
			text.List(int(n))
		}
		return
	}
	b, err := hex.DecodeString(f.Value)
	if err != nil {
		t.Fatal(err)
	}
	if f.Type == "bytes" {
		text.Bytes(b)
		return
	}
	fixed := map[string]func([32]byte) *transcript.Transcript{"point": text.Point, "scalar": text.Scalar, "digest": text.Digest}
	fixed[f.Type]([32]byte(b))
}

func TestTrackers(t *testing.T) {
	run(t, vectors.Trackers, func(_ *testing.T, _ vectors.None, in vectors.TrackerInput) error {
		b := in.Ballot
		caster := transcript.Caster(b.Caster)
		if caster != in.Caster || transcript.Ciphertexts(b.Fingerprint, b.Style, b.Contests) != in.Ciphertexts ||
			transcript.Proofs(caster, b.Contests) != in.Proofs || transcript.Tracker(&b) != in.Tracker {
			return errOther
		}
		return nil
	})
}

// Every manifest has its setupID beside it, sound or not.
func TestSetupIDs(t *testing.T) {
	f, err := vectors.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			id, err := transcript.SetupID(&c.Input.Manifest, c.Input.Ceremony)
			if err != nil || id != c.Input.SetupID {
				t.Errorf("tcId %d: setupID %x (%v), the file says %s", c.TcID, id, err, c.Input.SetupID)
			}
		}
	}
}

// Contexts are never malformed: what they say about an election fits.
func TestElectionsOfContexts(t *testing.T) {
	check := func(e vectors.Election) {
		id, err := transcript.SetupID(&e.Manifest, e.Ceremony)
		if err != nil || id != e.SetupID {
			t.Errorf("setupID %x (%v), the context says %s", id, err, e.SetupID)
		}
		key := ristretto.NewPoint()
		for _, list := range e.Commitments {
			p := ristretto.NewPoint()
			if err := p.UnmarshalBinary(list[0][:]); err != nil {
				t.Fatal(err)
			}
			key.Add(key, p)
		}
		if key.Bytes() != e.ElectionKey {
			t.Errorf("the constant terms add up to %s, the context says %s", key, e.ElectionKey)
		}
	}
	casts, err := vectors.Casts()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range casts.TestGroups {
		check(g.Context.Election)
	}
	submissions, err := vectors.Submissions()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range submissions.TestGroups {
		check(g.Context.Election)
	}
}

// The loader is strict about everything but the layout.
func TestRecordsAreFolders(t *testing.T) {
	f, err := vectors.Records()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			files, err := g.Context.Record(c.Input)
			if err != nil || len(files) == 0 {
				t.Errorf("tcId %d: %d files, %v", c.TcID, len(files), err)
			}
		}
	}
	if _, err := f.TestGroups[0].Context.Record(vectors.RecordInput{Files: map[string][]uint64{"a": {1 << 40}}}); err == nil {
		t.Error("a part that there is not was found")
	}
}
