package wire

import (
	"context"
	"crypto/sha256"
	"net/http"
	"slices"
	"sync"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// kind is what can be handed in at the public interface.
type kind struct {
	path string
	// decision says that only a signed answer is final (S-20).
	decision bool
}

// kinds are the ways in, as the OpenAPI document of the reference has them.
func kinds(name string) (kind, error) {
	switch name {
	case "ballot":
		return kind{path: "/v1/ballots"}, nil
	case "cast":
		return kind{path: "/v1/casts", decision: true}, nil
	case "challenge":
		return kind{path: "/v1/challenges", decision: true}, nil
	case "entry":
		return kind{path: "/v1/entries"}, nil
	}
	return kind{}, targets.ErrUnable
}

// outcome turns an answer into the words of targets. Whatever is neither
// granted nor refused in the form that the kind demands is Unknown.
func (k kind) outcome(a answer) targets.Answer {
	out := targets.Answer{Outcome: targets.Unknown, Status: a.status, Body: a.body}
	if p, ok := a.problem(); ok {
		out.Code, out.Detail = printable(p.Code), printable(p.Detail)
		if !k.decision && a.status >= 400 && a.status < 500 {
			out.Outcome = targets.Refused
		}
		return out
	}
	if a.media != typeJSON {
		out.Detail = "an answer of another kind: " + printable(a.media)
		return out
	}
	switch {
	case a.status >= 200 && a.status < 300:
		out.Outcome = targets.OK
	case k.decision && a.status == http.StatusConflict:
		// Whether the signature holds is for others to check.
		r, err := codec.Decode[message.Refusal](a.body, codec.Limits{Size: maxAnswer})
		if err != nil {
			out.Detail = "a refusal that cannot be read: " + printable(err.Error())
			return out
		}
		out.Outcome, out.Code = targets.Refused, printable(string(r.Reason))
	}
	return out
}

// unknown is the outcome of a request whose answer never came.
func unknown(err error) targets.Answer {
	return targets.Answer{Outcome: targets.Unknown, Detail: printable(err.Error())}
}

// Submit implements targets.Submitter. Chunks are kept here until the entry
// comes that names them: the server takes them only together.
func (e *Public) Submit(ctx context.Context, name string, body []byte) (targets.Answer, error) {
	if name == "chunk" {
		return e.shelf.put(body), nil
	}
	k, err := kinds(name)
	if err != nil {
		return targets.Answer{}, err
	}
	if name == "entry" {
		if long := e.shelf.complete(body); long != nil {
			k.path, body = "/v1/entries/long", long
		}
	}
	a, err := e.clients.do(ctx, request{path: k.path, post: true, body: body})
	if err != nil {
		return unknown(err), nil
	}
	return k.outcome(a), nil
}

// shelf keeps chunks by their digest.
type shelf struct {
	mu     sync.Mutex
	chunks map[message.Digest][]byte
	size   int
}

// maxShelf bounds the bytes on a shelf: the body of two entries.
const maxShelf = 2 * message.MaxBody

func (s *shelf) put(chunk []byte) targets.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := message.Digest(sha256.Sum256(chunk))
	if _, there := s.chunks[d]; there {
		return targets.Answer{Outcome: targets.OK}
	}
	if len(chunk) > message.ChunkSize || s.size+len(chunk) > maxShelf {
		return targets.Answer{Outcome: targets.Refused, Code: "too-large", Detail: "the chunk, or all that wait for their entry, are too large"}
	}
	if s.chunks == nil {
		s.chunks = map[message.Digest][]byte{}
	}
	s.chunks[d], s.size = slices.Clone(chunk), s.size+len(chunk)
	return targets.Answer{Outcome: targets.OK}
}

// complete takes the chunks that an entry names off the shelf and returns the
// message.LongEntry of both. It returns nil for an entry that names none, or
// one that is not there: that is for the server to refuse.
func (s *shelf) complete(entry []byte) []byte {
	e, err := message.DecodeEntry(entry)
	if err != nil || len(e.Chunks) == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var body []byte
	for _, d := range e.Chunks {
		c, ok := s.chunks[d]
		if !ok {
			return nil
		}
		body = append(body, c...)
	}
	raw, err := codec.Encode(message.LongEntry{Body: body, Entry: e})
	if err != nil {
		return nil // the chunks are no JSON
	}
	for _, d := range e.Chunks {
		s.size -= len(s.chunks[d])
		delete(s.chunks, d)
	}
	return raw
}
