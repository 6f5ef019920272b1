package main

import (
	"bytes"
	"encoding/base64"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
)

// recordSuite finds the parts of its current group by their text.
type recordSuite struct {
	*suite[vectors.RecordContext, vectors.RecordInput]
	numbers map[string]uint64
}

func recordVectors(b *book) {
	s := &recordSuite{suite: newSuite[vectors.RecordContext, vectors.RecordInput](b, "records",
		"Does this record pass?",
		"A whole record (SPEC.md §5), with the manifest and keys that it brings along; nothing is pinned. Of an invalid one the named check fails, and the others that are named may fail as well.",
		"For each file the numbers of the parts of the context that it is put together from. An entry as a part stands for two bytes of length and its canonical form.")}
	s.group("a village votes", vectors.RecordContext{Parts: []vectors.Part{}})
	s.valid("everybody votes, one twice, one challenge", played(s, village()))
	for _, list := range [][]mutant{fileMutants(), headMutants(), orderMutants(), ballotMutants(), chainMutants(), closeMutants(), tallyMutants(), resultMutants()} {
		addMutants(s, list, village)
	}
	s.group("one ballot, too few to publish", vectors.RecordContext{Parts: []vectors.Part{}})
	s.valid("a withheld cell", played(s, lonely()))
	addMutants(s, withheldMutants(), lonely)
	s.group("nobody votes", vectors.RecordContext{Parts: []vectors.Part{}})
	s.valid("no ballots", played(s, silent()))
	for _, list := range [][]mutant{manifestMutants(), ceremonyMutants(), confirmMutants(), listMutants()} {
		addMutants(s, list, silent)
	}
	s.group("two vote where there is an identity service", vectors.RecordContext{Parts: []vectors.Part{}})
	s.valid("an identity service authorises and lists", played(s, identified()))
	addMutants(s, identityMutants(), identified)
	s.group("the ceremony is aborted", vectors.RecordContext{Parts: []vectors.Part{}})
	abortRecords(s)
	s.finish()
}

// mutant is a record that fails one check. Further checks that may fail with
// it follow the first.
type mutant struct {
	checks, flag, comment string
	change                func(s *election.Script)
}

func addMutants(s *recordSuite, list []mutant, base func() election.Script) {
	for _, m := range list {
		script := base()
		m.change(&script)
		s.invalid(m.checks, m.comment, played(s, script), m.flag)
	}
}

// played makes the record of a script, as the parts of the group.
func played(s *recordSuite, script election.Script) vectors.RecordInput {
	files := election.Play(script).Record()
	out := vectors.RecordInput{Files: map[string][]uint64{}}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		numbers := []uint64{}
		for _, part := range split(path, files[path]) {
			numbers = append(numbers, store(s, part))
		}
		out.Files[path] = numbers
	}
	return out
}

// store finds the part's number, or adds it.
func store(s *recordSuite, part vectors.Part) uint64 {
	context := s.context()
	if len(context.Parts) == 0 {
		s.numbers = map[string]uint64{}
	}
	key := string(election.Encode(part))
	n, known := s.numbers[key]
	if !known {
		n = uint64(len(context.Parts))
		s.numbers[key] = n
		context.Parts = append(context.Parts, part)
	}
	return n
}

// split takes a file apart: bundles by their entries, others as they are.
func split(path string, file []byte) []vectors.Part {
	if !strings.HasPrefix(path, "tile/entries/") {
		return []vectors.Part{whole(file)}
	}
	out := []vectors.Part{}
	for len(file) > 0 {
		length := len(file)
		if len(file) >= 2 {
			length = min(length, 2+int(file[0])<<8+int(file[1]))
		}
		piece := file[:length]
		file = file[length:]
		out = append(out, entryPart(piece))
	}
	return out
}

// entryPart shows an entry where it is one in canonical form.
func entryPart(piece []byte) vectors.Part {
	if len(piece) > 2 {
		entry, err := codec.Decode[message.Entry](piece[2:], codec.Limits{})
		part := vectors.Part{Entry: &entry}
		if b, bad := part.Bytes(); err == nil && bad == nil && bytes.Equal(b, piece) {
			return part
		}
	}
	return vectors.Part{Base64: base64.StdEncoding.EncodeToString(piece)}
}

func whole(file []byte) vectors.Part {
	if len(file) > 0 && utf8.Valid(file) && !bytes.ContainsRune(file, 0) {
		return vectors.Part{Text: string(file)}
	}
	return vectors.Part{Base64: base64.StdEncoding.EncodeToString(file)}
}

// village is the script of the first group.
func village() election.Script {
	return election.Script{Manifest: election.Village(), Deeds: map[string]election.Deed{}, Voting: []election.Action{
		{Name: "cast 1", Voter: "voter-1", Choices: map[string][]string{"council": {"ada"}, "motion": {"approve"}}},
		{Name: "cast 2", Voter: "voter-2", Choices: map[string][]string{"council": {"ben"}}},
		{Name: "challenge", Voter: "voter-3", Challenge: true, Choices: map[string][]string{"council": {"ada"}}},
		{Name: "cast 3", Voter: "voter-3", Choices: map[string][]string{"council": {"blank"}}},
		{Name: "cast 4", Voter: "voter-4", Choices: map[string][]string{"motion": {"approve"}}},
		{Name: "cast 5", Voter: "voter-5", Choices: map[string][]string{"council": {"ada"}}},
		{Name: "cast 6", Voter: "voter-6", Choices: map[string][]string{"council": {"ben"}, "motion": {"approve"}}},
		{Name: "cast 7", Voter: "voter-1", Choices: map[string][]string{"council": {"ben"}}},
	}}
}

// lonely is the script of the second group.
func lonely() election.Script {
	return election.Script{Manifest: election.Village(), Deeds: map[string]election.Deed{}, Voting: []election.Action{
		{Name: "cast", Voter: "voter-3", Choices: map[string][]string{"council": {"ada"}, "motion": {"approve"}}},
	}}
}

// silent is the script of the third.
func silent() election.Script {
	return election.Script{Manifest: election.Village(), Deeds: map[string]election.Deed{}}
}

// deed is a mutant that departs at one step.
func deed(checks, flag, comment, step string, d election.Deed) mutant {
	return mutant{checks, flag, comment, func(s *election.Script) { s.Deeds[step] = d }}
}

// body is a mutant whose message at one step is changed before it is signed.
func body[M any](checks, flag, comment, step string, change func(m *M)) mutant {
	return deed(checks, flag, comment, step, election.Deed{Body: func(body any) { change(body.(*M)) }})
}

// extra is a mutant with one more thing on the board, before a step.
func extra(checks, flag, comment, before string, post func(e *election.Election)) mutant {
	return deed(checks, flag, comment, before, election.Deed{Before: post})
}
