package verify

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// participants is the body of a participation entry as it came: as many ids
// as there are voters are not taken apart all at once, because nothing else
// in a record grows so much in one message.
type participants struct {
	list []byte // the ids, quoted, with commas between
	n    int
}

// maxParticipants is the limit of message.Participation.
const maxParticipants = 1_000_000

var errParticipation = errors.New("not an object of one list of at most 1000000 strings, voters")

// decodeParticipation reads {"voters":["…",…]}, of which canonical.Check has
// seen that it is canonical JSON.
func decodeParticipation(body []byte) (any, error) {
	list, ok1 := bytes.CutPrefix(body, []byte(`{"voters":[`))
	list, ok2 := bytes.CutSuffix(list, []byte(`]}`))
	if !ok1 || !ok2 {
		return nil, errParticipation
	}
	p := &participants{list: list}
	for _, err := range p.all() {
		if err != nil {
			return nil, err
		}
		if p.n++; p.n > maxParticipants {
			return nil, errParticipation
		}
	}
	return p, nil
}

// all yields the ids.
func (p *participants) all() func(yield func(string, error) bool) {
	return func(yield func(string, error) bool) {
		for rest := p.list; len(rest) > 0; {
			n := quoted(rest)
			if n == 0 || n < len(rest) && rest[n] != ',' || n == len(rest)-1 {
				yield("", errParticipation)
				return
			}
			id, err := unquoted(rest[:n])
			if !yield(id, err) {
				return
			}
			rest = rest[min(n+1, len(rest)):]
		}
	}
}

// quoted is the length of the string at the start of canonical JSON, with its
// quotes; 0 where there is none.
func quoted(b []byte) int {
	if b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return 0
}

func unquoted(b []byte) (s string, err error) {
	if bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1]), nil
	}
	if err := json.Unmarshal(b, &s); err != nil {
		return "", fmt.Errorf("voter: %w", err)
	}
	return s, nil
}
