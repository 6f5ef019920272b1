package challenge_test

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"testing"

	"scrutineer/harness/verify/challenge"
	"scrutineer/protocols/vectors"
)

// each asks about every case of a file whether it is accepted.
func each[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), accepts func(C, I) bool) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			if got := accepts(g.Context, c.Input); got != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s, accepted: %t", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, got)
			}
		}
	}
}

func TestVectorsOfTranscripts(t *testing.T) {
	each(t, vectors.Transcripts, func(ctx vectors.TranscriptContext, in vectors.TranscriptInput) bool {
		text := challenge.Start(ctx.Label)
		for _, f := range in.Fields {
			var err error
			if text, err = addField(text, f); err != nil {
				t.Fatal(err)
			}
		}
		scalar := text.Scalar()
		return text.Sum() == in.Digest && scalar.Bytes() == in.Challenge
	})
}

func addField(text challenge.Text, f vectors.Field) (challenge.Text, error) {
	switch f.Type {
	case "string":
		return text.Str(f.Value), nil
	case "uint":
		n, err := strconv.ParseUint(f.Value, 10, 64)
		return text.Uint(n), err
	case "list":
		n, err := strconv.Atoi(f.Value)
		return text.List(n), err
	}
	b, err := hex.DecodeString(f.Value)
	if err != nil || f.Type != "bytes" && len(b) != 32 {
		return text, fmt.Errorf("field %s %s: %w", f.Type, f.Value, err)
	}
	switch f.Type {
	case "point":
		return text.Pt([32]byte(b)), nil
	case "scalar":
		return text.Sc([32]byte(b)), nil
	case "digest":
		return text.Dig([32]byte(b)), nil
	}
	return text.Bytes(b), nil
}

func TestVectorsOfTrackers(t *testing.T) {
	each(t, vectors.Trackers, func(_ vectors.None, in vectors.TrackerInput) bool {
		b := in.Ballot
		caster := challenge.Caster(b.Caster.Credential)
		hct := challenge.Ciphertexts(b.Fingerprint, b.Style, b.Contests)
		hpr := challenge.Proofs(caster, b.Contests)
		return caster == in.Caster && hct == in.Ciphertexts && hpr == in.Proofs &&
			challenge.Tracker(b.Fingerprint, b.Style, hct, hpr) == in.Tracker
	})
}
