package main

import (
	"bytes"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// credentials are n of them, in order.
func credentials(n int) []message.Credential {
	var out []message.Credential
	for i := range n {
		x := election.Seed.Scalar("electorate", []byte{byte(i >> 8), byte(i)})
		c := message.Credential{Key: prover.Element(prover.Base(x)), Style: "full", Unit: "north", Weight: 1}
		if i%3 == 0 {
			c.Style, c.Unit, c.Weight = "short", "south", 3
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b message.Credential) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	return out
}

// listed is a list in chunks of some length with its summary.
func listed(length int, list []message.Credential) vectors.ElectorateInput {
	in := vectors.ElectorateInput{Chunks: []message.Credentials{}}
	for chunk := range slices.Chunk(list, length) {
		in.Chunks = append(in.Chunks, message.Credentials{Chunk: uint64(len(in.Chunks)), List: chunk})
	}
	return summed(in)
}

func summed(in vectors.ElectorateInput) vectors.ElectorateInput {
	in.Electorate = election.Electorate(in.Chunks)
	in.Electorate.Roll = election.Seed.Bytes("roll")
	return in
}

func electorateVectors(b *book) {
	s := newSuite[vectors.ElectorateContext, vectors.ElectorateInput](b, "electorates",
		"Is this list of credentials in order and summed up rightly?",
		"All chunks of the credential list, in the order in which they were posted, and the electorate that sums them up (V-15, V-17). The roll cannot be checked.")
	s.group("credentials of the ward", vectors.ElectorateContext{Manifest: election.Ward()})
	s.valid("one credential", listed(128, credentials(1)))
	s.valid("five credentials", listed(128, credentials(5)))
	s.valid("129 credentials in two chunks", listed(128, credentials(129)))
	s.invalid("V-15", "129 credentials, the first chunk short", listed(127, credentials(129)), "WrongSummary")
	s.invalid("V-15", "no credentials", listed(128, nil), "WrongSummary")
	bad := func(flag, comment string, change func(in *vectors.ElectorateInput)) {
		in := listed(128, credentials(5))
		change(&in)
		s.invalid("V-15", comment, in, flag)
	}
	list := func(flag, comment string, change func(list []message.Credential)) {
		bad(flag, comment, func(in *vectors.ElectorateInput) {
			change(in.Chunks[0].List)
			*in = summed(*in)
		})
	}
	list("Disorder", "two in the other order", func(l []message.Credential) { l[1], l[2] = l[2], l[1] })
	list("DuplicateCredential", "one twice", func(l []message.Credential) { l[2] = l[1] })
	list("DuplicateCredential", "one key twice, with another unit", func(l []message.Credential) {
		l[2].Key, l[2].Unit = l[1].Key, "south"
	})
	list("IdentityElement", "key that is the identity", func(l []message.Credential) { l[0].Key = message.Element{} })
	list("UnknownName", "unknown style", func(l []message.Credential) { l[0].Style = "long" })
	list("UnknownName", "unknown unit", func(l []message.Credential) { l[0].Unit = "west" })
	list("ForeignWeight", "weight that the manifest lacks", func(l []message.Credential) { l[0].Weight = 2 })
	list("ForeignWeight", "weight zero", func(l []message.Credential) { l[0].Weight = 0 })
	noElement := listed(128, credentials(5))
	key := bytes.Repeat([]byte{0xfe}, 32)
	noElement.Chunks[0].List[4].Key = message.Element(key)
	s.invalid("V-17", "key that is no element", summed(noElement), "NonCanonicalElement")
	bad("WrongSummary", "chunk number 1 instead of 0", func(in *vectors.ElectorateInput) { in.Chunks[0].Chunk = 1 })
	bad("WrongSummary", "one credential more than counted", func(in *vectors.ElectorateInput) { in.Electorate.Count-- })
	bad("WrongSummary", "one credential less than counted", func(in *vectors.ElectorateInput) { in.Electorate.Count++ })
	bad("WrongSummary", "another number of chunks", func(in *vectors.ElectorateInput) { in.Electorate.Chunks++ })
	bad("WrongSummary", "another sum of weights", func(in *vectors.ElectorateInput) { in.Electorate.Weight++ })
	bad("WrongSummary", "root of the list without its last credential", func(in *vectors.ElectorateInput) {
		in.Electorate.Root = listed(128, credentials(5)[:4]).Electorate.Root
	})
	bad("WrongSummary", "a credential changed after the root was made", func(in *vectors.ElectorateInput) {
		in.Chunks[0].List[0].Weight = 4 - in.Chunks[0].List[0].Weight
		in.Electorate.Weight = election.Electorate(in.Chunks).Weight
	})
	s.finish()
}
