package manage

import "scrutineer/protocols/codec"

// The paths of the official publisher and, for what it says to voters, of the
// voting client.
const (
	PathPostNotice = "/manage/post-notice" // POST PostNotice: Notice; the officers' keys are there in test elections only
	PathShowNotice = "/manage/show-notice" // POST ShowNotice: ShownNotices; of the voting client
)

// PostNotice has the electoral body post a notice.
type PostNotice struct {
	Text string `json:"text" limit:"4096"`
}

// Notice is one as it was signed: canonical JSON of message.BodyNotice.
type Notice struct {
	Notice codec.HexBytes `json:"notice" limit:"65536"`
}

// ShowNotice brings a notice to a voter's client.
type ShowNotice struct {
	Notice codec.HexBytes `json:"notice" limit:"65536"`
	Voter  string         `json:"voter" limit:"256"`
}

// ShownNotices are the texts that the client shows because of it, in order.
type ShownNotices struct {
	Texts []string `json:"texts" limit:"4096"`
}
