package core

import (
	"context"
	"errors"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/identity"
	"scrutineer/targets"
)

// cheap is what a look at a code costs here: a test election is not guessed at
// for long, and 19 MiB a voter would be most of its time.
func cheap() identity.Cost { return identity.Cost{KiB: 64, Passes: 1} }

// addIdentity starts the identity service.
func (e *election) addIdentity() error {
	var voters []string
	for _, v := range e.draft.Roll {
		voters = append(voters, v.ID)
	}
	origin := e.draft.Manifest.Board.Origin
	persons, sent, err := identity.Enrol(voters, e.seed.Stream(message.RoleIdentity, "codes", origin), cheap())
	if err != nil {
		return err
	}
	e.codes = map[string]string{}
	for _, s := range sent {
		e.codes[s.Voter] = s.Code
	}
	e.identity = identity.New(identity.Config{
		Key: e.seed.Signing(message.RoleIdentity, ""), Authorisation: e.seed.Authorisation(), Persons: persons,
		Store: identity.NewMemoryStore(), Random: e.seed.Stream(message.RoleIdentity, "", origin), Clock: e.clock, Recall: e.memory,
	})
	e.identity.Begin(e.weak, e.log)
	e.listing = &follower{apply: e.identity.Apply, next: e.identity.Next}
	return nil
}

// identified reports that a message goes to the identity service, which is
// another server than the authority.
func identified(kind string) bool {
	return slices.Contains([]string{"login", "authorise", "notices"}, kind)
}

// identify is the identity service's public interface.
func (e *election) identify(ctx context.Context, kind string, body []byte) (targets.Response, error) {
	if e.identity == nil {
		return targets.Response{}, targets.ErrUnable
	}
	if answer, err, failing := e.outage.asked(ctx); failing {
		return answer, err
	}
	var out any
	var err error
	switch kind {
	case "login":
		out, err = e.identity.Login(ctx, body)
	case "authorise":
		out, err = e.identity.Authorise(ctx, body)
	default:
		out, err = e.identity.Notices(ctx, body)
	}
	var refused *identity.Problem
	if errors.As(err, &refused) {
		return problem(&authority.Problem{Status: refused.Status, Code: refused.Code, Detail: refused.Detail})
	}
	if err != nil {
		return targets.Response{}, err
	}
	raw, err := codec.Encode(out)
	return targets.Response{Status: 200, ContentType: "application/json", Body: raw}, err
}
