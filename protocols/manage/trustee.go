package manage

// The paths of a trustee. A trustee that is held follows the board and posts
// nothing until it is released.
const (
	PathHold    = "/manage/hold"    // POST: 204
	PathRelease = "/manage/release" // POST: 204
)
