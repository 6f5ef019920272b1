package scrutineer

import (
	"bytes"
	"errors"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// maxWeight bounds the sum of weights, and so the logarithms (V-15).
const maxWeight = 100_000_000

// manifest is V-08.
func (v *View) manifest(b *message.ManifestBody) {
	if !v.in(message.TypeManifest, message.PhaseEmpty) {
		return
	}
	setupID, err := transcript.SetupID(&b.Manifest, b.Ceremony)
	if err = errors.Join(err, CheckManifest(&b.Manifest)); err != nil || b.Ceremony < 1 {
		v.faultf("V-08", "ceremony %d: %v", b.Ceremony, err)
		return // nothing that follows means anything
	}
	v.Manifest, v.Ceremony, v.SetupID, v.Phase = b.Manifest, b.Ceremony, setupID, message.PhaseCommit
	n := len(v.Manifest.Trustees)
	v.Commits = make([]*At[message.DKGCommit], n)
	v.Reveals = make([]*At[message.DKGReveal], n)
	v.Deals = make([]*At[message.DKGShares], n)
	v.Confirms = make([]*At[message.Confirm], n)
}

// slot is V-10: the index is the one that the manifest gives the signer, and
// comes once. It returns the place of the trustee, or -1.
func slot[T any](v *View, id string, index uint64, list []*At[T]) int {
	for i, t := range v.Manifest.Trustees {
		if t.ID != id {
			continue
		}
		if t.Index != index {
			v.faultf("V-10", "trustee %q has index %d, not %d", id, t.Index, index)
		}
		if list[i] != nil {
			v.faultf("V-10", "trustee %q a second time", id)
			return -1
		}
		return i
	}
	return -1
}

// full reports that all n have posted.
func full[T any](list []*At[T]) bool {
	return len(list) > 0 && !slices.Contains(list, nil)
}

func (v *View) commit(id string, b *message.DKGCommit) {
	if !v.in(message.TypeDKGCommit, message.PhaseCommit) {
		return
	}
	if i := slot(v, id, b.Index, v.Commits); i >= 0 {
		v.Commits[i] = at(v, b)
	}
	if full(v.Commits) {
		v.Phase = message.PhaseReveal
	}
}

// reveal is V-10 to V-12.
func (v *View) reveal(id string, b *message.DKGReveal) {
	if !v.in(message.TypeDKGReveal, message.PhaseReveal) {
		return
	}
	i := slot(v, id, b.Index, v.Reveals)
	if i < 0 {
		return
	}
	if transcript.Commitment(v.SetupID, b) != v.Commits[i].Body.Hash {
		v.faultf("V-10", "the reveal of trustee %q does not match its hash", id)
	}
	if uint64(len(b.Commitments)) != v.Manifest.Threshold {
		v.faultf("V-11", "trustee %q: %d coefficients", id, len(b.Commitments))
	}
	for _, r := range v.Reveals {
		if r != nil && len(b.Commitments) > 0 && slices.Equal(r.Body.Commitments[:1], b.Commitments[:1]) {
			v.faultf("V-11", "trustee %q repeats a constant term", id)
		}
	}
	if err := checkCoefficients(b); err != nil {
		v.fault("V-11", err)
	}
	if err := CheckKnowledge(v.SetupID, b); err != nil {
		v.fault("V-12", err)
	}
	if len(b.Commitments) > 0 {
		v.Reveals[i] = at(v, b)
	}
	if full(v.Reveals) {
		v.Phase = message.PhaseDeal
	}
}

// deal is the form of V-13; whether a share is right only its recipient sees.
func (v *View) deal(id string, b *message.DKGShares) {
	if !v.in(message.TypeDKGShares, message.PhaseDeal) {
		return
	}
	i := slot(v, id, b.Dealer, v.Deals)
	if i < 0 {
		return
	}
	v.Deals[i] = at(v, b)
	if len(b.Shares) != len(v.Manifest.Trustees) {
		v.faultf("V-13", "trustee %q deals %d shares", id, len(b.Shares))
	}
	for j, s := range b.Shares {
		if _, err := decodeElement(s.Ephemeral); err != nil || s.Recipient != uint64(j)+1 || len(s.Ciphertext) != sealedShare {
			v.faultf("V-13", "trustee %q: share %d is malformed", id, j+1)
		}
	}
	if full(v.Deals) {
		v.Phase = message.PhaseCredentials
	}
}

func (v *View) complaint(id string, b *message.DKGComplaint) {
	if !v.in(message.TypeDKGComplaint, message.PhaseCredentials) {
		return
	}
	if len(v.Complaints) > 0 || len(v.Credentials) > 0 {
		v.faultf("V-06", "a complaint after another one or after credentials")
	}
	for _, t := range v.Manifest.Trustees {
		if t.ID == id && t.Index != b.Recipient {
			v.faultf("V-13", "trustee %q complains for %d", id, b.Recipient)
		}
	}
	v.Complaints = append(v.Complaints, *at(v, b))
}

func (v *View) abort(b *message.Abort) {
	if v.Opened != nil || v.Abort != nil {
		v.faultf("V-06", "abort in phase %s", v.Phase)
		return
	}
	v.Abort, v.Phase = at(v, b), message.PhaseAborted
	if len(v.Complaints) == 0 {
		return
	}
	c := &v.Complaints[0].Body
	if c.Dealer < 1 || c.Dealer > uint64(len(v.Deals)) {
		v.faultf("V-13", "complaint about dealer %d", c.Dealer)
		return
	}
	culprit, err := Culprit(&v.Manifest, v.SetupID, &v.Reveals[c.Dealer-1].Body, &v.Deals[c.Dealer-1].Body, c)
	if err != nil || culprit != b.Culprit {
		v.faultf("V-13", "abort names %q, to blame is %q (%v)", b.Culprit, culprit, err)
	}
}

// disputed is V-06: after a complaint nothing but an abort follows.
func (v *View) disputed() bool {
	if len(v.Complaints) > 0 {
		v.faultf("V-06", "the ceremony goes on after a complaint")
		return true
	}
	return false
}

// credentials is V-15 for one chunk.
func (v *View) credentials(b *message.Credentials) {
	if !v.in(message.TypeCredentials, message.PhaseCredentials) || v.disputed() {
		return
	}
	if have := uint64(len(v.Credentials)); have != b.Chunk*message.CredentialChunk || len(b.List) == 0 || len(b.List) > message.CredentialChunk {
		v.faultf("V-15", "chunk %d with %d lines after %d", b.Chunk, len(b.List), have)
	}
	for _, c := range b.List {
		if n := len(v.Credentials); n > 0 && bytes.Compare(v.Credentials[n-1].Key[:], c.Key[:]) >= 0 {
			v.faultf("V-15", "credential %s is not above the one before it", c.Key)
		}
		if p, err := decodeElement(c.Key); err != nil || isIdentity(p) {
			v.faultf("V-15", "credential %s is no key", c.Key)
		}
		unit := slices.ContainsFunc(v.Manifest.Units, func(u message.Unit) bool { return u.ID == c.Unit })
		if !unit || Style(&v.Manifest, c.Style) == nil || !slices.Contains(v.Manifest.Weights, c.Weight) {
			v.faultf("V-15", "credential %s: style %q, unit %q or weight %d unknown", c.Key, c.Style, c.Unit, c.Weight)
		}
		v.Credentials = append(v.Credentials, c)
		v.lines[c.Key] = c
	}
}

// electorate is the rest of V-15; with it the fingerprint is known.
func (v *View) electorate(b *message.Electorate) {
	if !v.in(message.TypeElectorate, message.PhaseCredentials) || v.disputed() {
		return
	}
	v.Electorate, v.Phase = at(v, b), message.PhaseConfirm
	root, weight, err := electorateRoot(v.Credentials)
	if err != nil {
		v.fault("V-15", err)
		return
	}
	count := uint64(len(v.Credentials))
	chunks := (count + message.CredentialChunk - 1) / message.CredentialChunk
	if b.Root != root || b.Count != count || b.Weight != weight || b.Chunks != chunks || weight > maxWeight {
		v.faultf("V-15", "root, count %d, weight %d or chunks %d do not fit the list", b.Count, b.Weight, b.Chunks)
	}
	if !full(v.Reveals) {
		return
	}
	commitments := make([][]message.Element, len(v.Reveals))
	for i, r := range v.Reveals {
		commitments[i] = r.Body.Commitments
	}
	if v.Election, err = NewElection(&v.Manifest, v.SetupID, commitments, root, count); err != nil {
		v.fault("V-14", err)
	}
}

// electorateRoot is the root of S-07 and the sum of weights.
func electorateRoot(list []message.Credential) (root message.Digest, weight uint64, err error) {
	leaves := make([][]byte, len(list))
	for i, c := range list {
		if leaves[i], err = codec.Encode(c); err != nil {
			return root, 0, err
		}
		weight += min(c.Weight, maxWeight+1)
	}
	return TreeRoot(leaves), weight, nil
}

// confirm is V-14 and V-16 for one trustee.
func (v *View) confirm(id string, b *message.Confirm) {
	if !v.in(message.TypeConfirm, message.PhaseConfirm) {
		return
	}
	for i, t := range v.Manifest.Trustees {
		if t.ID != id {
			continue
		}
		if v.Confirms[i] != nil {
			v.faultf("V-06", "trustee %q confirms twice", id)
		}
		v.Confirms[i] = at(v, b)
	}
	if v.Election != nil && (b.ElectionKey != v.Election.Key || b.Fingerprint != v.Election.Fingerprint) {
		v.faultf("V-16", "trustee %q confirms another key or fingerprint", id)
	}
	if full(v.Confirms) {
		v.Phase = message.PhaseReady
	}
}

func (v *View) open(b *message.Open) {
	if !v.in(message.TypeOpen, message.PhaseReady) {
		return
	}
	v.Opened, v.Phase = at(v, b), message.PhaseVoting
	if v.Election == nil || b.ElectionKey != v.Election.Key {
		v.faultf("V-14", "opened with another key")
	}
}
