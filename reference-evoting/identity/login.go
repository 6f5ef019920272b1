package identity

import (
	"context"
	"errors"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// errLogin says the same whether the id is unknown or the code is wrong.
var errLogin error = &Problem{Status: 401, Code: CodeLogin, Detail: "voter id and code do not belong together"}

// Login opens a session, and binds person and credential when it is their
// first (S-40).
func (s *Service) Login(ctx context.Context, raw []byte) (message.Session, error) {
	var none message.Session
	q, err := codec.Decode[message.Login](raw, codec.Limits{Size: maxRequest})
	if err != nil {
		return none, malformed(err)
	}
	print, err := s.holds(q)
	if err != nil {
		return none, err
	}
	good, err := s.authentic(ctx, q)
	if err != nil {
		return none, err
	}
	if !good {
		return none, s.wrong(q.Voter)
	}
	switch err := s.cfg.Store.Bind(ctx, q.Voter, q.Credential); {
	case errors.Is(err, ErrBound):
		return none, problem(409, CodeBound, "person or credential is bound otherwise, since the first login of either")
	case err != nil:
		return none, err
	}
	return s.issue(print, q.Credential)
}

// holds checks what costs little: the election, and that whoever logs in holds
// the credential.
func (s *Service) holds(q message.Login) (message.Digest, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	print := s.state.Fingerprint()
	switch phase := s.state.Phase(); {
	case !opened(phase):
		return print, problem(409, "not-open", "nobody logs in in phase %s", phase)
	case q.Fingerprint != print:
		return print, problem(422, "V-16", "the login is for the election %s", q.Fingerprint)
	}
	if _, listed := s.state.Voter(q.Credential); !listed {
		return print, problem(422, string(message.ReasonUnknownCredential), "the credential is not listed")
	}
	ok, err := proof.Signed(s.cfg.Recall, q.Credential, transcript.PurposeLogin, print, transcript.Login(print, q.Voter), q.Signature)
	if err != nil || !ok {
		return print, problem(401, CodeSignature, "the credential's signature does not hold")
	}
	return print, nil
}

// authentic looks at the code, when it is this login's turn.
func (s *Service) authentic(ctx context.Context, q message.Login) (bool, error) {
	select {
	case s.queue <- struct{}{}:
		defer func() { <-s.queue }()
	default:
		return false, &Problem{Status: 503, Code: CodeQueue, Detail: "too many logins are waiting", After: retryBusy}
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return false, ctx.Err()
	}
	known := s.cfg.Persons.has(q.Voter)
	wait := s.guard.begin(q.Voter, known, s.cfg.Clock())
	if !s.planted().Widen(weakness.NoRateLimit, wait == 0, func() bool { return true }) {
		return false, &Problem{Status: 429, Code: CodeSlowDown, Detail: "too many wrong codes", After: wait}
	}
	good := s.cfg.Persons.is(q.Voter, q.Code)
	m, changed := s.guard.end(q.Voter, good)
	if kept, ok := s.cfg.Store.(Misses); ok && changed {
		return good, kept.KeepMiss(ctx, m)
	}
	return good, nil
}

// Restore takes up the wrong codes that the store has kept.
func (s *Service) Restore(ctx context.Context) error {
	kept, ok := s.cfg.Store.(Misses)
	if !ok {
		return nil
	}
	list, err := kept.Misses(ctx)
	if err != nil {
		return err
	}
	s.guard.restore(list, s.cfg.Persons.has)
	return nil
}

// wrong is the answer to a code that is not the voter's.
func (s *Service) wrong(voter string) error {
	if s.planted().Has(weakness.TellsUnknown) && !s.cfg.Persons.has(voter) {
		return problem(404, "unknown-voter", "nobody has this voter id")
	}
	return errLogin
}

// planted is what is planted in this service.
func (s *Service) planted() weakness.View {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.weak
}

// opened reports that the election has been opened. Notices are read after
// the close as well.
func opened(p message.Phase) bool {
	switch p {
	case message.PhaseVoting, message.PhaseClosed, message.PhaseParticipated, message.PhaseListed,
		message.PhaseSealed, message.PhaseDecrypting, message.PhasePublished:
		return true
	}
	return false
}
