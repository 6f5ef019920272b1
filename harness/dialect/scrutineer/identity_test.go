package scrutineer

import (
	"errors"
	"testing"

	"scrutineer/protocols/message"
)

// identified is an open election with an identity service.
func identified(t *testing.T) *world {
	return opened(t, Description{Identity: true, Voters: voters("u", "v"), Contests: []message.Contest{Choose("mayor", 0, 1, false, "a", "b")}})
}

// TestBehind: what a device or a server casts with a voter's credential holds
// in everything but the authorisation (V-46); with it, it holds altogether,
// and only the voter's own history and the notices tell.
func TestBehind(t *testing.T) {
	w := identified(t)
	u := w.voter("u")
	b, err := w.view.Election.ForgeBehind(u.Credential, u.Line, Choices{"mayor": {"b"}}, w.view.HeadOf(u.Credential.Key), w.seed.Stream("behind"))
	w.must(err)
	p, err := w.authority.Cast(w.view.Election, b.Ticket.Prepared.Ballot, *b.Ticket.Decision)
	w.must(err)
	err = w.add(p)
	if !errors.Is(err, ErrAuthorisation) || len(w.view.Faults) != 1 || w.view.Faults[0].Check != "V-46" {
		t.Fatalf("not authorised: %v", err)
	}
	if len(u.History) != 0 {
		t.Error("the voter knows of it")
	}
	// The same credential casts with the service's signature.
	w2 := identified(t)
	v := w2.voter("v")
	b, err = w2.view.Election.ForgeBehind(v.Credential, v.Line, Choices{"mayor": {"b"}}, w2.view.HeadOf(v.Credential.Key), w2.seed.Stream("behind"))
	w2.must(err)
	b.Ticket.Decision.Authorisation, err = w2.keys.Identity.Authorise(*b.Ticket.Decision, w2.seed.Stream("service"))
	w2.must(err)
	w2.post(w2.authority.Cast(w2.view.Election, b.Ticket.Prepared.Ballot, *b.Ticket.Decision))
	var alarm *Alarm
	if err := v.checkChain(w2.view); !errors.As(err, &alarm) || alarm.Provable {
		t.Errorf("the voter's look at his chain: %v", err)
	}
	// The list must name it, before the seal.
	w2.post(w2.authority.Close(w2.view.Election, "online"))
	w2.post(w2.registrar.Participation(w2.view))
	list, err := w2.keys.Identity.List(w2.view)
	w2.must(err)
	w2.post(list, nil)
	w2.post(w2.authority.Seal(w2.view))
}
