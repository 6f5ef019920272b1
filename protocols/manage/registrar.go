package manage

import "scrutineer/protocols/message"

// The paths of the registrar.
const (
	PathCredentials = "/manage/credentials" // GET: Credentials
)

// Credential is what one voter is handed. Code is for logging in where there
// is an identity service, which sends it by another way than the registrar's.
type Credential struct {
	Code   string          `json:"code,omitempty" limit:"32"`
	Key    message.Element `json:"key"`
	Secret message.Scalar  `json:"secret"`
	Style  string          `json:"style"`
	Unit   string          `json:"unit"`
	Voter  string          `json:"voter" limit:"256"`
	Weight uint64          `json:"weight"`
}

// Credentials lists them by voter id.
type Credentials struct {
	Voters []Credential `json:"voters" limit:"1000000"`
}
