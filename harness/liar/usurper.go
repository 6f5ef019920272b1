package liar

import (
	"context"
	"fmt"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// entriesPath is where roles post their entries.
const entriesPath = "/entries"

// Usurper is a server that takes the registrar's participation out of the hands
// of its own software, which would seal at once, and puts it on the board by
// itself, with whatever it wants to come after it (D07).
type Usurper struct {
	// Take puts the participation on the board and returns its index.
	Take func(ctx context.Context, entry []byte) (index uint64, err error)
}

// Answer is a targets.Liar.
func (u *Usurper) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	if r.Method != "POST" || !strings.HasSuffix(r.Path, entriesPath) {
		return next(ctx, r)
	}
	if e, err := message.DecodeEntry(r.Body); err != nil || e.Type != message.TypeParticipation {
		return next(ctx, r)
	}
	index, err := u.Take(ctx, r.Body)
	if err != nil {
		return targets.Response{}, fmt.Errorf("taking the participation: %w", err)
	}
	body, err := codec.Encode(message.Appended{Index: index})
	return targets.Response{Status: 200, ContentType: "application/json", Body: body}, err
}
