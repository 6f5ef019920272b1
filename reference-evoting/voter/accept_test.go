package voter_test

import (
	"errors"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/voter"
)

// A client shows and signs its own tracker alone, unless it is weak.
func TestAccept(t *testing.T) {
	other := message.Digest{7}
	for _, x := range []struct {
		name    string
		planted []string
		answer  func(body, tracker message.Digest) message.Accepted
		ok      bool
		shown   bool // the server's tracker
	}{
		{"unnamed", nil, func(b, _ message.Digest) message.Accepted { return message.Accepted{Body: b} }, true, false},
		{"mine", nil, func(b, tr message.Digest) message.Accepted { return message.Accepted{Body: b, Tracker: tr} }, true, false},
		{"another body", nil, func(message.Digest, message.Digest) message.Accepted { return message.Accepted{Body: other} }, false, false},
		{"another tracker", nil, func(b, _ message.Digest) message.Accepted { return message.Accepted{Body: b, Tracker: other} }, false, false},
		{"unnamed to a weak client", weak, func(b, _ message.Digest) message.Accepted { return message.Accepted{Body: b} }, true, false},
		{"another to a weak client", weak, func(b, _ message.Digest) message.Accepted { return message.Accepted{Body: b, Tracker: other} }, true, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			h, err := fixture.Open(t.Context(), fixture.Manifest(2), 1, x.planted...)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Stop()
			c := h.Voter(0)
			p, err := c.Encrypt(voter.Choices{"council": {"option-1"}})
			if err != nil {
				t.Fatal(err)
			}
			own := p.Tracker
			body, err := codec.Encode(p.Ballot)
			if err != nil {
				t.Fatal(err)
			}
			err = c.Accept(p, x.answer(transcript.BodyDigest(body), own))
			if (err == nil) != x.ok || err != nil && !errors.Is(err, voter.ErrAnswer) {
				t.Error(err)
			}
			if p.Tracker != own && !x.shown || p.Tracker != other && x.shown {
				t.Errorf("shows %s", p.Tracker)
			}
		})
	}
}

var weak = []string{"weak.client.trustServerReceipt"}
