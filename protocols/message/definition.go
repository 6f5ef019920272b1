package message

// Definition is what is carried to a device before it opens: the election as
// everybody may read it on the board. The device recomputes the fingerprint
// from it, shows it for comparison, and finds its own key in the manifest.
type Definition struct {
	Ceremony        uint64      `json:"ceremony"`
	Commitments     [][]Element `json:"commitments" limit:"64,64"` // of the trustees, by index
	CredentialCount uint64      `json:"credentialCount"`
	CredentialRoot  Digest      `json:"credentialRoot"`
	Manifest        Manifest    `json:"manifest"`
}
