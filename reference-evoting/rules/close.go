package rules

import (
	"reflect"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

func (s *State) planClose(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleAuthority, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.CloseChannel](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	known := slices.ContainsFunc(s.election.Manifest.Channels, func(c message.Channel) bool { return c.ID == m.Channel })
	if !known || !s.weak.Widen(weakness.NonIdempotent, !s.closed[m.Channel], func() bool { return true }) {
		return nil, broken("V-30", "channel %q is unknown or closed", m.Channel)
	}
	if s.closed[m.Channel] {
		return func() error { return nil }, nil
	}
	return func() error {
		s.closed[m.Channel] = true
		if len(s.closed) == len(s.election.Manifest.Channels) {
			s.phase = message.PhaseClosed
		}
		return nil
	}, nil
}

func (s *State) planParticipation(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleRegistrar, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Participation](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	if fault := s.Unsettled(); fault != nil {
		return nil, fault
	}
	for i := 1; i < len(m.Voters); i++ {
		if m.Voters[i-1] >= m.Voters[i] {
			return nil, broken("V-31", "voter %d is not above the one before", i)
		}
	}
	complete := uint64(len(m.Voters)) == s.counts.Voters
	if !s.weak.Widen(weakness.Vacuous, complete, func() bool { return s.counts.Voters == 0 }) {
		return nil, broken("V-31", "%d voters, %d credentials have a counted ballot or a check-in", len(m.Voters), s.counts.Voters)
	}
	return func() error { s.phase = message.PhaseParticipated; return nil }, nil
}

func (s *State) planSeal(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleAuthority, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Seal](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	listed := !s.election.HasIdentity() || s.phase == message.PhaseListed
	if !s.weak.Widen(weakness.NoParticipationList, listed, func() bool { return true }) {
		return nil, broken("V-47", "the seal comes before the identity service's list is complete")
	}
	root, err := s.Root()
	if err != nil || m.Count != s.size || m.Root != root {
		return nil, broken("V-32", "seals %d entries under %s, there are %d under %s", m.Count, m.Root, s.size, root)
	}
	return func() error {
		s.seal = &m
		s.tallying = newTallying(s.sums.Aggregates())
		s.phase = message.PhaseSealed
		if len(s.tallying.due) == 0 {
			s.phase = message.PhaseDecrypting
		}
		return nil
	}, nil
}

// tallying holds what must follow the seal, and the shares so far.
type tallying struct {
	due   []message.Aggregate
	given int                                 // aggregates on the board
	cells map[string]map[uint64][]kyber.Point // contest/unit: factors by trustee
}

func newTallying(due []message.Aggregate) *tallying {
	return &tallying{due: due, cells: map[string]map[uint64][]kyber.Point{}}
}

func cellName(contest, unit string) string { return contest + "/" + unit }

// Aggregates lists what the rules ask for after the seal, in order.
func (s *State) Aggregates() []message.Aggregate {
	if s.tallying == nil {
		return nil
	}
	return s.tallying.due
}

// Shares lists the trustees whose shares of a cell stand, ascending.
func (s *State) Shares(contest, unit string) []uint64 {
	var out []uint64
	for index := range s.tallying.cells[cellName(contest, unit)] {
		out = append(out, index)
	}
	slices.Sort(out)
	return out
}

func (s *State) planAggregate(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleAuthority, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Aggregate](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	place := s.place(&m)
	want := s.tallying.due[place]
	recomputed := place == s.tallying.given && reflect.DeepEqual(m, want)
	if !s.weak.Widen(weakness.NoRecompute, recomputed, func() bool { return s.sameCell(&m, &want) }) {
		return nil, broken("V-35", "the aggregate of contest %s, unit %s is not the one recomputed for %s, %s", m.Contest, m.Unit, want.Contest, want.Unit)
	}
	return func() error {
		s.tallying.due[place] = m
		s.tallying.given = max(s.tallying.given, place+1)
		if s.tallying.given == len(s.tallying.due) {
			s.phase = message.PhaseDecrypting
		}
		return nil
	}, nil
}

// place is which of the due aggregates an entry stands for: the next one. The
// weak rule lets one that is there be replaced.
func (s *State) place(m *message.Aggregate) int {
	if s.weak.Has(weakness.NoRecompute) {
		same := func(a message.Aggregate) bool { return a.Contest == m.Contest && a.Unit == m.Unit }
		if i := slices.IndexFunc(s.tallying.due[:s.tallying.given], same); i >= 0 {
			return i
		}
	}
	return min(s.tallying.given, len(s.tallying.due)-1)
}

// sameCell is the weak rule for an aggregate: it is of the right cell, and its
// ciphertexts are believed.
func (s *State) sameCell(m, want *message.Aggregate) bool {
	if len(m.Ciphertexts) != len(want.Ciphertexts) {
		return false
	}
	other := *m
	other.Ciphertexts = slices.Clone(m.Ciphertexts)
	for i, c := range m.Ciphertexts {
		if _, err := decodePair(s.weak, c.Alpha, c.Beta); err != nil {
			return false
		}
		other.Ciphertexts[i].Alpha, other.Ciphertexts[i].Beta = want.Ciphertexts[i].Alpha, want.Ciphertexts[i].Beta
	}
	return reflect.DeepEqual(other, *want)
}

func (s *State) planShare(e message.Entry, body codec.Raw) (effect, *Fault) {
	m, fault := decode[message.DecryptionShare](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	subject, fault := s.subject(e, body, m)
	if fault != nil {
		return nil, fault
	}
	factors, fault := s.factors(m, subject)
	if fault != nil {
		return nil, fault
	}
	return func() error {
		name := cellName(m.Contest, m.Unit)
		if s.tallying.cells[name] == nil {
			s.tallying.cells[name] = map[uint64][]kyber.Point{}
		}
		s.tallying.cells[name][m.Index] = factors
		return nil
	}, nil
}

// subject makes V-36 and V-07 of a share: whose it is and for which cell of
// which sealed election.
func (s *State) subject(e message.Entry, body codec.Raw, m message.DecryptionShare) (message.Aggregate, *Fault) {
	here, sealed := e.Context == s.print, m.Root == s.seal.Root
	if !s.weak.Widen(weakness.NoElectionBinding, here && sealed, func() bool { return true }) {
		if !here {
			return message.Aggregate{}, broken("V-16", "is for the election %s, want %s", e.Context, s.print)
		}
		return message.Aggregate{}, broken("V-36", "is for what was sealed at %s, want %s", m.Root, s.seal.Root)
	}
	if e.Role != message.RoleTrustee {
		return message.Aggregate{}, broken("V-07", "is by %q, want a trustee", e.Role)
	}
	if fault := s.verified(s.election, e, body); fault != nil {
		return message.Aggregate{}, fault
	}
	line, _ := s.election.Trustee(e.ID)
	if index := s.ceremony.Index(line.Index); m.Index != index {
		return message.Aggregate{}, broken("V-36", "names index %d, its signer has %d", m.Index, index)
	}
	if _, twice := s.tallying.cells[cellName(m.Contest, m.Unit)][m.Index]; twice {
		return message.Aggregate{}, broken("V-36", "%s has given its share of contest %s, unit %s", e.ID, m.Contest, m.Unit)
	}
	for _, a := range s.tallying.due {
		if a.Contest == m.Contest && a.Unit == m.Unit {
			if len(a.Ciphertexts) != len(m.Shares) {
				return a, broken("V-36", "%d factors, the cell has %d", len(m.Shares), len(a.Ciphertexts))
			}
			return a, s.proofs(e, m, a)
		}
	}
	return message.Aggregate{}, broken("V-36", "there is no cell %s, %s", m.Contest, m.Unit)
}

// proofs makes V-36 and V-37 for each factor.
func (s *State) proofs(e message.Entry, m message.DecryptionShare, a message.Aggregate) *Fault {
	key := s.ceremony.VerificationKey(m.Index)
	for i, f := range m.Shares {
		c := a.Ciphertexts[i]
		same := f.Option == c.Option && f.Alpha == c.Alpha && f.Beta == c.Beta
		if !s.weak.Widen(weakness.UnboundToCiphertext, same, func() bool { return true }) {
			return broken("V-36", "the factor of option %s in contest %s is for option %q or another ciphertext", c.Option, m.Contest, f.Option)
		}
		if _, err := proof.PointOf(s.weak, f.Factor); err != nil {
			return broken("V-17", "the factor of option %s in contest %s, unit %s: %v", f.Option, m.Contest, m.Unit, err)
		}
		subject := transcript.Decryption{
			Fingerprint: e.Context, Root: m.Root, Index: m.Index, Contest: m.Contest, Unit: m.Unit, Option: f.Option,
			Key: key.Bytes(), Alpha: f.Alpha, Beta: f.Beta, Factor: f.Factor,
		}
		proven := s.provenFactor(key, f, subject.Challenge)
		proven = s.weak.Widen(weakness.DecryptCommitmentsOnly, proven, func() bool { return s.provenFactor(key, f, transcript.WeakDecryption) })
		if !s.weak.Widen(weakness.NoProof, proven, func() bool { return true }) {
			return broken("V-37", "the factor of option %s in contest %s, unit %s is not proven", f.Option, m.Contest, m.Unit)
		}
	}
	return nil
}

func (s *State) provenFactor(key kyber.Point, f message.Factor, challenge func(a, b [32]byte) [32]byte) bool {
	alpha, err := proof.PointOf(s.weak, f.Alpha)
	if err != nil {
		return false
	}
	d, err := proof.PointOf(s.weak, f.Factor)
	if err != nil {
		return false
	}
	ok, err := proof.IsEqual(s.memory, key, alpha, d, f.Proof, func(c ...[32]byte) [32]byte {
		return challenge(c[0], c[1])
	})
	return err == nil && ok
}

func (s *State) factors(m message.DecryptionShare, a message.Aggregate) ([]kyber.Point, *Fault) {
	out := make([]kyber.Point, len(m.Shares))
	for i, f := range m.Shares {
		d, err := proof.PointOf(s.weak, f.Factor)
		if err != nil {
			return nil, broken("V-17", "factor of option %s in contest %s: %v", a.Ciphertexts[i].Option, m.Contest, err)
		}
		out[i] = d
	}
	return out, nil
}

// Quorum reports that every cell has the shares of t trustees (V-38).
func (s *State) Quorum() bool {
	if s.phase != message.PhaseDecrypting {
		return false
	}
	return len(s.short()) == 0
}

// short are the cells that wait for shares.
func (s *State) short() []message.Aggregate {
	need := s.election.Manifest.Threshold
	if s.weak.Has(weakness.NOfN) {
		need = uint64(len(s.election.Manifest.Trustees))
	}
	var out []message.Aggregate
	for _, a := range s.tallying.due {
		if uint64(len(s.tallying.cells[cellName(a.Contest, a.Unit)])) < need {
			out = append(out, a)
		}
	}
	return out
}

// Missing lists the trustees without whom there is no result so far, in the
// manifest's order: each whose share of a cell that waits is not there.
func (s *State) Missing() []string {
	if s.phase != message.PhaseDecrypting {
		return nil
	}
	var out []string
	for _, t := range s.election.Manifest.Trustees {
		silent := func(a message.Aggregate) bool { return !s.HasShare(a.Contest, a.Unit, s.ceremony.Index(t.Index)) }
		if slices.ContainsFunc(s.short(), silent) {
			out = append(out, t.ID)
		}
	}
	return out
}

// standing is the aggregate of a cell as it stands on the board.
func (s *State) standing(cell tally.Cell) message.Aggregate {
	own := s.sums.Aggregate(cell)
	for _, a := range s.tallying.due {
		if a.Contest == own.Contest && a.Unit == own.Unit {
			return a
		}
	}
	return own
}

// exponents are T·G for each selection of a decrypted cell, from the shares
// of the t lowest indices (S-36).
func (s *State) exponents(a message.Aggregate) ([]kyber.Point, error) {
	indices := s.Shares(a.Contest, a.Unit)[:s.election.Manifest.Threshold]
	lambdas := tally.Lagrange(indices)
	shares := s.tallying.cells[cellName(a.Contest, a.Unit)]
	out := make([]kyber.Point, len(a.Ciphertexts))
	for i, c := range a.Ciphertexts {
		beta, err := proof.PointOf(s.weak, c.Beta)
		if err != nil {
			return nil, err
		}
		factors := make([]kyber.Point, len(indices))
		for q, index := range indices {
			factors[q] = shares[index][i]
		}
		out[i] = s.exponent(beta, lambdas, factors)
	}
	return out, nil
}

// exponent is tally.Exponent, or what the memory knows of it.
func (s *State) exponent(beta *ristretto.Point, lambdas []kyber.Scalar, factors []kyber.Point) kyber.Point {
	c := beta.Coordinates()
	inputs := [][]byte{c[:]}
	for i, d := range factors {
		lambda, c := proof.EncodeScalar(lambdas[i]), d.(*ristretto.Point).Coordinates()
		inputs = append(inputs, lambda[:], c[:])
	}
	return recall.Of(s.memory, "tally.Exponent", func() *ristretto.Point { return tally.Exponent(beta, lambdas, factors) }, inputs...).Clone()
}

// HasShare reports that a trustee's share of a cell stands.
func (s *State) HasShare(contest, unit string, index uint64) bool {
	_, ok := s.tallying.cells[cellName(contest, unit)][index]
	return ok
}
