package message

// Login asks the identity service for a session (S-40). The signature is by
// the credential, so that nobody binds one that he does not hold.
type Login struct {
	Code        string           `json:"code" limit:"32"`
	Credential  Element          `json:"credential"`
	Fingerprint Digest           `json:"fingerprint"`
	Signature   SchnorrSignature `json:"signature"`
	Voter       string           `json:"voter" limit:"256"`
}

// Session is a token that opens what the service does for one credential, and
// until when, in Unix seconds.
type Session struct {
	Expires uint64 `json:"expires"`
	Token   string `json:"token" limit:"1024"`
}

// Claims is the payload of a token, with the names of RFC 7519: the election's
// fingerprint, when it ends, a number used once, and the credential.
type Claims struct {
	Audience Digest  `json:"aud"`
	Expires  uint64  `json:"exp"`
	ID       string  `json:"jti" limit:"64"`
	Subject  Element `json:"sub"`
}

// Authorise asks the identity service to authorise a decision (S-41).
type Authorise struct {
	Decision Decision `json:"decision"`
	Token    string   `json:"token" limit:"1024"`
}

// Authorised is the answer.
type Authorised struct {
	Authorisation SchnorrSignature `json:"authorisation"`
}

// ReadNotices asks for the notices of a session's credential (S-42).
type ReadNotices struct {
	Token string `json:"token" limit:"1024"`
}

// Notice tells a voter that a ballot was authorised in his name. Number counts
// the credential's notices from 1.
type Notice struct {
	Credential  Element   `json:"credential"`
	Fingerprint Digest    `json:"fingerprint"`
	Number      uint64    `json:"number"`
	Predecessor string    `json:"predecessor"`
	Signature   Signature `json:"signature"`
	Tracker     Digest    `json:"tracker"`
}

// Notices are all those of one credential, in order.
type Notices struct {
	Notices []Notice `json:"notices" limit:"4096"`
}

// IdentityListChunk is how many lines an identity-list entry has at most.
const IdentityListChunk = 16384

// IdentityList is what the identity service signs after the close (S-43): for
// each credential the last ballot that it authorised and that stands. A long
// list comes in several entries.
type IdentityList struct {
	Chunk  uint64       `json:"chunk"`
	Chunks uint64       `json:"chunks"`
	List   []LastBallot `json:"list" limit:"16384"`
}

// LastBallot is one line.
type LastBallot struct {
	Credential Element `json:"credential"`
	Tracker    Digest  `json:"tracker"`
}
