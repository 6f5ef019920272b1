package verify

import (
	"crypto/sha256"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// identified says whether the election has an identity service.
func (x *index) identified() bool { return x.m.Identity != message.Key{} }

// authorised makes V-46: R = sG - cK with the service's K, over the digest
// that the credential's signature is over, under another purpose.
func (b *ballotCheck) authorised() {
	d, x := &b.c.Decision, b.s.index
	if !x.identified() {
		if d.Authorisation != nil {
			b.fail(found(Authorisation, "an authorisation where there is no identity service"))
		}
		return
	}
	b.t.both(Authorisation, 1)
	if d.Authorisation == nil {
		b.fail(found(Authorisation, "the identity service has not authorised this cast").
			sides("authorisation of the cast by key", x.m.Authorisation, [32]byte{}))
		return
	}
	r, okR := point.Decode(d.Authorisation.Commitment)
	s, okS := point.ParseScalar(d.Authorisation.Response)
	if !okR || r.IsIdentity() || !okS {
		b.fail(found(Decoding, "the authorisation is not canonical, or its commitment is the identity"))
		return
	}
	hb := sha256.Sum256(decisionContent(d))
	c := challenge.Credential(x.m.Authorisation, d.Authorisation.Commitment, challenge.PurposeAuthorisation, d.Fingerprint, hb).Scalar()
	got := b.s.evaluate.Evaluate(nil, []point.Linear{{U: s, C: c}}, []point.Point{x.authoriser})
	if got[0] != d.Authorisation.Commitment {
		b.fail(found(Authorisation, "the identity service's signature does not verify").
			sides("R = sG - cK", d.Authorisation.Commitment, got[0]))
	}
}

// listFold reads the identity service's list (V-47) beside the credentials,
// which ascend as it must.
type listFold struct {
	next  uint64 // number of the next entry
	total uint64 // as the first one says
	at    int    // the first credential that was not passed
	done  bool
}

// identityList takes one entry of the list.
func (f *fold) identityList(it *item, m *message.IdentityList) {
	fail := func(fd *Finding) { f.l.add(it.place(fd).blame(identityService, authority)) }
	if !f.x.identified() || f.named.done {
		f.l.add(it.place(found(Order, "an identity-list that has no place here")).blame(authority))
		return
	}
	if f.named.next == 0 {
		f.named.total = m.Chunks
	}
	last := m.Chunk+1 == m.Chunks
	if m.Chunk != f.named.next || m.Chunks != f.named.total || m.Chunk >= m.Chunks {
		fail(found(IdentityList, "part %d of %d where part %d of %d belongs", m.Chunk, m.Chunks, f.named.next, f.named.total).
			counts(f.named.next, m.Chunk))
	}
	if !last && len(m.List) != message.IdentityListChunk {
		fail(found(IdentityList, "only the last part may be short").counts(message.IdentityListChunk, len(m.List)))
	}
	f.named.next++
	f.named.done = last
	if f.setup == nil || f.setup.electorate == nil {
		return
	}
	for i := range m.List {
		f.l.see(IdentityList, 1)
		if fd := f.lastBallot(&m.List[i]); fd != nil {
			fail(fd)
			return
		}
	}
	if at := f.standing(); last && at < f.list.list.size {
		fail(found(IdentityList, "a credential has a counted ballot and is not on the list").
			sides("credential ∈ list", f.list.list.key(at), [32]byte{}))
	}
}

// lastBallot compares one line with the next credential that has a ballot.
func (f *fold) lastBallot(line *message.LastBallot) *Finding {
	at := f.standing()
	if at == f.list.list.size {
		return found(IdentityList, "the list goes on after the last credential with a counted ballot").
			sides("no further credential", line.Credential, [32]byte{})
	}
	f.named.at = at + 1
	s, j := f.list.list.at(at)
	switch {
	case s.keys[j] != [32]byte(line.Credential):
		return found(IdentityList, "the list names another credential than the next one with a counted ballot").
			sides("credential of line = next with a ballot", line.Credential, s.keys[j])
	case s.tracker[j] != [32]byte(line.Tracker):
		return found(IdentityList, "the last ballot authorised is not the one that stands").
			sides("tracker of line = standing tracker", line.Tracker, s.tracker[j])
	}
	return nil
}

// standing is the next credential with a counted ballot.
func (f *fold) standing() int {
	at := f.named.at
	for ; at < f.list.list.size; at++ {
		if s, j := f.list.list.at(at); s.head[j] != 0 {
			break
		}
	}
	return at
}

// sealList is what V-47 asks for at the seal.
func (f *fold) sealList(it *item) {
	if !f.x.identified() {
		return
	}
	f.l.expect(IdentityList, int(f.heads))
	if !f.named.done {
		f.l.add(it.place(found(IdentityList, "sealed without the whole list of the identity service")).
			counts(f.named.total, f.named.next).blame(authority))
	}
}
