package identity

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// Authorise signs a decision of the session's credential (S-41). The same
// decision gets the same signature. It is in the voter's outbox before the
// answer leaves.
func (s *Service) Authorise(ctx context.Context, raw []byte) (message.Authorised, error) {
	var none message.Authorised
	q, err := codec.Decode[message.Authorise](raw, codec.Limits{Size: maxRequest})
	if err != nil {
		return none, malformed(err)
	}
	subject, err := s.session(q.Token)
	if err != nil && s.says(ctx, q.Decision.Credential) {
		subject, err = q.Decision.Credential, nil
	}
	if err != nil {
		return none, err
	}
	if err := s.decided(subject, q.Decision); err != nil {
		return none, err
	}
	digest, err := decisionDigest(q.Decision)
	if err != nil {
		return none, malformed(err)
	}
	a, err := s.cfg.Store.Find(ctx, digest)
	if errors.Is(err, ErrNotFound) {
		a, err = s.sign(ctx, digest, q.Decision)
	}
	if errors.Is(err, ErrFull) {
		return none, problem(429, CodeMany, "this credential has been authorised %d times", s.cfg.Limits.Authorisations)
	}
	return message.Authorised{Authorisation: a.Signature}, err
}

// decided checks that the decision is the session's credential's own, for this
// election, while it is open.
func (s *Service) decided(subject message.Element, d message.Decision) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state.Phase() != message.PhaseVoting {
		return problem(409, string(message.ReasonClosed), "nothing is authorised in phase %s", s.state.Phase())
	}
	own := d.Credential == subject
	if !s.weak.Widen(weakness.TrustClientVoterID, own, func() bool { return true }) {
		return problem(403, CodeNotYours, "the session is of another credential")
	}
	if fault := s.state.Decided(d); fault != nil {
		return problem(422, fault.Check, "%s", fault.Detail)
	}
	return nil
}

// forwardedKey is under which a context carries what a header says.
type forwardedKey struct{}

// Forwarded notes whose request it is by a header that only a proxy in front
// would set. The sound rule does not look at it.
func Forwarded(ctx context.Context, user string) context.Context {
	if user == "" {
		return ctx
	}
	return context.WithValue(ctx, forwardedKey{}, user)
}

// says is the weak rule of a service behind such a proxy, or of one that
// believes it is: who is logged in is whom the header names.
func (s *Service) says(ctx context.Context, credential message.Element) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	user, _ := ctx.Value(forwardedKey{}).(string)
	return s.weak.Has(weakness.TrustClientVoterID) && user == credential.String()
}

func (s *Service) sign(ctx context.Context, digest message.Digest, d message.Decision) (Authorisation, error) {
	content, err := codec.Encode(d.Content())
	if err != nil {
		return Authorisation{}, err
	}
	a := Authorisation{Decision: digest, Credential: d.Credential, Tracker: d.Tracker, Predecessor: d.Predecessor}
	s.drawing(func(random cipher.Stream) {
		a.Signature = proof.Sign(s.cfg.Authorisation, transcript.PurposeAuthorisation, d.Fingerprint,
			transcript.BodyDigest(content), random)
	})
	return s.cfg.Store.Keep(ctx, a, s.cfg.Limits.Authorisations)
}

// Notices gives the outbox of the session's credential (S-42).
func (s *Service) Notices(ctx context.Context, raw []byte) (message.Notices, error) {
	out := message.Notices{Notices: []message.Notice{}}
	q, err := codec.Decode[message.ReadNotices](raw, codec.Limits{Size: maxRequest})
	if err != nil {
		return out, malformed(err)
	}
	subject, err := s.session(q.Token)
	if err != nil {
		return out, err
	}
	s.mu.Lock()
	print, silent := s.state.Fingerprint(), s.weak.Has(weakness.NoNotification)
	s.mu.Unlock()
	list, err := s.cfg.Store.List(ctx, subject)
	if err != nil || silent {
		return out, err
	}
	for _, a := range list {
		n := message.Notice{
			Credential: a.Credential, Fingerprint: print, Number: a.Number, Predecessor: a.Predecessor, Tracker: a.Tracker,
		}
		digest := transcript.NoticeDigest(n)
		n.Signature = message.Signature(ed25519.Sign(s.cfg.Key, digest[:]))
		out.Notices = append(out.Notices, n)
	}
	return out, nil
}
