package message

import "scrutineer/protocols/codec"

// Compact is a proof sent as challenge and response; the commitment is
// recomputed.
type Compact struct {
	Challenge Scalar `json:"challenge"`
	Response  Scalar `json:"response"`
}

// DKGCommit is the body of the first round: a hash of the second (S-02).
type DKGCommit struct {
	Hash  Digest `json:"hash"`
	Index uint64 `json:"index"`
}

// DKGReveal opens it: t coefficients and a proof of knowledge for each (S-03).
type DKGReveal struct {
	Commitments []Element `json:"commitments" limit:"64"`
	Index       uint64    `json:"index"`
	Proofs      []Compact `json:"proofs" limit:"64"`
}

// DKGShares carries one dealer's encrypted shares, one for each trustee (S-04).
type DKGShares struct {
	Dealer uint64           `json:"dealer"`
	Shares []EncryptedShare `json:"shares" limit:"64"`
}

// EncryptedShare is hashed ElGamal with ChaCha20-Poly1305: 32 bytes of share
// and 16 of tag.
type EncryptedShare struct {
	Ciphertext codec.HexBytes `json:"ciphertext" limit:"48"`
	Ephemeral  Element        `json:"ephemeral"`
	Recipient  uint64         `json:"recipient"`
}

// DKGComplaint opens one share to everybody (S-05).
type DKGComplaint struct {
	Dealer    uint64  `json:"dealer"`
	Proof     Compact `json:"proof"`
	Recipient uint64  `json:"recipient"`
	Shared    Element `json:"shared"`
}

// Abort ends a ceremony and names who is to blame (S-05).
type Abort struct {
	Culprit string `json:"culprit"`
	Reason  string `json:"reason"`
}

// Confirm is a trustee's word for what it recomputed (S-08).
type Confirm struct {
	ElectionKey Element `json:"electionKey"`
	Fingerprint Digest  `json:"fingerprint"`
}

// Open starts the voting.
type Open struct {
	ElectionKey Element `json:"electionKey"`
}
