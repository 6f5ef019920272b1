package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"

	"filippo.io/edwards25519"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
)

type entrySuite = suite[vectors.EntryContext, vectors.EntryInput]

func entryVectors(b *book) {
	s := newSuite[vectors.EntryContext, vectors.EntryInput](b, "entries",
		"Is this an entry, signed by whom it names, in the right context?",
		"An entry by itself: form, type, version, body inline or beside it (V-05), role, id, context and signature (V-07, V-16). Order and what the body says are not asked for, but it must decode as the body of its type.",
		"Chunks that lie beside the entry are those that the input names.")
	e := ward()
	ctx := vectors.EntryContext{Chunks: []string{}, Fingerprint: e.Fingerprint, Manifest: e.Manifest, SetupID: e.SetupID}
	s.group("inline", ctx)
	soundEntries(s, e)
	entryForms(s, e)
	entrySignatures(s, e)
	chunked(s, e, ctx)
	s.finish()
}

// signed is an entry of a role with any body.
func signed(role message.Role, id string, t message.Type, context message.Digest, body any) message.Entry {
	return election.Sign(role, id, t, context, election.Encode(body))
}

func alone(e message.Entry) vectors.EntryInput {
	return vectors.EntryInput{Beside: []uint64{}, Entry: e}
}

func soundEntries(s *entrySuite, e *election.Election) {
	seen := map[message.Type]bool{}
	for _, raw := range e.Entries {
		entry := decoded(raw)
		if entry.Type == message.TypeManifest || seen[entry.Type] {
			continue
		}
		seen[entry.Type] = true
		s.valid("a "+string(entry.Type), alone(entry))
	}
	s.valid("a manifest", alone(decoded(e.Entries[0])))
	s.valid("a close-channel", alone(closeWeb(e)))
	cast := election.Sign("", "", message.TypeCast, e.Fingerprint, election.Encode(e.Decide(e.Prepare(election.Action{Name: "entry", Voter: "voter-4"}))))
	s.valid("a cast", alone(cast))
	context := cast
	context.Context = e.SetupID
	s.invalid("V-16", "cast in the context of the setup", alone(context), "ContextConfusion")
	role := cast
	role.Role = message.RoleAuthority
	s.invalid("V-05 V-07", "cast that names a role", alone(role), "WrongRole")
	election.Resign(&role, cast.Body, election.Signing(message.RoleAuthority, ""))
	s.invalid("V-05 V-07", "cast that the authority signs", alone(role), "WrongRole")
}

func closeWeb(e *election.Election) message.Entry {
	return signed(message.RoleAuthority, "", message.TypeCloseChannel, e.Fingerprint, &message.CloseChannel{Channel: "web"})
}

// entryForms are about V-05.
func entryForms(s *entrySuite, e *election.Election) {
	authority := func(t message.Type, body string) message.Entry {
		return election.Sign(message.RoleAuthority, "", t, e.Fingerprint, []byte(body))
	}
	bad := func(flag, comment string, entry message.Entry) { s.invalid("V-05", comment, alone(entry), flag) }
	unknown := func(comment string, t message.Type, body string) {
		s.invalid("V-05 V-06", comment, alone(authority(t, body)), "UnknownVariant")
	}
	unknown("unknown type", "open-channel", `{"channel":"web"}`)
	unknown("empty type", "", `{"channel":"web"}`)
	for _, t := range []message.Type{"import", "void", "extend", "revoke-device", "no-pack"} {
		unknown(fmt.Sprintf("type %s, which is not yet accepted", t), t, `{}`)
	}
	unknown("list of an identity service that the election has not, and empty", message.TypeIdentityList, `{}`)
	version := closeWeb(e)
	version.Version = 2
	election.Resign(&version, version.Body, election.Signing(message.RoleAuthority, ""))
	bad("UnknownVariant", "version 2", version)
	version.Version = 0
	election.Resign(&version, version.Body, election.Signing(message.RoleAuthority, ""))
	bad("UnknownVariant", "version 0", version)
	bad("UnknownName", "body with an unknown member", authority(message.TypeCloseChannel, `{"channel":"web","until":1}`))
	bad("MissingMember", "body with a member missing", authority(message.TypeCloseChannel, `{}`))
	bad("WrongType", "body that is a string", authority(message.TypeCloseChannel, `"web"`))
	bad("WrongType", "body of another type", authority(message.TypeSeal, `{"channel":"web"}`))
	none := closeWeb(e)
	none.Body = nil
	bad("BodyPlace", "no body", none)
	both := closeWeb(e)
	both.Size = uint64(len(both.Body))
	bad("BodyPlace", "body inline with a size", both)
	short := closeWeb(e)
	short.Chunks, short.Size = []message.Digest{sha256.Sum256(short.Body)}, uint64(len(short.Body))
	bad("BodyPlace", "body inline and in a chunk", short)
}

// entrySignatures are about V-07.
func entrySignatures(s *entrySuite, e *election.Election) {
	bad := func(flag, comment string, change func(entry *message.Entry)) {
		entry := closeWeb(e)
		change(&entry)
		checks := "V-07"
		if flag == "ContextConfusion" {
			checks = "V-16 V-07"
		}
		s.invalid(checks, comment, alone(entry), flag)
	}
	type entry = *message.Entry
	by := func(role message.Role, id string) func(entry) {
		return func(x entry) { *x = election.Sign(role, id, x.Type, x.Context, x.Body) }
	}
	bad("WrongSignature", "no signature", func(x entry) { x.Signature = message.Signature{} })
	bad("WrongSignature", "one bit of the signature", func(x entry) { x.Signature[10] ^= 1 })
	bad("MalleableSignature", "S plus l", func(x entry) { x.Signature = malleated(x.Signature) })
	bad("WrongSignature", "body changed after the signature", func(x entry) { x.Body = codec.Raw(`{"channel":"box"}`) })
	bad("WrongSignature", "type changed after the signature", func(x entry) {
		x.Type, x.Body = message.TypeOpen, election.Encode(message.Open{ElectionKey: e.EncodedKey()})
	})
	bad("ContextConfusion", "in the context of the setup", func(x entry) {
		*x = election.Sign(x.Role, x.ID, x.Type, e.SetupID, x.Body)
	})
	bad("ContextConfusion", "in the context of another election", func(x entry) {
		*x = election.Sign(x.Role, x.ID, x.Type, election.Seed.Bytes("another election"), x.Body)
	})
	bad("ContextConfusion", "context changed after the signature", func(x entry) { x.Context = e.SetupID })
	bad("MalleableSignature", "R plus a point of order 8, which the equation times 8 does not see", func(x entry) {
		x.Signature = withTorsion(x, election.Signing(message.RoleAuthority, ""))
	})
	bad("WrongRole", "by the registrar", by(message.RoleRegistrar, ""))
	bad("WrongRole", "by a trustee", by(message.RoleTrustee, "trustee-1"))
	bad("WrongRole", "by the board's key under the name of the board", by(message.RoleBoard, election.Origin))
	bad("WrongRole", "by a witness", by(message.RoleWitness, "witness-1"))
	bad("WrongRole", "by a role that there is not", by("auditor", ""))
	bad("WrongRole", "by nobody", func(x entry) { x.Role, x.Signature = "", message.Signature{} })
	bad("WrongRole", "by the authority under an id", by(message.RoleAuthority, "authority-1"))
	bad("WrongSignature", "by the authority, with the registrar's key", func(x entry) {
		election.Resign(x, x.Body, election.Signing(message.RoleRegistrar, ""))
	})
	trustee := decoded(e.Entries[1])
	trustee.ID = "trustee-2"
	s.invalid("V-07", "trustee 1 under the name of trustee 2", alone(trustee), "WrongSignature")
	trustee = decoded(e.Entries[1])
	election.Resign(&trustee, trustee.Body, election.Signing(message.RoleTrustee, "trustee-4"))
	trustee.ID = "trustee-4"
	s.invalid("V-07", "trustee that the manifest lacks", alone(trustee), "WrongRole")
}

// chunked are entries whose bodies lie beside them.
func chunked(s *entrySuite, e *election.Election, ctx vectors.EntryContext) {
	voters := message.Participation{Voters: []string{}}
	for i := 0; len(election.Encode(&voters)) <= message.MaxInline; i++ {
		voters.Voters = append(voters.Voters, fmt.Sprintf("voter-%08d", i))
	}
	body := election.Encode(&voters)
	head := func() message.Entry {
		entry := election.Sign(message.RoleRegistrar, "", message.TypeParticipation, e.Fingerprint, body)
		entry.Body, entry.Size = nil, uint64(len(body))
		return entry
	}
	pieces := [][]byte{body[:message.ChunkSize], body[message.ChunkSize:], body[:message.ChunkSize/2], body[message.ChunkSize/2:]}
	for _, piece := range pieces {
		ctx.Chunks = append(ctx.Chunks, string(piece))
	}
	s.group("a body of more than 32,768 bytes", ctx)
	right := head()
	for _, piece := range pieces[:2] {
		right.Chunks = append(right.Chunks, sha256.Sum256(piece))
	}
	beside := func(entry message.Entry, chunks ...uint64) vectors.EntryInput {
		return vectors.EntryInput{Beside: append([]uint64{}, chunks...), Entry: entry}
	}
	s.valid("body in two chunks", beside(right, 0, 1))
	s.valid("chunks in another order beside it", beside(right, 1, 0))
	bad := func(flag, comment string, in vectors.EntryInput) { s.invalid("V-05", comment, in, flag) }
	bad("MissingChunk", "second chunk missing", beside(right, 0))
	bad("MissingChunk", "no chunks", beside(right))
	other := right
	other.Chunks = []message.Digest{right.Chunks[0], sha256.Sum256([]byte("nothing"))}
	bad("MissingChunk", "digest of something else", beside(other, 0, 1))
	swapped := right
	swapped.Chunks = []message.Digest{right.Chunks[1], right.Chunks[0]}
	bad("BodyPlace", "chunks named in the other order", beside(swapped, 0, 1))
	uneven := head()
	for _, piece := range pieces[2:] {
		uneven.Chunks = append(uneven.Chunks, sha256.Sum256(piece))
	}
	bad("BodyPlace", "first chunk of half the length", beside(uneven, 2, 3))
	size := right
	size.Size--
	bad("BodyPlace", "one byte less than the chunks have", beside(size, 0, 1))
	size.Size = message.MaxBody + 1
	bad("BodyPlace", "size above the limit", beside(size, 0, 1))
	inline := head()
	inline.Body, inline.Size = body, 0
	bad("BodyPlace", "inline although it is long", beside(inline))
	brief := closeWeb(e)
	brief.Chunks, brief.Size = []message.Digest{sha256.Sum256(brief.Body)}, uint64(len(brief.Body))
	text := string(bytes.Clone(brief.Body))
	brief.Body = nil
	s.context().Chunks = append(s.context().Chunks, text)
	bad("BodyPlace", "short body in a chunk", beside(brief, uint64(len(s.context().Chunks)-1)))
}

// withTorsion signs an entry with a nonce whose point has a part of order 8:
// [8][S]B = [8]R + [8][k]A holds, [S]B = R + [k]A does not (SPEC.md §1).
func withTorsion(entry *message.Entry, key ed25519.PrivateKey) message.Signature {
	digest := transcript.EntrySignature(*entry, transcript.BodyDigest(entry.Body))
	secret := sha512.Sum512(key.Seed())
	a := must(new(edwards25519.Scalar).SetBytesWithClamping(secret[:32]))
	nonce := sha512.Sum512(append(bytes.Clone(secret[32:]), digest[:]...))
	r := must(new(edwards25519.Scalar).SetUniformBytes(nonce[:]))
	order8 := weakKeys()[3].key
	point := new(edwards25519.Point).ScalarBaseMult(r)
	point.Add(point, must(new(edwards25519.Point).SetBytes(order8[:])))
	text := append(point.Bytes(), key.Public().(ed25519.PublicKey)...)
	k := sha512.Sum512(append(text, digest[:]...))
	s := must(new(edwards25519.Scalar).SetUniformBytes(k[:]))
	s.MultiplyAdd(s, a, r)
	return message.Signature(append(point.Bytes(), s.Bytes()...))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
