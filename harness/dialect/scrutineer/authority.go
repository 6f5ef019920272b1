package scrutineer

import (
	"crypto/ed25519"
	"fmt"

	"scrutineer/protocols/message"
)

// Authority plays the server with its keys: honestly in tests of this
// package, and as the hand of an adversary who holds them in attacks. It
// builds and signs whatever it is asked for; what is true is for the caller.
type Authority struct {
	Key   ed25519.PrivateKey
	Board ed25519.PrivateKey
}

// Signer signs entries as the authority.
func (a Authority) Signer() Signer { return Signer{Role: message.RoleAuthority, Key: a.Key} }

// Manifest is S-01.
func (a Authority) Manifest(m message.Manifest, ceremony uint64) (Parcel, error) {
	return a.Signer().Entry(message.TypeManifest, message.Digest{}, &message.ManifestBody{Ceremony: ceremony, Manifest: m})
}

// Open is the end of S-08.
func (a Authority) Open(e *Election) (Parcel, error) {
	return a.Signer().Entry(message.TypeOpen, e.Fingerprint, &message.Open{ElectionKey: e.Key})
}

// Abort names the culprit of a failed ceremony (S-05).
func (a Authority) Abort(setupID message.Digest, culprit, reason string) (Parcel, error) {
	return a.Signer().Entry(message.TypeAbort, setupID, &message.Abort{Culprit: culprit, Reason: reason})
}

// Cast is the entry of a ballot and its decision; nobody signs it.
func (a Authority) Cast(e *Election, b message.Ballot, d message.Decision) (Parcel, error) {
	return Unsigned(message.TypeCast, e.Fingerprint, &message.Cast{Ballot: b, Decision: d})
}

// Challenge is the entry of an opened ballot; nobody signs it.
func (a Authority) Challenge(e *Election, c message.Challenge) (Parcel, error) {
	return Unsigned(message.TypeChallenge, e.Fingerprint, &c)
}

// Close is S-30 for one channel.
func (a Authority) Close(e *Election, channel string) (Parcel, error) {
	return a.Signer().Entry(message.TypeCloseChannel, e.Fingerprint, &message.CloseChannel{Channel: channel})
}

// Seal is S-31 for the board as it stands.
func (a Authority) Seal(v *View) (Parcel, error) {
	if v.Election == nil {
		return Parcel{}, ErrNotReady
	}
	return a.Signer().Entry(message.TypeSeal, v.Election.Fingerprint, &message.Seal{Count: v.Size(), Root: v.Root()})
}

// Aggregates are S-34 for the sealed board, in order.
func (a Authority) Aggregates(v *View) ([]Parcel, error) {
	if v.Seal == nil {
		return nil, ErrNotReady
	}
	var out []Parcel
	for _, body := range v.expected() {
		p, err := a.Signer().Entry(message.TypeAggregate, v.Election.Fingerprint, &body)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Result is S-37 with the outcome that the caller computed.
func (a Authority) Result(e *Election, r message.Result) (Parcel, error) {
	return a.Signer().Entry(message.TypeResult, e.Fingerprint, &r)
}

// Receipt promises an index to a cast (S-19).
func (a Authority) Receipt(e *Election, d message.Decision, index uint64) (message.Receipt, error) {
	hd, err := DecisionDigest(d)
	if err != nil {
		return message.Receipt{}, fmt.Errorf("receipt: %w", err)
	}
	return SignReceipt(message.Receipt{Credential: d.Credential, Decision: hd,
		Fingerprint: e.Fingerprint, Index: index, Tracker: d.Tracker}, a.Board), nil
}

// Refuse is a signed refusal of a cast (S-20).
func (a Authority) Refuse(v *View, d message.Decision, reason message.Reason) (message.Refusal, error) {
	hd, err := DecisionDigest(d)
	if err != nil {
		return message.Refusal{}, fmt.Errorf("refusal: %w", err)
	}
	return SignRefusal(message.Refusal{Decision: hd, Fingerprint: v.Election.Fingerprint,
		Head: v.HeadOf(d.Credential), Reason: reason, Size: v.Size()}, a.Board), nil
}

// Checkpoint is the head of the board as it is offered to witnesses.
func (a Authority) Checkpoint(v *View) []byte {
	return SignCheckpoint(Checkpoint{Origin: v.Manifest.Board.Origin, Size: v.Size(), Root: v.Root()}, a.Board)
}
