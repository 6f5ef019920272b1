package testelection

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Identified is the small election with an identity service.
func Identified() Config {
	c := Small()
	c.Identity = true
	return c
}

// identity draws the service's keys. It draws from a source of its own, so
// that all else is as in an election without it.
func (e *Election) identity(m *message.Manifest) {
	if !e.Config.Identity {
		return
	}
	e.nonces = newRandom(e.Seed + 1<<32)
	e.authoriser = e.nonces.scalar()
	k := e.g.Mul(&e.authoriser)
	m.Identity, m.Authorisation = public(e.Key("identity", "")), k.Encode()
}

// Authorise authorises a decision as it is (S-41), where there is a service.
func (e *Election) Authorise(d *message.Decision) {
	if e.Config.Identity {
		e.AuthoriseWith(d, e.authoriser, e.nonces.scalar())
	}
}

// AuthoriseWith is Authorise with a secret and a nonce of the caller's.
func (e *Election) AuthoriseWith(d *message.Decision, secret, nonce point.Scalar) {
	k, r := e.g.Mul(&secret), e.g.Mul(&nonce)
	c := challenge.Credential(k.Encode(), r.Encode(), challenge.PurposeAuthorisation, d.Fingerprint,
		sha256.Sum256(must(codec.Encode(d.Content())))).Scalar()
	cx := c.Mul(&secret)
	s := nonce.Add(&cx)
	d.Authorisation = &message.SchnorrSignature{Commitment: r.Encode(), Response: s.Bytes()}
}

// PostIdentityList posts which ballot stands for whom (S-43), where there is a
// service.
func (e *Election) PostIdentityList() {
	if !e.Config.Identity {
		return
	}
	l := &message.IdentityList{Chunks: 1, List: []message.LastBallot{}}
	for _, b := range e.counted {
		_, tracker := TrackerOf(b.ballot)
		l.List = append(l.List, message.LastBallot{Credential: b.voter.key, Tracker: tracker})
	}
	slices.SortFunc(l.List, func(a, b message.LastBallot) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	e.Append(message.TypeIdentityList, message.RoleIdentity, "", e.Fingerprint, l)
}
