package manage

import "scrutineer/protocols/codec"

// The paths of the authority. It answers them with message.Appended.
const (
	PathClose  = "/manage/close"  // POST message.CloseChannel: message.Appended
	PathAbort  = "/manage/abort"  // POST message.Abort: message.Appended
	PathImport = "/manage/import" // POST Import: Imported
)

// Import replaces the board by one with these entries, in order: the target
// builds the tree anew and signs it with the same keys. Chunks are those that
// the entries name and that the board does not have. It is for test elections
// whose authority was started for insiders. What the box knew about decisions
// is forgotten; what stands among the entries is read again.
type Import struct {
	Chunks  []codec.HexBytes `json:"chunks" limit:"65536,32768"`
	Entries []codec.HexBytes `json:"entries" limit:"1048576,65535"`
}

// Imported tells how many entries stand now.
type Imported struct {
	Size uint64 `json:"size"`
}
