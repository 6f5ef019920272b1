package scrutineer

import (
	"errors"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func yesNo(t *testing.T, ids ...string) *world {
	return opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "yes", "no")}, Voters: voters(ids...)})
}

func TestAnswers(t *testing.T) {
	w := yesNo(t, "u", "v")
	u, e := w.voter("u"), w.view.Election
	p, err := u.Prepare(Choices{"c": {"yes"}})
	w.must(err)
	ticket, _, err := u.Cast(p, message.None)
	w.must(err)
	good, err := w.authority.Receipt(e, *ticket.Decision, 30)
	w.must(err)
	no, err := w.authority.Refuse(w.view, *ticket.Decision, message.ReasonNotHead)
	w.must(err)
	resigned := func(spoil func(*message.Receipt)) message.Receipt {
		r := good
		spoil(&r)
		return SignReceipt(r, w.keys.Board)
	}
	for name, answer := range map[string]any{
		"other tracker":     resigned(func(r *message.Receipt) { r.Tracker[0] ^= 1 }),
		"other decision":    resigned(func(r *message.Receipt) { r.Decision[0] ^= 1 }),
		"other credential":  resigned(func(r *message.Receipt) { r.Credential = w.line("v").Key }),
		"no credential":     resigned(func(r *message.Receipt) { r.Credential = message.Element{} }),
		"other election":    resigned(func(r *message.Receipt) { r.Fingerprint[0] ^= 1 }),
		"other key":         SignReceipt(good, w.keys.Authority),
		"changed index":     func() message.Receipt { r := good; r.Index++; return r }(),
		"refusal, no key":   SignRefusal(no, w.keys.Authority),
		"refusal, reason":   SignRefusal(message.Refusal{Decision: no.Decision, Fingerprint: no.Fingerprint, Head: no.Head, Reason: "because"}, w.keys.Board),
		"refusal, decision": SignRefusal(message.Refusal{Fingerprint: no.Fingerprint, Head: no.Head, Reason: no.Reason}, w.keys.Board),
		"problem":           message.Problem{Code: "busy", Status: 503, Title: "busy", Type: "about:blank"},
	} {
		data, err := codec.Encode(answer)
		w.must(err)
		if err := u.Answer(ticket, data); !errors.Is(err, ErrReceipt) || ticket.Outcome != Unknown {
			t.Errorf("%s: %v", name, err)
		}
	}
	data, err := codec.Encode(no)
	w.must(err)
	w.must(u.Answer(ticket, data))
	if ticket.Outcome != Refused {
		t.Error("a good refusal is not taken")
	}
	ticket.Outcome = Unknown
	data, err = codec.Encode(good)
	w.must(err)
	w.must(u.Answer(ticket, data))
	w.must(u.Answer(ticket, data)) // a retry gets the same receipt
	later, err := codec.Encode(resigned(func(r *message.Receipt) { r.Index++ }))
	w.must(err)
	if u.Answer(ticket, later) == nil {
		t.Error("two receipts for one decision are taken")
	}
}

func TestVoterSeesWhatIsNotHers(t *testing.T) {
	w := yesNo(t, "u", "v")
	u, e := w.voter("u"), w.view.Election
	w.vote(u, Choices{"c": {"yes"}})
	w.must(u.Check(w.view))
	// The server casts once more with U's credential, which somebody gave it.
	p, err := e.Prepare(w.line("u"), Choices{"c": {"no"}}, w.seed.Stream("server"))
	w.must(err)
	w.must(w.cast(u.Credential, p.Ballot, p.Tracker))
	var alarm *Alarm
	if err := u.Check(w.view); !errors.As(err, &alarm) || alarm.Provable {
		t.Errorf("got %v", err)
	}
}

func TestBallotOnTheBoardIsNotMine(t *testing.T) {
	for name, spoil := range map[string]func(*message.Ballot){
		"weight":   func(b *message.Ballot) { b.Weight = 7 },
		"response": func(b *message.Ballot) { b.Contests[0].Sum.Responses[0][0] ^= 1 },
	} {
		w := yesNo(t, "u", "v")
		u := w.voter("u")
		p, err := u.Prepare(Choices{"c": {"yes"}})
		w.must(err)
		ticket, _, err := u.Cast(p, message.None)
		w.must(err)
		w.answer(u, ticket, w.view.Size())
		data, err := codec.Encode(p.Ballot)
		w.must(err)
		changed, err := codec.Decode[message.Ballot](data, codec.Limits{})
		w.must(err)
		spoil(&changed)
		parcel, err := w.authority.Cast(w.view.Election, changed, *ticket.Decision)
		w.must(err)
		if w.add(parcel) == nil {
			t.Errorf("%s: the board has no fault", name)
		}
		var alarm *Alarm
		if err := u.Check(w.view); !errors.As(err, &alarm) || !alarm.Provable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSubmission(t *testing.T) {
	w := yesNo(t, "u", "v")
	u, f := w.voter("u"), w.view.Election.Fingerprint
	p, err := u.Prepare(Choices{})
	w.must(err)
	data, err := u.Submission(p)
	w.must(err)
	if _, err := CheckSubmission(f, data); err != nil {
		t.Error(err)
	}
	if _, err := CheckSubmission(message.Digest{1}, data); !errors.Is(err, ErrCredentialSignature) {
		t.Errorf("another election: %v", err)
	}
	p.Ballot.Caster.Credential = w.line("v").Key
	data, err = u.Submission(p)
	w.must(err)
	if _, err := CheckSubmission(f, data); !errors.Is(err, ErrCredentialSignature) {
		t.Errorf("another caster: %v", err)
	}
}

func TestOpeningsThatLie(t *testing.T) {
	w := yesNo(t, "u")
	u := w.voter("u")
	for name, spoil := range map[string]func(*message.Challenge){
		"other plaintext":  func(c *message.Challenge) { c.Contests[0].Selections[0].Plaintext ^= 1 },
		"two":              func(c *message.Challenge) { c.Contests[0].Selections[0].Plaintext = 2 },
		"other randomness": func(c *message.Challenge) { c.Contests[0].Selections[0].Randomness[0] ^= 1 },
		"unreduced": func(c *message.Challenge) {
			r := &c.Contests[0].Selections[0].Randomness
			*r = plusOrder(*r)
		},
		"too many": func(c *message.Challenge) {
			for k := range c.Contests[0].Selections {
				s := &c.Contests[0].Selections[k]
				r, err := decodeScalar(s.Randomness)
				w.must(err)
				s.Plaintext = 1
				s.Alpha, s.Beta = w.view.Election.seal(opening{integer(1), r})
			}
		},
		"election": func(c *message.Challenge) { c.Fingerprint[0] ^= 1 },
		"style":    func(c *message.Challenge) { c.Style = "none" },
		"shape":    func(c *message.Challenge) { c.Contests[0].Selections = c.Contests[0].Selections[1:] },
	} {
		p, err := u.Prepare(Choices{"c": {"yes"}})
		w.must(err)
		c := p.Opening
		if _, err := w.view.Election.CheckChallenge(&c); err != nil {
			t.Fatal(err)
		}
		spoil(&c)
		if _, err := w.view.Election.CheckChallenge(&c); !errors.Is(err, ErrOpening) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPrepareRefuses(t *testing.T) {
	w := yesNo(t, "u")
	for name, choices := range map[string]Choices{
		"both":            {"c": {"yes", "no"}},
		"unknown option":  {"c": {"perhaps"}},
		"unknown contest": {"d": {"yes"}},
		"blank":           {"c": {"blank"}},
	} {
		if _, err := w.voter("u").Prepare(choices); err == nil {
			t.Errorf("%s: prepared", name)
		}
	}
}

// A sound trustee decrypts once, for one root, and not for a board with a
// fault.
func TestTrusteeDecryptsOnce(t *testing.T) {
	w := yesNo(t, "u")
	w.vote(w.voter("u"), Choices{"c": {"yes"}})
	w.closeAndSeal()
	tr := w.trustees[0]
	w.post(tr.mustShares(w)[0], nil)
	other := *w.view
	seal := *w.view.Seal
	seal.Body.Root[0] ^= 1
	other.Seal = &seal
	if _, err := tr.Shares(&other); !errors.Is(err, ErrRefused) {
		t.Errorf("another root: %v", err)
	}
	other = *w.view
	other.Faults = []Fault{{Check: "V-20", Err: ErrSelection}}
	if _, err := w.trustees[1].Shares(&other); !errors.Is(err, ErrRefused) {
		t.Errorf("a fault: %v", err)
	}
}

func (t *Trustee) mustShares(w *world) []Parcel {
	out, err := t.Shares(w.view)
	w.must(err)
	return out
}
