package liar

import (
	"context"
	"net/http"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// statusPath is where clients ask for the state of the election.
const statusPath = "/status"

// Spy is a server that names a key of its own as the election's to whoever
// asks while it stands there, and substitutes what is encrypted with it (E06).
// It is safe for concurrent use.
type Spy struct {
	Key         message.Element
	Substituter *Substituter
}

// Answer is a targets.Liar.
func (s *Spy) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	if r.Method != http.MethodGet || !strings.HasSuffix(r.Path, statusPath) {
		return s.Substituter.Answer(ctx, r, next)
	}
	answer, err := next(ctx, r)
	if err != nil || answer.Status != http.StatusOK {
		return answer, err
	}
	st, err := codec.Decode[message.Status](answer.Body, codec.Limits{Size: 1 << 16})
	if err != nil {
		return answer, nil
	}
	st.ElectionKey = s.Key
	answer.Body, err = codec.Encode(st)
	return answer, err
}
