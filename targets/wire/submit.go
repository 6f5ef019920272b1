package wire

import (
	"context"
	"net/http"

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
	case "long":
		return kind{path: "/v1/entries/long"}, nil
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

// Submit implements targets.Submitter. Its kinds are ballot, cast, challenge,
// entry, and long for a message.LongEntry.
func (e *Public) Submit(ctx context.Context, name string, body []byte) (targets.Answer, error) {
	k, err := kinds(name)
	if err != nil {
		return targets.Answer{}, err
	}
	a, err := e.clients.do(ctx, request{path: k.path, post: true, body: body})
	if err != nil {
		return unknown(err), nil
	}
	return k.outcome(a), nil
}
