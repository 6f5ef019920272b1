package main

import (
	"bytes"
	"strings"

	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors/internal/election"
)

// fileMutants change the folder (V-01, V-03).
func fileMutants() []mutant {
	files := func(checks, flag, comment string, change func(files map[string][]byte)) mutant {
		return mutant{checks, flag, comment, func(s *election.Script) { s.Files = change }}
	}
	find := func(files map[string][]byte, prefix string) string {
		for path := range files {
			if strings.HasPrefix(path, prefix) {
				return path
			}
		}
		panic("generate: no file " + prefix)
	}
	return []mutant{
		files("V-01", "StrayFile", "a file that does not belong", func(f map[string][]byte) { f["README"] = []byte("read me\n") }),
		files("V-01", "StrayFile", "a chunk that no entry names", func(f map[string][]byte) {
			f["chunk/"+strings.Repeat("00", 32)] = []byte("chunk")
		}),
		files("V-01", "StrayFile", "an older tile beside the widest", func(f map[string][]byte) {
			f["tile/0/000.p/5"] = bytes.Clone(f[find(f, "tile/0/")][:160])
		}),
		files("V-01", "StrayFile", "a second checkpoint", func(f map[string][]byte) { f["checkpoints/final"] = f["checkpoint"] }),
		files("V-01", "MissingFile", "no final checkpoint", func(f map[string][]byte) { delete(f, "checkpoint") }),
		files("V-01", "MissingFile", "no checkpoint of the close", func(f map[string][]byte) { delete(f, "checkpoints/closed") }),
		files("V-01", "MissingFile", "no tile", func(f map[string][]byte) { delete(f, find(f, "tile/0/")) }),
		files("V-01", "MissingFile", "no entries", func(f map[string][]byte) { delete(f, find(f, "tile/entries/")) }),
		files("V-03", "BrokenTree", "one bit of a hash in the tile", func(f map[string][]byte) { f[find(f, "tile/0/")][33] ^= 1 }),
		files("V-03 V-01", "BrokenTree", "tile cut short", func(f map[string][]byte) {
			path := find(f, "tile/0/")
			f[path] = f[path][:len(f[path])-32]
		}),
		files("V-03 V-07 V-42", "BrokenTree", "another winner written into the result", func(f map[string][]byte) {
			path := find(f, "tile/entries/")
			f[path] = bytes.Replace(f[path], []byte(`"winners":["ben"]`), []byte(`"winners":["ada"]`), 1)
		}),
		files("V-03 V-01", "BrokenTree", "a byte after the last entry", func(f map[string][]byte) {
			path := find(f, "tile/entries/")
			f[path] = append(f[path], 0)
		}),
	}
}

// headMutants change the checkpoints (V-02, V-04, V-34).
func headMutants() []mutant {
	head := func(checks, flag, comment, moment string, change func(h *election.Checkpoint)) mutant {
		return mutant{checks, flag, comment, func(s *election.Script) {
			s.Head = func(m string, h *election.Checkpoint) {
				if m == moment {
					change(h)
				}
			}
		}}
	}
	moved := func(seconds int64) func(h *election.Checkpoint) {
		return func(h *election.Checkpoint) {
			for i := range h.Witnesses {
				h.Witnesses[i].At = uint64(int64(h.Witnesses[i].At) + seconds)
			}
		}
	}
	return []mutant{
		head("V-02", "TooFewCosignatures", "one cosignature on the final checkpoint", "", func(h *election.Checkpoint) { h.Witnesses = h.Witnesses[:1] }),
		head("V-02", "TooFewCosignatures", "no cosignature on the checkpoint of the seal", "sealed", func(h *election.Checkpoint) { h.Witnesses = nil }),
		head("V-02", "RepeatedLine", "one witness twice on the final checkpoint", "", func(h *election.Checkpoint) { h.Witnesses[1] = h.Witnesses[0] }),
		head("V-02", "ContextConfusion", "final checkpoint of another origin", "", func(h *election.Checkpoint) { h.Origin = "other.example/board" }),
		{"V-02", "UnknownSigner", "a third line by a stranger on the final checkpoint", func(s *election.Script) {
			s.Note = func(m string, note []byte) []byte {
				if m != "" {
					return note
				}
				text, _, _ := strings.Cut(string(note), "\n\n")
				return append(note, election.WitnessLine(text+"\n", "witness-9", election.Closes, election.Seed.Signing("stranger"))...)
			}
		}},
		head("V-03 V-04", "SplitView", "final checkpoint of another tree", "", func(h *election.Checkpoint) { h.Root[0] ^= 1 }),
		head("V-04", "SplitView", "checkpoint of the opening of another tree", "opened", func(h *election.Checkpoint) { h.Root[0] ^= 1 }),
		head("V-04", "SplitView", "checkpoint of the seal of another tree", "sealed", func(h *election.Checkpoint) { h.Root[0] ^= 1 }),
		{"V-04", "WrongMoment", "checkpoint of the opening before the opening", func(s *election.Script) {
			s.Head = func(m string, h *election.Checkpoint) {
				if m == "opened" {
					h.Size, h.Root = h.Size-1, election.RootOf(election.Open(silent()).Entries[:h.Size-1])
				}
			}
		}},
		{"V-04 V-34", "WrongMoment", "checkpoint of the opening in place of that of the seal", func(s *election.Script) {
			s.Files = func(f map[string][]byte) { f["checkpoints/sealed"] = f["checkpoints/opened"] }
		}},
		{"V-04 V-34", "WrongMoment", "final checkpoint in place of that of the close", func(s *election.Script) {
			s.Files = func(f map[string][]byte) { f["checkpoints/closed"] = f["checkpoint"] }
		}},
		head("V-34", "OutOfWindow", "opened an hour too early", "opened", moved(-3600)),
		{"V-34", "OutOfWindow", "closed an hour too late", func(s *election.Script) {
			s.Head = func(m string, h *election.Checkpoint) {
				if m != "opened" {
					moved(3600)(h)
				}
			}
		}},
		head("V-34", "OutOfWindow", "sealed before it was closed", "sealed", moved(-120)),
	}
}

// orderMutants have entries that are malformed, by the wrong role or out of
// place (V-05 to V-07).
func orderMutants() []mutant {
	voter := func(e *election.Election, name string) message.Entry {
		cast := e.Decide(e.Prepare(election.Action{Name: name, Voter: "voter-2", Choices: map[string][]string{"council": {"ada"}}}))
		return election.Sign("", "", message.TypeCast, e.Fingerprint, election.Encode(cast))
	}
	return []mutant{
		extra("V-05", "NotJSON", "an entry that is no JSON", "close-channel/web", func(e *election.Election) {
			e.Entries = append(e.Entries, []byte("hello"))
		}),
		extra("V-05", "NotJSON", "an empty entry", "close-channel/web", func(e *election.Election) { e.Entries = append(e.Entries, []byte{}) }),
		extra("V-05", "WhiteSpace", "a right cast with a newline after it", "close-channel/web", func(e *election.Election) {
			e.Entries = append(e.Entries, append(election.Encode(voter(e, "newline")), '\n'))
		}),
		extra("V-05", "DuplicateName", "a right cast with a member twice", "close-channel/web", func(e *election.Election) {
			raw := election.Encode(voter(e, "duplicate"))
			e.Entries = append(e.Entries, bytes.Replace(raw, []byte(`,"version":1}`), []byte(`,"version":1,"version":1}`), 1))
		}),
		extra("V-05", "UnknownVariant", "a right cast of version 2", "close-channel/web", func(e *election.Election) {
			entry := voter(e, "version")
			entry.Version = 2
			e.Entries = append(e.Entries, election.Encode(entry))
		}),
		extra("V-05 V-06", "UnknownVariant", "an entry of unknown type", "close-channel/web", func(e *election.Election) {
			e.Post(message.RoleAuthority, "", "remark", e.Fingerprint, map[string]string{"text": "hello"})
		}),
		extra("V-01 V-05", "MissingChunk", "an entry whose chunks are missing", "close-channel/web", func(e *election.Election) {
			entry := voter(e, "chunks")
			entry.Body, entry.Size, entry.Chunks = nil, 40000, []message.Digest{{1}, {2}}
			e.Entries = append(e.Entries, election.Encode(entry))
		}),
		extra("V-06", "OutOfOrder", "opened twice", "cast 1", func(e *election.Election) { e.Again("open") }),
		extra("V-06 V-30 V-31", "OutOfOrder", "participation before the close", "close-channel/web", func(e *election.Election) {
			e.Post(message.RoleRegistrar, "", message.TypeParticipation, e.Fingerprint, &message.Participation{Voters: []string{}})
		}),
		deed("V-44", "VacuousTally", "a record without a result", "result", election.Deed{Skip: true}),
		extra("V-32 V-06 V-33", "OutOfOrder", "sealed twice", "aggregate/council/north", func(e *election.Election) { e.Again("seal") }),
		deed("V-33 V-06", "OutOfOrder", "two results", "result", election.Deed{After: func(e *election.Election) { e.Again("result") }}),
		deed("V-07", "WrongSignature", "opened without a signature that holds", "open", election.Deed{
			Entry: func(e *message.Entry) { e.Signature[0] ^= 1 },
		}),
		deed("V-07", "WrongSignature", "result that nobody signed", "result", election.Deed{
			Entry: func(e *message.Entry) { e.Signature = message.Signature{} },
		}),
		deed("V-07", "WrongRole", "sealed by the registrar", "seal", election.Deed{
			Entry: func(e *message.Entry) {
				*e = election.Sign(message.RoleRegistrar, "", e.Type, e.Context, e.Body)
			},
		}),
		deed("V-16", "ContextConfusion", "closed in the context of another election", "close-channel/web", election.Deed{
			Entry: func(e *message.Entry) {
				*e = election.Sign(e.Role, e.ID, e.Type, election.Seed.Bytes("another election"), e.Body)
			},
		}),
		extra("V-16", "ContextConfusion", "a right cast in the context of another election", "close-channel/web", func(e *election.Election) {
			entry := voter(e, "context")
			entry.Context = election.Seed.Bytes("another election")
			e.Entries = append(e.Entries, election.Encode(entry))
		}),
	}
}

// closeMutants are about V-27 and V-30 to V-33.
func closeMutants() []mutant {
	late := func(e *election.Election) {
		e.Do(election.Action{Name: "late", Voter: "voter-2", Choices: map[string][]string{"council": {"ada"}}, Void: true})
	}
	return []mutant{
		extra("V-27 V-06", "OutOfWindow", "a ballot after the close", "participation", late),
		deed("V-33 V-06 V-27", "OutOfWindow", "a ballot after the seal", "seal", election.Deed{After: late}),
		deed("V-30 V-06 V-04", "MissingClose", "the channel is never closed", "close-channel/web", election.Deed{Skip: true}),
		extra("V-30 V-06", "MissingClose", "the channel is closed twice", "participation", func(e *election.Election) { e.Again("close-channel/web") }),
		extra("V-30", "MissingClose", "a channel is closed that there is not", "close-channel/web", func(e *election.Election) {
			e.Post(message.RoleAuthority, "", message.TypeCloseChannel, e.Fingerprint, &message.CloseChannel{Channel: "booth"})
		}),
		body("V-31", "WrongParticipation", "voters in another order", "participation", func(m *message.Participation) {
			m.Voters[0], m.Voters[1] = m.Voters[1], m.Voters[0]
		}),
		body("V-31", "WrongParticipation", "a voter twice", "participation", func(m *message.Participation) { m.Voters[1] = m.Voters[0] }),
		body("V-31", "WrongParticipation", "a voter more", "participation", func(m *message.Participation) { m.Voters = append(m.Voters, "voter-7") }),
		body("V-31", "WrongParticipation", "a voter less", "participation", func(m *message.Participation) { m.Voters = m.Voters[1:] }),
		deed("V-06 V-31", "WrongParticipation", "no participation", "participation", election.Deed{Skip: true}),
		body("V-32", "WrongSeal", "seal with a smaller count", "seal", func(m *message.Seal) { m.Count-- }),
		body("V-32 V-36 V-43", "WrongSeal", "seal with another root", "seal", func(m *message.Seal) { m.Root[0] ^= 1 }),
	}
}
