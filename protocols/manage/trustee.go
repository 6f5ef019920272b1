package manage

// The paths of a trustee. A trustee that is held follows the board and posts
// nothing until it is released. One that decrypts when told and not by itself
// answers Decrypt when its shares are on the cosigned board, or with the
// findings for which it refuses.
const (
	PathHold     = "/manage/hold"     // POST: 204
	PathRelease  = "/manage/release"  // POST: 204
	PathFindings = "/manage/findings" // GET: Findings, when it has read up to the newest head
	PathDecrypt  = "/manage/decrypt"  // POST: Decrypted
)

// Decrypted tells what became of a trustee's shares.
type Decrypted struct {
	Answer   Answer    `json:"answer"`
	Findings []Finding `json:"findings" limit:"4096"`
}
