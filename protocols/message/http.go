package message

import "scrutineer/protocols/codec"

// LongEntry brings an entry whose body is above MaxInline to the board: the
// entry as it will stand there, with its chunks named, and beside it the whole
// body, which the board cuts into those chunks. It is taken as a whole or not
// at all.
type LongEntry struct {
	Body  codec.Raw `json:"body"`
	Entry Entry     `json:"entry"`
}

// Health answers who asks whether a server is alive or ready.
type Health struct {
	Status string `json:"status"`
}
