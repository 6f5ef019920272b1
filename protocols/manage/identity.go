package manage

// The paths of the identity service.
const (
	PathCodes = "/manage/codes" // GET Codes; in test elections only
)

// Codes lists the codes that were sent, by voter id.
type Codes struct {
	Voters []Code `json:"voters" limit:"1000000"`
}

// Code is what one voter logs in with.
type Code struct {
	Code  string `json:"code" limit:"32"`
	Voter string `json:"voter" limit:"256"`
}
