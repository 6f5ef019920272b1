package scrutineer

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Errors about the identity service (V-46, V-47).
var (
	ErrAuthorisation = errors.New("V-46: the identity service has not authorised the cast")
	ErrIdentityList  = errors.New("V-47: the identity service's list is not that of the standing ballots")
)

// HasIdentity says whether casts need an identity service.
func (e *Election) HasIdentity() bool { return e.Manifest.Identity != message.Key{} }

// CheckAuthorisation is V-46.
func (e *Election) CheckAuthorisation(d message.Decision) error {
	if !e.HasIdentity() {
		if d.Authorisation != nil {
			return fmt.Errorf("%w: there is no such service", ErrAuthorisation)
		}
		return nil
	}
	if d.Authorisation == nil {
		return ErrAuthorisation
	}
	content, err := codec.Encode(d.Content())
	if err != nil {
		return err
	}
	if err := CheckCredentialSignature(e.Manifest.Authorisation, transcript.PurposeAuthorisation, d.Fingerprint,
		transcript.BodyDigest(content), *d.Authorisation); err != nil {
		return fmt.Errorf("%w: %w", ErrAuthorisation, err)
	}
	return nil
}

// Login is S-40 with the code that the voter was sent, in bytes.
func (v *Voter) Login(code string) ([]byte, error) {
	print := v.Election.Fingerprint
	s, err := v.Credential.Sign(transcript.PurposeLogin, print, transcript.Login(print, v.ID), v.Random)
	if err != nil {
		return nil, err
	}
	return codec.Encode(message.Login{Code: code, Credential: v.Credential.Key, Fingerprint: print, Signature: s, Voter: v.ID})
}

// Authorise is S-41 for the decision of a ticket, in bytes.
func (t *Ticket) Authorise(token string) ([]byte, error) {
	return codec.Encode(message.Authorise{Decision: *t.Decision, Token: token})
}

// Authorised takes the answer, and returns the decision as the box wants it.
func (v *Voter) Authorised(t *Ticket, answer []byte) ([]byte, error) {
	a, err := codec.Decode[message.Authorised](answer, codec.Limits{Size: 4096})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrAuthorisation, err)
	}
	t.Decision.Authorisation = &a.Authorisation
	if err := v.Election.CheckAuthorisation(*t.Decision); err != nil {
		return nil, err
	}
	return codec.Encode(*t.Decision)
}

// CheckNotices is S-42: the notices are the service's, and about ballots that
// the voter cast. What is not is an *Alarm that convinces only him.
func (v *Voter) CheckNotices(answer []byte) error {
	q, err := codec.Decode[message.Notices](answer, codec.Limits{})
	if err != nil {
		return err
	}
	key := v.Election.Manifest.Identity
	for i, n := range q.Notices {
		digest := transcript.NoticeDigest(n)
		if n.Credential != v.Credential.Key || n.Number != uint64(i)+1 || n.Fingerprint != v.Election.Fingerprint ||
			!ed25519.Verify(key[:], digest[:], n.Signature[:]) {
			return fmt.Errorf("S-42: notice %d is not the identity service's for this credential", i+1)
		}
		if !slices.ContainsFunc(v.History, func(t *Ticket) bool { return t.Decision != nil && t.Decision.Tracker == n.Tracker }) {
			return &Alarm{Reason: "a notice tells of ballot " + n.Tracker.String() + " in my name that I did not cast"}
		}
	}
	return nil
}

// identityList is V-47.
func (v *View) identityList(b *message.IdentityList) {
	if !v.in(message.TypeIdentityList, message.PhaseParticipated) || v.Election == nil {
		return
	}
	if !v.Election.HasIdentity() {
		v.faultf("V-06", "identity-list without an identity service")
		return
	}
	last := b.Chunk+1 == b.Chunks
	if b.Chunk != v.listChunks || !last && len(b.List) != message.IdentityListChunk || b.Chunk >= b.Chunks {
		v.fault("V-47", fmt.Errorf("%w: part %d of %d", ErrIdentityList, b.Chunk, b.Chunks))
	}
	v.listChunks++
	v.LastBallots = append(v.LastBallots, b.List...)
	if !last {
		return
	}
	v.Phase = message.PhaseListed
	if !slices.Equal(v.LastBallots, v.standing()) {
		v.fault("V-47", ErrIdentityList)
	}
}

// standing is what the identity service's list must say.
func (v *View) standing() []message.LastBallot {
	var out []message.LastBallot
	for credential, i := range v.heads {
		out = append(out, message.LastBallot{Credential: credential, Tracker: v.Ballots[i].Body.Decision.Tracker})
	}
	slices.SortFunc(out, func(a, b message.LastBallot) int { return bytes.Compare(a.Credential[:], b.Credential[:]) })
	return out
}

// IdentityKeys are the secrets of an identity service.
type IdentityKeys struct {
	Signing       ed25519.PrivateKey
	Authorisation Credential
}

// Authorise is the service's half of S-41.
func (k IdentityKeys) Authorise(d message.Decision, r io.Reader) (*message.SchnorrSignature, error) {
	content, err := codec.Encode(d.Content())
	if err != nil {
		return nil, err
	}
	s, err := k.Authorisation.Sign(transcript.PurposeAuthorisation, d.Fingerprint, transcript.BodyDigest(content), r)
	return &s, err
}

// List is S-43 for what stands on the board, in one entry.
func (k IdentityKeys) List(v *View) (Parcel, error) {
	if v.Election == nil {
		return Parcel{}, ErrNotReady
	}
	s := Signer{Role: message.RoleIdentity, Key: k.Signing}
	list := v.standing()
	if list == nil {
		list = []message.LastBallot{}
	}
	return s.Entry(message.TypeIdentityList, v.Election.Fingerprint, &message.IdentityList{Chunks: 1, List: list})
}
