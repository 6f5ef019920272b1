package election

import (
	"bytes"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/prover"
)

// authorising is the secret of the identity service's authorisations.
func authorising() kyber.Scalar { return Seed.Scalar("authorisation") }

// Identified gives a manifest an identity service.
func Identified(m message.Manifest) message.Manifest {
	m.Identity = prover.Public(Signing(message.RoleIdentity, ""))
	m.Authorisation = prover.Element(prover.Base(authorising()))
	return m
}

// Authorise is the identity service's signature of a decision (S-41).
func Authorise(d message.Decision) *message.SchnorrSignature {
	h := transcript.BodyDigest(Encode(d.Content()))
	s := prover.Sign(Seed, authorising(), transcript.PurposeAuthorisation, d.Fingerprint, h)
	return &s
}

// postList posts the last ballot of each credential, where there is an
// identity service (S-43).
func (e *Election) postList() {
	if e.Manifest.Identity == (message.Key{}) {
		return
	}
	l := message.IdentityList{Chunks: 1, List: []message.LastBallot{}}
	for _, p := range e.counted {
		l.List = append(l.List, message.LastBallot{Credential: p.Voter.Credential.Key, Tracker: p.Tracker})
	}
	slices.SortFunc(l.List, func(a, b message.LastBallot) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	identity := author{message.RoleIdentity, "", Signing(message.RoleIdentity, "")}
	e.post("identity-list", identity, message.TypeIdentityList, e.Fingerprint, &l)
}
