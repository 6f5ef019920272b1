package codec_test

import (
	"encoding/json"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"scrutineer/protocols/codec"
)

// A ballot of one contest with five options, about 2.8 KB.
type benchBallot struct {
	Caster      benchCaster    `json:"caster"`
	Contests    []benchContest `json:"contests" limit:"64"`
	Fingerprint codec.Hex32    `json:"fingerprint"`
	Style       string         `json:"style" limit:"64"`
}

type benchCaster struct {
	Credential codec.Hex32 `json:"credential"`
	Kind       string      `json:"kind" limit:"16"`
}

type benchContest struct {
	Contest string        `json:"contest" limit:"64"`
	Options []benchOption `json:"options" limit:"256"`
	Sum     []codec.Hex32 `json:"sum" limit:"64"`
}

type benchOption struct {
	Alpha      codec.Hex32    `json:"alpha"`
	Beta       codec.Hex32    `json:"beta"`
	Challenges [2]codec.Hex32 `json:"challenges"`
	Responses  [2]codec.Hex32 `json:"responses"`
}

func newBenchBallot() benchBallot {
	option := benchOption{key(), key(), [2]codec.Hex32{key(), key()}, [2]codec.Hex32{key(), key()}}
	return benchBallot{benchCaster{key(), "credential"},
		[]benchContest{{"mayor", []benchOption{option, option, option, option, option}, []codec.Hex32{key(), key()}}}, key(), "style-1"}
}

func BenchmarkBallot(b *testing.B) {
	ballot := newBenchBallot()
	data, err := codec.Encode(ballot)
	if err != nil {
		b.Fatal(err)
	}
	run := func(name string, f func() error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := f(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	run("encode", func() error { _, err := codec.Encode(&ballot); return err })
	run("decode", func() error { _, err := codec.Decode[benchBallot](data, codec.Limits{}); return err })
	run("raw", func() error { _, err := codec.Decode[codec.Raw](data, codec.Limits{}); return err })
	run("refuse", func() error {
		if _, err := codec.Decode[benchBallot](data[:len(data)-1], codec.Limits{}); err == nil {
			b.Fatal("accepted")
		}
		return nil
	})
	// For comparison: the standard library, which checks next to nothing.
	run("encode/encoding-json", func() error { _, err := json.Marshal(&ballot); return err })
	run("decode/encoding-json", func() error { var v benchBallot; return json.Unmarshal(data, &v) })
	run("canonicalize/jsontext", func() error {
		v := jsontext.Value(append([]byte(nil), data...))
		return v.Canonicalize(jsontext.CanonicalizeRawInts(false))
	})
}
