package message

// CredentialChunk is how many credentials an entry lists at most (S-07).
const CredentialChunk = 128

// Credential is one eligible voter: a public key and what it may vote on.
type Credential struct {
	Key    Element `json:"key"`
	Style  string  `json:"style"`
	Unit   string  `json:"unit"`
	Weight uint64  `json:"weight"`
}

// Credentials is one chunk of the list.
type Credentials struct {
	Chunk uint64       `json:"chunk"`
	List  []Credential `json:"list" limit:"128"`
}

// Electorate closes the list: how long it is, its Merkle root, and a salted
// commitment to the roll.
type Electorate struct {
	Chunks uint64 `json:"chunks"`
	Count  uint64 `json:"count"`
	Roll   Digest `json:"roll"`
	Root   Digest `json:"root"`
	Weight uint64 `json:"weight"`
}

// Participation lists who voted, by voter id, after the close.
type Participation struct {
	Voters []string `json:"voters" limit:"1000000"`
}
