package verify_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// TestAnyByte changes bytes of every file: each change is rejected.
func TestAnyByte(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for name, rec := range map[string]record.Memory{
		"small": small(testelection.Hooks{}).Record(), "chunked": chunked(), "aborted": complained(true, "t1")} {
		for _, path := range slices.Sorted(maps.Keys(rec)) {
			t.Run(name+"/"+path, func(t *testing.T) {
				t.Parallel()
				for range 6 {
					at, bit := random.IntN(len(rec[path])), byte(1)<<random.IntN(8)
					copied := maps.Clone(rec)
					copied[path] = slices.Clone(rec[path])
					copied[path][at] ^= bit
					for _, intact := range []bool{false, true} {
						r := check(t, copied, verify.Options{Workers: 1, Intact: intact})
						if r.Passed || len(r.Findings) == 0 {
							t.Errorf("byte %d of %s with bit %#x changed, intact %t: passed", at, path, bit, intact)
						}
					}
				}
			})
		}
	}
}

// TestIntactFirst holds that looking at the copy first changes nothing for a
// copy that is whole, and tells of a damaged one what is damaged and no more.
func TestIntactFirst(t *testing.T) {
	rec := chunked()
	first, all := check(t, rec, verify.Options{Intact: true}), check(t, rec, verify.Options{})
	if !first.Passed || !reflect.DeepEqual(first, all) {
		t.Errorf("a whole copy: %+v, want %+v", first, all)
	}
	for path, want := range map[string]verify.Check{
		"checkpoint": verify.Heads, "tile/0/000.p/": verify.Tree, "tile/entries/": verify.Tree, "chunk/": verify.Entries,
	} {
		for name := range rec {
			if !strings.HasPrefix(name, path) {
				continue
			}
			copied := maps.Clone(rec)
			copied[name] = slices.Clone(rec[name])
			copied[name][len(copied[name])-3] ^= 1
			r := check(t, copied, verify.Options{Intact: true})
			if r.Passed || len(r.Findings) == 0 || r.Findings[0].Check > want {
				t.Errorf("%s: %+v, want %s", name, r.Findings, want)
			}
		}
	}
}

// TestAnyFile cuts, lengthens, empties and removes every file.
func TestAnyFile(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of records of 20 MiB")
	}
	rec := chunked()
	for path, data := range rec {
		for name, changed := range map[string][]byte{
			"cut": data[:len(data)-1], "half": data[:len(data)/2], "longer": append(slices.Clone(data), 0),
			"empty": {}, "gone": nil, "huge": make([]byte, 20<<20)} {
			copied := maps.Clone(rec)
			if copied[path] = changed; changed == nil {
				delete(copied, path)
			}
			r := check(t, copied, verify.Options{Workers: 1})
			if r.Passed || len(r.Findings) == 0 {
				t.Errorf("%s %s: passed", path, name)
			}
		}
	}
}

// hostile are records that nobody would make in earnest.
func hostile(t *testing.T) map[string]record.Memory {
	base := small(testelection.Hooks{}).Record()
	with := func(changes record.Memory) record.Memory {
		m := maps.Clone(base)
		maps.Copy(m, changes)
		return m
	}
	head := func(size string) []byte {
		return bytes.Replace(base["checkpoint"], []byte("\n36\n"), []byte("\n"+size+"\n"), 1)
	}
	deep := []byte(strings.Repeat("[", 60000))
	out := map[string]record.Memory{
		"nothing":          {},
		"checkpoint alone": {"checkpoint": base["checkpoint"]},
		"size 0":           with(record.Memory{"checkpoint": head("0")}),
		"size 2^40":        with(record.Memory{"checkpoint": head("1099511627776")}),
		"size 2^63-1":      with(record.Memory{"checkpoint": head("9223372036854775807")}),
		"size 2^64":        with(record.Memory{"checkpoint": head("18446744073709551616")}),
		"size -1":          with(record.Memory{"checkpoint": head("-1")}),
		"far bundle":       with(record.Memory{"tile/entries/x999/x999/x999/999": {}}),
		"far bundle only":  {"tile/entries/x004/x294/x967/000": {}, "checkpoint": head("1099511627776")},
		"strange paths":    with(record.Memory{"../../etc/passwd": {}, "/": {}, "": {}, "tile/\x00": {}, strings.Repeat("a/", 5000): {}}),
		"long checkpoint":  with(record.Memory{"checkpoint": bytes.Repeat([]byte("— a AAAAAAAA\n"), 6000)}),
	}
	for name, entries := range map[string][][]byte{
		"no entries":       {},
		"empty entries":    make([][]byte, 300),
		"deep entry":       {deep, deep},
		"null":             {[]byte("null")},
		"no manifest":      {[]byte(`{"body":{},"context":"` + strings.Repeat("00", 32) + `","type":"seal","version":1}`)},
		"one chunk often":  manyChunks(),
		"entries reversed": reversed(small(testelection.Hooks{}).Entries()),
		"entries twice":    slices.Concat(small(testelection.Hooks{}).Entries(), small(testelection.Hooks{}).Entries()),
	} {
		m, _, err := record.Export{Entries: record.Slice(entries), Chunks: record.Slice([][]byte{bytes.Repeat([]byte{'['}, message.ChunkSize)}),
			Checkpoints: map[record.Moment][]byte{record.Final: base["checkpoint"]}}.Memory()
		if err != nil {
			t.Fatal(err)
		}
		out[name] = m
	}
	for name, manifest := range strangeManifests() {
		e := testelection.New(testelection.Small())
		e.Hooks = edit(0, func(_ *message.Entry, b *message.ManifestBody) { manifest(&b.Manifest) })
		e.PostManifest()
		out["manifest/"+name] = e.Record()
	}
	return out
}

// manyChunks are entries that name one chunk as often as they can.
func manyChunks() [][]byte {
	digest := record.Path{Kind: record.KindChunk}
	for path := range must2(record.Export{Chunks: record.Slice([][]byte{bytes.Repeat([]byte{'['}, message.ChunkSize)}), Entries: record.Slice(nil)}.Memory()) {
		digest, _ = record.Parse(path)
	}
	e := message.Entry{Type: message.TypeCast, Version: 1, Size: message.MaxBody}
	for range message.MaxBody / message.ChunkSize {
		e.Chunks = append(e.Chunks, digest.Digest)
	}
	return slices.Repeat([][]byte{encoded(e)}, 20)
}

func must2[T, U any](v T, _ U, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func reversed(entries [][]byte) [][]byte {
	out := slices.Clone(entries)
	slices.Reverse(out)
	return out
}

// strangeManifests have numbers at the ends of their ranges.
func strangeManifests() map[string]func(*message.Manifest) {
	const most = 1<<53 - 1
	return map[string]func(*message.Manifest){
		"threshold 0":       func(m *message.Manifest) { m.Threshold = 0 },
		"threshold most":    func(m *message.Manifest) { m.Threshold = most },
		"quorum most":       func(m *message.Manifest) { m.Quorum = most },
		"max most":          func(m *message.Manifest) { m.Contests[0].Max = most },
		"min above max":     func(m *message.Manifest) { m.Contests[0].Min = most },
		"seats most":        func(m *message.Manifest) { m.Contests[0].Method.Seats = most },
		"no seats":          func(m *message.Manifest) { m.Contests[0].Method.Seats = 0 },
		"no trustees":       func(m *message.Manifest) { m.Trustees = nil },
		"no units":          func(m *message.Manifest) { m.Units = nil },
		"no weights":        func(m *message.Manifest) { m.Weights = nil },
		"no options":        func(m *message.Manifest) { m.Contests[0].Options = nil },
		"no styles":         func(m *message.Manifest) { m.Styles = nil },
		"no contests":       func(m *message.Manifest) { m.Contests = nil },
		"no channels":       func(m *message.Manifest) { m.Channels = nil },
		"no witnesses":      func(m *message.Manifest) { m.Witnesses = nil },
		"same trustees":     func(m *message.Manifest) { m.Trustees[1] = m.Trustees[0] },
		"trustee 99":        func(m *message.Manifest) { m.Trustees[1].Index = 99 },
		"same contests":     func(m *message.Manifest) { m.Contests = append(m.Contests, m.Contests[0]) },
		"contest not known": func(m *message.Manifest) { m.Styles[0].Contests = []string{"x"} },
		"origin hostile":    func(m *message.Manifest) { m.Board.Origin = "a\nb +" },
		"times most": func(m *message.Manifest) {
			m.Channels[0].Closes, m.Channels[0].MaxExtension, m.PollInterval = most, most, most
		},
		"title hostile":   func(m *message.Manifest) { m.Title = strings.Repeat("<script>\x00", 1000) },
		"encryption zero": func(m *message.Manifest) { m.Trustees[0].Encryption = message.Element{} },
	}
}

func TestHostileRecords(t *testing.T) {
	for name, rec := range hostile(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			r := check(t, rec, verify.Options{})
			agrees(t, rec, r)
			if r.Passed || len(r.Findings) == 0 {
				t.Errorf("passed")
			}
			for _, f := range r.Findings {
				if len(f.Message) > 300 {
					t.Errorf("a message of %d bytes", len(f.Message))
				}
			}
			if d := time.Since(start); d > time.Minute {
				t.Errorf("took %v", d)
			}
		})
	}
}

// TestStrangeElections plays whole elections under manifests that V-08
// refuses: the rest of the checks go on and do not fall over.
func TestStrangeElections(t *testing.T) {
	for name, change := range strangeManifests() {
		if slices.Contains([]string{"threshold most", "max most", "min above max"}, name) {
			continue // the test's own trustees and voters would not end
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if p := recover(); p != nil && !strings.Contains(fmt.Sprint(p), "verify") {
					t.Logf("the test's own roles cannot play it: %v", p)
				}
			}()
			e := testelection.New(testelection.Small())
			e.Edit = func(_ *message.Entry, body any) {
				if b, ok := body.(*message.ManifestBody); ok {
					change(&b.Manifest)
				}
			}
			e.Setup()
			vote(e)
			e.Finish()
			rec := e.Record()
			r := check(t, rec, verify.Options{})
			agrees(t, rec, r)
			if r.Passed && name != "times most" { // which is allowed
				t.Error("passed")
			}
		})
	}
}
