package manage

// The paths of a witness.
const (
	PathHead   = "/manage/head"   // GET: Head
	PathForget = "/manage/forget" // POST: 204
)

// Head is the last head that the witness cosigned, as the board signed it;
// empty before the first. Forget makes the witness begin anew, for the board
// that an insider has imported.
type Head struct {
	Note string `json:"note" limit:"65536"`
}
