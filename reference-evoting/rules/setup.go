package rules

import (
	"context"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/ceremony"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// effect is what an accepted entry does.
type effect = func() error

// dispatch makes V-06 and hands an entry to the rules of its type.
func (s *State) dispatch(ctx context.Context, e message.Entry, body codec.Raw, depth Depth) (effect, *Fault, error) {
	if s.weak.Has(weakness.Vacuous) && !known(e.Type) {
		return func() error { return nil }, nil, nil
	}
	if s.phase == message.PhaseVoting && s.weak.Widen(weakness.PartialAllowed, false, func() bool { return early(e.Type) }) {
		do, fault := s.planEarly(e, body)
		return do, fault, nil
	}
	if !s.inOrder(e.Type) {
		f := broken("V-06", "a %q entry has no place in phase %s", e.Type, s.phase)
		if e.Type == message.TypeCast || e.Type == message.TypeChallenge {
			f.Check, f.Reason = "V-27", message.ReasonClosed
		}
		return nil, f, nil
	}
	switch e.Type {
	case message.TypeCast:
		return s.planCast(ctx, e, body, depth)
	case message.TypeChallenge:
		return s.planChallenge(ctx, e, body)
	case message.TypeIdentityList:
		return s.planIdentityList(ctx, e, body)
	case message.TypeDeviceBallot:
		return s.planDeviceBallot(ctx, e, body, depth)
	case message.TypeVoid:
		return s.planVoid(ctx, e, body)
	}
	do, fault := s.planRole(e, body)
	return do, fault, nil
}

func (s *State) planRole(e message.Entry, body codec.Raw) (effect, *Fault) {
	switch e.Type {
	case message.TypeManifest:
		return s.planManifest(e, body)
	case message.TypeDKGCommit, message.TypeDKGReveal, message.TypeDKGShares:
		return s.planRound(e, body)
	case message.TypeDKGComplaint:
		return s.planComplaint(e, body)
	case message.TypeAbort:
		return s.planAbort(e, body)
	case message.TypeCredentials:
		return s.planCredentials(e, body)
	case message.TypeElectorate:
		return s.planElectorate(e, body)
	case message.TypeConfirm:
		return s.planConfirm(e, body)
	case message.TypeOpen:
		return s.planOpen(e, body)
	case message.TypeCloseChannel:
		return s.planClose(e, body)
	case message.TypeMinutes:
		return s.planMinutes(e, body)
	case message.TypeImport:
		return s.planImport(e, body)
	case message.TypeNoPack:
		return s.planNoPack(e, body)
	case message.TypeRevokeDevice:
		return s.planRevoke(e, body)
	case message.TypeParticipation:
		return s.planParticipation(e, body)
	case message.TypeSeal:
		return s.planSeal(e, body)
	case message.TypeAggregate:
		return s.planAggregate(e, body)
	case message.TypeDecryptionShare:
		return s.planShare(e, body)
	case message.TypeResult:
		return s.planResult(e, body)
	}
	return nil, broken("V-05", "type %q is unknown", e.Type)
}

// order lists the types that each phase admits (V-06).
func order(p message.Phase) []message.Type {
	switch p {
	case message.PhaseEmpty:
		return []message.Type{message.TypeManifest}
	case message.PhaseCommit:
		return []message.Type{message.TypeDKGCommit, message.TypeAbort}
	case message.PhaseReveal:
		return []message.Type{message.TypeDKGReveal, message.TypeAbort}
	case message.PhaseDeal:
		return []message.Type{message.TypeDKGShares, message.TypeAbort}
	case message.PhaseCredentials:
		return []message.Type{message.TypeCredentials, message.TypeElectorate, message.TypeDKGComplaint, message.TypeAbort}
	case message.PhaseConfirm:
		return []message.Type{message.TypeConfirm, message.TypeDKGComplaint, message.TypeAbort}
	case message.PhaseReady:
		return []message.Type{message.TypeOpen, message.TypeAbort}
	case message.PhaseVoting:
		return []message.Type{message.TypeCast, message.TypeChallenge, message.TypeCloseChannel}
	case message.PhaseClosed:
		return []message.Type{message.TypeParticipation}
	case message.PhaseParticipated:
		return []message.Type{message.TypeSeal, message.TypeIdentityList}
	case message.PhaseListed:
		return []message.Type{message.TypeSeal}
	case message.PhaseSealed:
		return []message.Type{message.TypeAggregate}
	case message.PhaseDecrypting:
		return []message.Type{message.TypeDecryptionShare, message.TypeResult}
	}
	return nil
}

// known reports that some phase admits the type.
func known(t message.Type) bool {
	for _, p := range []message.Phase{
		message.PhaseEmpty, message.PhaseCommit, message.PhaseReveal, message.PhaseDeal, message.PhaseCredentials,
		message.PhaseConfirm, message.PhaseReady, message.PhaseVoting, message.PhaseClosed, message.PhaseParticipated,
		message.PhaseSealed, message.PhaseDecrypting,
	} {
		if slices.Contains(order(p), t) {
			return true
		}
	}
	return false
}

func (s *State) inOrder(t message.Type) bool {
	if s.culprit != "" {
		return t == message.TypeAbort
	}
	for _, allowed := range order(s.phase) {
		if t == message.TypeIdentityList && !s.election.HasIdentity() {
			return false
		}
		if t == allowed {
			return t != message.TypeCast && t != message.TypeChallenge || s.onlineOpen()
		}
	}
	return s.atPlace(t) || s.late(t) || s.weak.Widen(weakness.NonIdempotent, false, func() bool { return s.again(t) })
}

// late is the weak rules of what comes after its time: ballots between close
// and seal, and aggregates once there are shares.
func (s *State) late(t message.Type) bool {
	switch t {
	case message.TypeCast, message.TypeChallenge:
		return s.weak.Has(weakness.NonAtomic) && s.phase == message.PhaseClosed
	case message.TypeAggregate:
		return s.weak.Has(weakness.NoRecompute) && s.phase == message.PhaseDecrypting && len(s.tallying.due) > 0
	}
	return false
}

// again reports that an entry does what was done: under the weak rule it is
// admitted and changes nothing.
func (s *State) again(t message.Type) bool {
	return t == message.TypeCloseChannel && len(s.closed) > 0 || t == message.TypeResult && s.result != nil
}

// onlineOpen reports that an online channel still takes ballots (V-27).
func (s *State) onlineOpen() bool {
	for _, c := range s.election.Manifest.Channels {
		if c.Kind == message.ChannelOnline && !s.closed[c.ID] {
			return true
		}
	}
	return false
}

func (s *State) planManifest(e message.Entry, body codec.Raw) (effect, *Fault) {
	m, fault := decode[message.ManifestBody](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	election, err := manifest.Compile(m.Manifest, m.Ceremony)
	if err != nil {
		return nil, broken("V-08", "%v", err)
	}
	if e.Role != message.RoleAuthority || e.Context != (message.Digest{}) {
		return nil, broken("V-07", "the manifest is the authority's, without context")
	}
	if fault := s.verified(election, e, body); fault != nil {
		return nil, fault
	}
	if fault := Announced(s.weak, &m.Manifest, s.announced); fault != nil {
		return nil, fault
	}
	return func() error {
		s.election = election
		s.ceremony = ceremony.NewPublic(s.memory, election.SetupID, int(m.Manifest.Threshold), election.Encryption, s.weak)
		s.sums = tally.NewSums(election)
		s.sums.Weak = s.weak
		if election.HasPlaces() {
			s.places = newPlaces(&election.Manifest)
		}
		if s.weak.Has(weakness.CheckThenInsert) {
			s.chains = newChains()
		}
		s.phase = message.PhaseCommit
		return nil
	}, nil
}

// planRound takes the three rounds of the ceremony. A signer speaks for the
// index that the manifest gives it alone (V-10).
func (s *State) planRound(e message.Entry, body codec.Raw) (effect, *Fault) {
	setup := s.ceremony.SetupID()
	own := e.Context == setup
	replayed := s.weak.Widen(weakness.KeyReuse, own, func() bool {
		hashes, _, _ := s.ceremony.Complete()
		return e.Type == message.TypeDKGCommit && hashes == 0
	})
	if !replayed {
		return nil, broken("V-07", "is in the context %s, want %s", e.Context, message.Digest(setup))
	}
	if e.Role != message.RoleTrustee {
		return nil, broken("V-07", "is by %q, want a trustee", e.Role)
	}
	if fault := s.verified(s.election, e, body); fault != nil {
		return nil, fault
	}
	trial := s.ceremony.Clone()
	trial.Rebind(e.Context)
	line, _ := s.election.Trustee(e.ID)
	fault := round(s.weak, trial, e.Type, body, line.Index)
	if fault != nil {
		return nil, fault
	}
	return func() error {
		s.ceremony = trial
		s.advanceCeremony()
		return nil
	}, nil
}

// round gives a signer's message to a copy of the ceremony, so that a plan has
// no effect.
func round(weak weakness.View, trial *ceremony.Public, t message.Type, body codec.Raw, signer uint64) *Fault {
	var fault *Fault
	var err error
	switch t {
	case message.TypeDKGCommit:
		var m message.DKGCommit
		if m, fault = decode[message.DKGCommit](weak, body); fault == nil {
			err = trial.Commit(signer, m)
		}
	case message.TypeDKGReveal:
		var m message.DKGReveal
		if m, fault = decode[message.DKGReveal](weak, body); fault == nil {
			err = trial.Reveal(signer, m)
		}
	default:
		var m message.DKGShares
		if m, fault = decode[message.DKGShares](weak, body); fault == nil {
			err = trial.Deal(signer, m)
		}
	}
	if fault != nil {
		return fault
	}
	return fromCeremony(err)
}

func (s *State) advanceCeremony() {
	n := len(s.election.Manifest.Trustees)
	hashes, reveals, deals := s.ceremony.Complete()
	switch {
	case deals == n:
		s.phase = message.PhaseCredentials
	case reveals == n:
		s.phase = message.PhaseDeal
	case hashes == n:
		s.phase = message.PhaseReveal
	}
}

func (s *State) planComplaint(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleTrustee, s.election.SetupID); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.DKGComplaint](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	line, _ := s.election.Trustee(e.ID)
	if m.Recipient != line.Index {
		return nil, broken("V-13", "%s complains for index %d", e.ID, m.Recipient)
	}
	culprit, err := s.ceremony.Judge(m)
	if err != nil {
		return nil, fromCeremony(err)
	}
	return func() error {
		s.culprit = s.election.Manifest.Trustees[culprit-1].ID
		return nil
	}, nil
}

func (s *State) planAbort(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleAuthority, s.election.SetupID); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Abort](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	switch {
	case s.culprit != "" && m.Culprit != s.culprit:
		return nil, broken("V-13", "names %q, the complaint shows %q", m.Culprit, s.culprit)
	case s.culprit == "" && !s.missing(m.Culprit):
		return nil, broken("V-13", "names %q, of whom no message is missing in phase %s", m.Culprit, s.phase)
	}
	return func() error { s.phase = message.PhaseAborted; return nil }, nil
}

// missing reports that the board waits for a message of this party, which is
// what an abort without a complaint may blame somebody for (S-05).
func (s *State) missing(culprit string) bool {
	line, trustee := s.election.Trustee(culprit)
	if !trustee {
		return s.phase == message.PhaseCredentials && culprit == string(message.RoleRegistrar)
	}
	commit, reveal, deal := s.ceremony.Given(line.Index)
	switch s.phase {
	case message.PhaseCommit:
		return !commit
	case message.PhaseReveal:
		return !reveal
	case message.PhaseDeal:
		return !deal
	case message.PhaseConfirm:
		return !s.confirms[culprit]
	}
	return false
}

func (s *State) planCredentials(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleRegistrar, s.election.SetupID); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Credentials](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	if fault := s.roll.check(m, s.election); fault != nil {
		return nil, fault
	}
	return func() error { return s.roll.add(m, s.election) }, nil
}

func (s *State) planElectorate(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleRegistrar, s.election.SetupID); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Electorate](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	root, err := s.roll.root()
	if err != nil {
		return nil, broken("V-15", "%v", err)
	}
	if m.Root != root || m.Chunks != s.roll.chunks || m.Count != uint64(len(s.roll.voters)) || m.Weight != s.roll.weight {
		return nil, broken("V-15", "does not sum up the %d credentials before it", len(s.roll.voters))
	}
	if m.Count == 0 {
		return nil, broken("V-15", "nobody is eligible")
	}
	return func() error {
		s.listed = &m
		key := s.ceremony.Key()
		s.print = transcript.Fingerprint(s.election.SetupID, key.Bytes(), s.ceremony.Commitments(), root, m.Count)
		s.voting = &Voting{Election: s.election, Fingerprint: s.print, Key: proof.NewElectionKey(key).Remembering(s.memory), Weak: s.weak, Memory: s.memory}
		s.phase = message.PhaseConfirm
		return nil
	}, nil
}

func (s *State) planConfirm(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleTrustee, s.election.SetupID); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Confirm](s.weak, body)
	switch {
	case fault != nil:
		return nil, fault
	case m.ElectionKey != s.voting.Key.Encoded || m.ElectionKey == (message.Element{}):
		return nil, broken("V-14", "%s confirms the key %s, recomputed %s", e.ID, m.ElectionKey, s.voting.Key.Encoded)
	case m.Fingerprint != s.print:
		return nil, broken("V-16", "%s confirms the fingerprint %s, recomputed %s", e.ID, m.Fingerprint, s.print)
	case s.confirms[e.ID]:
		return nil, broken("V-06", "%s confirms twice", e.ID)
	}
	return func() error {
		s.confirms[e.ID] = true
		if len(s.confirms) == len(s.election.Manifest.Trustees) {
			s.phase = message.PhaseReady
		}
		return nil
	}, nil
}

func (s *State) planOpen(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleAuthority, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Open](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	named, err := proof.Point(m.ElectionKey)
	usable := func() bool { return err == nil && m.ElectionKey != message.Element{} }
	if !s.weak.Widen(weakness.KeyAssembledByServer, m.ElectionKey == s.voting.Key.Encoded, usable) {
		return nil, broken("V-14", "opens with the key %s, recomputed %s", m.ElectionKey, s.voting.Key.Encoded)
	}
	return func() error {
		if m.ElectionKey != s.voting.Key.Encoded {
			voting := *s.voting
			voting.Key = proof.NewElectionKey(named).Remembering(s.memory)
			s.voting = &voting
		}
		s.phase = message.PhaseVoting
		return nil
	}, nil
}

// Confirmed reports that a trustee has confirmed.
func (s *State) Confirmed(id string) bool { return s.confirms[id] }
