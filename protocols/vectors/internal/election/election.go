// Package election plays small elections for test vectors: a whole board, and
// the record of it, from a seed and a script.
//
// It is a playwright and no implementation: it knows what everybody will vote,
// writes the result from that, and checks nothing. A case departs from the
// protocol by a [Deed] at one step or an [Action] that should not be; all the
// rest stays honest about what is there then, so that one check fails and not
// ten. Misuse by the generator (an unknown step, a message that cannot be
// encoded) panics.
package election

import (
	"crypto/ed25519"
	"fmt"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/prover"
)

// Seed is what every key of a vector comes from.
const Seed prover.Seed = "scrutineer test vectors, version 1"

// Deed is a departure from the protocol when one entry is posted. Nil members
// depart nowhere.
type Deed struct {
	Body   func(body any)            // changes the message, to which body points
	Text   func(body []byte) []byte  // changes its bytes, before they are signed
	Entry  func(e *message.Entry)    // changes the signed entry
	Raw    func(entry []byte) []byte // changes its bytes
	Skip   bool                      // posts nothing
	Before func(e *Election)         // posts something else first
	After  func(e *Election)         // posts something else afterwards
}

// Script says what happens in an election beyond the manifest.
type Script struct {
	Manifest    message.Manifest
	Ceremony    uint64                        // 0 is 1
	Dealer      func(t *Trustee)              // changes what a trustee draws
	Reveal      func(r *message.DKGReveal)    // changes what it will reveal, before it commits
	Voting      []Action                      // in order
	MinimumCell uint64                        // that the tally uses; 0 is the manifest's
	Answers     []uint64                      // indices of the trustees that decrypt
	Deeds       map[string]Deed               // by step
	Head        func(m string, h *Checkpoint) // changes a checkpoint before it is signed
	Note        func(m string, note []byte) []byte
	Files       func(files map[string][]byte)
}

// Election is a board in the making.
type Election struct {
	Script
	SetupID     message.Digest
	Fingerprint message.Digest
	Key         kyber.Point
	Trustees    []*Trustee
	Voters      []*Voter // in the order of the credential list
	Root        message.Digest
	Entries     [][]byte

	done    map[string]int             // step: index of its entry
	heads   map[string]string          // voter: tracker of the standing ballot
	counted map[string]*Prepared       // voter: the standing ballot
	cells   map[string][]Cell          // contest
	sealed  message.Digest             // root that the seal names
	posted  map[string]*Prepared       // action
	keys    map[string]message.Element // voter: credential
}

// EncodedKey is the election key as bytes.
func (e *Election) EncodedKey() message.Element { return prover.Element(e.Key) }

// Encode is the canonical form of a message.
func Encode(v any) []byte {
	b, err := codec.Encode(v)
	if err != nil {
		panic(fmt.Sprintf("election: %T cannot be encoded: %v", v, err))
	}
	return b
}

// Step is the index of the entry that a step posted.
func (e *Election) Step(name string) int {
	i, ok := e.done[name]
	if !ok {
		panic("election: no step " + name)
	}
	return i
}

// author is who posts an entry. The zero author is a voter.
type author struct {
	role message.Role
	id   string
	key  ed25519.PrivateKey
}

func (e *Election) authority() author {
	return author{message.RoleAuthority, "", Signing(message.RoleAuthority, "")}
}

func (e *Election) registrar() author {
	return author{message.RoleRegistrar, "", Signing(message.RoleRegistrar, "")}
}

func (t *Trustee) author() author {
	return author{message.RoleTrustee, t.ID, Signing(message.RoleTrustee, t.ID)}
}

// post appends an entry as its step's deed will have it. Body points to the
// message; what the deed does to it stays.
func (e *Election) post(step string, a author, t message.Type, context message.Digest, body any) {
	if e.aborted() {
		return
	}
	deed := e.Deeds[step]
	if deed.Before != nil {
		deed.Before(e)
	}
	if deed.Body != nil {
		deed.Body(body)
	}
	e.done[step] = len(e.Entries)
	if !deed.Skip {
		text := Encode(body)
		if deed.Text != nil {
			text = deed.Text(text)
		}
		entry := Sign(a.role, a.id, t, context, text)
		if deed.Entry != nil {
			deed.Entry(&entry)
		}
		raw := Encode(entry)
		if deed.Raw != nil {
			raw = deed.Raw(raw)
		}
		e.Entries = append(e.Entries, raw)
	}
	if deed.After != nil {
		deed.After(e)
	}
}

// Sign makes the entry of a body; without a role it is a voter's.
func Sign(role message.Role, id string, t message.Type, context message.Digest, body []byte) message.Entry {
	entry := message.Entry{Body: body, Context: context, ID: id, Role: role, Type: t, Version: message.Version}
	if role != "" {
		Resign(&entry, body, Signing(role, id))
	}
	return entry
}

// Resign signs an entry with any key.
func Resign(entry *message.Entry, body []byte, key ed25519.PrivateKey) {
	digest := transcript.EntrySignature(*entry, transcript.BodyDigest(body))
	entry.Signature = message.Signature(ed25519.Sign(key, digest[:]))
}

// Post appends an entry of a role outside of the script.
func (e *Election) Post(role message.Role, id string, t message.Type, context message.Digest, body any) {
	e.Entries = append(e.Entries, Encode(Sign(role, id, t, context, Encode(body))))
}

// Again appends a copy of the entry of an earlier step.
func (e *Election) Again(step string) { e.Entries = append(e.Entries, e.Entries[e.Step(step)]) }

// Play runs a script to the result, or to the abort.
func Play(s Script) *Election {
	e := Open(s)
	if e.aborted() {
		return e
	}
	for _, action := range s.Voting {
		e.Do(action)
	}
	e.close()
	e.tally()
	for step := range s.Deeds {
		e.Step(step)
	}
	return e
}

// Open runs a script until voting begins, or to the abort.
func Open(s Script) *Election {
	if s.Ceremony == 0 {
		s.Ceremony = 1
	}
	if s.MinimumCell == 0 {
		s.MinimumCell = s.Manifest.MinimumCell
	}
	if s.Answers == nil {
		s.Answers = []uint64{1, 3}
	}
	e := &Election{
		Script: s, done: map[string]int{}, heads: map[string]string{}, counted: map[string]*Prepared{},
		cells: map[string][]Cell{}, posted: map[string]*Prepared{}, keys: map[string]message.Element{},
	}
	e.setup()
	return e
}

func (e *Election) aborted() bool { _, ok := e.done["abort"]; return ok }
