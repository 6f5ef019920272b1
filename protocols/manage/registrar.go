package manage

import "scrutineer/protocols/message"

// The paths of the registrar.
const (
	PathCredentials = "/manage/credentials" // GET: Credentials
)

// Credential is what one voter is handed.
type Credential struct {
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
