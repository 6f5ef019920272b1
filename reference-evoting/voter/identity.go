package voter

import (
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/weakness"
)

// Identified reports that casts of this election need the identity service.
func (c *Client) Identified() bool { return c.voting.Election.HasIdentity() }

// Login asks the identity service for a session (S-40).
func (c *Client) Login(voter, code string) ([]byte, error) {
	print := c.voting.Fingerprint
	return codec.Encode(message.Login{
		Code: code, Credential: c.credential.Key, Fingerprint: print, Voter: voter,
		Signature: proof.Sign(c.credential.Secret, transcript.PurposeLogin, print, transcript.Login(print, voter), c.random),
	})
}

// Authorise asks it, in a session, to authorise a decision of Cast (S-41).
func (c *Client) Authorise(session message.Session, decision []byte) ([]byte, error) {
	d, err := codec.Decode[message.Decision](decision, codec.Limits{Size: 4096})
	if err != nil {
		return nil, err
	}
	return codec.Encode(message.Authorise{Decision: d, Token: session.Token})
}

// Authorised puts the answer into the decision, if it is what V-46 asks for.
func (c *Client) Authorised(decision, answer []byte) ([]byte, error) {
	d, err := codec.Decode[message.Decision](decision, codec.Limits{Size: 4096})
	if err != nil {
		return nil, err
	}
	a, err := codec.Decode[message.Authorised](answer, codec.Limits{Size: 4096})
	if err != nil {
		return nil, fmt.Errorf("%w: no authorisation: %w", ErrAnswer, err)
	}
	d.Authorisation = &a.Authorisation
	if fault := c.voting.Authorised(d); fault != nil {
		return nil, fmt.Errorf("%w: %w", ErrAnswer, fault)
	}
	return codec.Encode(d)
}

// CheckNotices makes the check that a voter owes on each notice (S-42): it
// is signed by the identity service, and about a ballot that he cast. The
// alarm convinces only him: nobody else knows what he did not cast.
func (c *Client) CheckNotices(answer []byte) ([]*Alarm, error) {
	if c.voting.Weak.Has(weakness.NoNotification) {
		return nil, nil
	}
	q, err := codec.Decode[message.Notices](answer, codec.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%w: no notices: %w", ErrAnswer, err)
	}
	key := c.voting.Election.Manifest.Identity
	var alarms []*Alarm
	for i, n := range q.Notices {
		digest := transcript.NoticeDigest(n)
		mine := n.Credential == c.credential.Key && n.Fingerprint == c.voting.Fingerprint && n.Number == uint64(i)+1
		if !mine || !recall.Ed25519(c.voting.Memory, key[:], digest[:], n.Signature[:]) {
			return nil, fmt.Errorf("%w: notice %d is not the identity service's for this credential", ErrAnswer, i+1)
		}
		made := slices.ContainsFunc(c.history, func(p *Prepared) bool { return p.cast && p.Tracker == n.Tracker })
		if !made {
			alarms = append(alarms, &Alarm{Step: "S-42", Detail: fmt.Sprintf(
				"a notice tells of ballot %s, after %s, in my name; I did not cast it", short(n.Tracker.String()), short(n.Predecessor))})
		}
	}
	return alarms, nil
}

// short is the beginning of a tracker, as people compare them.
func short(tracker string) string { return tracker[:min(len(tracker), 12)] }
