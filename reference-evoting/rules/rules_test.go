package rules_test

import (
	"context"
	"crypto/ed25519"
	"slices"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// entries runs an election with every kind of entry and returns its board.
func entries(t *testing.T) (*fixture.Hall, [][]byte) {
	t.Helper()
	ctx := t.Context()
	h, err := fixture.Open(ctx, fixture.Manifest(3), 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Stop)
	for i, option := range []string{"option-1", "option-2", message.BlankOption} {
		if _, err := h.Cast(ctx, h.Voter(i), voter.Choices{"council": {option}}); err != nil {
			t.Fatal(err)
		}
	}
	v := h.Voter(3)
	p, err := v.Encrypt(voter.Choices{"council": {"option-3"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Submit(ctx, p.Submission); err != nil {
		t.Fatal(err)
	}
	raw, err := v.Challenge(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Authority.Challenge(ctx, raw); err != nil {
		t.Fatal(err)
	}
	if err := h.CloseAll(ctx); err != nil {
		t.Fatal(err)
	}
	var out [][]byte
	err = h.Log.Entries(ctx, 0, h.Log.Size(), func(_ uint64, raw []byte) error {
		out = append(out, raw)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, out
}

// apply feeds entries to a fresh state and gives the first fault.
func apply(ctx context.Context, t *testing.T, h *fixture.Hall, list [][]byte) *rules.Fault {
	t.Helper()
	source := memory{h, list}
	s := rules.New(weakness.View{}, source)
	for _, raw := range list {
		fault, err := s.Apply(ctx, raw, rules.Full)
		if err != nil {
			t.Fatal(err)
		}
		if fault != nil {
			return fault
		}
	}
	return nil
}

type memory struct {
	*fixture.Hall
	list [][]byte
}

func (m memory) Entries(_ context.Context, from, to uint64, f func(uint64, []byte) error) error {
	for i := from; i < to; i++ {
		if err := f(i, m.list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (m memory) Chunk(ctx context.Context, digest board.Hash) ([]byte, error) {
	return m.Log.Chunk(ctx, digest)
}

// key is the signing key of an entry's role.
func key(e message.Entry) ed25519.PrivateKey {
	if e.Role == "" {
		return nil
	}
	return fixture.Seed.Signing(e.Role, e.ID)
}

func header(t *testing.T, raw []byte) message.Entry {
	t.Helper()
	e, err := codec.Decode[message.Entry](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// find gives the place of the n-th entry of a type, counting from 0.
func find(t *testing.T, list [][]byte, kind message.Type, n int) int {
	t.Helper()
	for i, raw := range list {
		if header(t, raw).Type == kind {
			if n == 0 {
				return i
			}
			n--
		}
	}
	t.Fatalf("no %s entry", kind)
	return 0
}

// bend changes the body of an entry and signs it again as its role would.
func bend[T any](t *testing.T, list [][]byte, kind message.Type, n int, f func(*T)) [][]byte {
	t.Helper()
	i := find(t, list, kind, n)
	e := header(t, list[i])
	body, err := codec.Decode[T](e.Body, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	f(&body)
	e.Body = nil
	p, err := entry.Pack(e, body, key(e))
	if err != nil {
		t.Fatal(err)
	}
	return slices.Replace(slices.Clone(list), i, i+1, p.Raw)
}

// rehead changes the header of an entry and signs it as by says.
func rehead(t *testing.T, list [][]byte, kind message.Type, f func(*message.Entry), by ed25519.PrivateKey) [][]byte {
	t.Helper()
	i := find(t, list, kind, 0)
	e := header(t, list[i])
	body := e.Body
	f(&e)
	e.Body = nil
	p, err := entry.Pack(e, body, by)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Replace(slices.Clone(list), i, i+1, p.Raw)
}

func TestHonestBoard(t *testing.T) {
	h, list := entries(t)
	if fault := apply(t.Context(), t, h, list); fault != nil {
		t.Fatal(fault)
	}
}

func swap(list [][]byte, i, j int) [][]byte {
	out := slices.Clone(list)
	out[i], out[j] = out[j], out[i]
	return out
}

// TestFaults changes one thing on an honest board, signed again by whoever
// signs it, and names the check that must see it.
func TestFaults(t *testing.T) {
	h, list := entries(t)
	board := fixture.Seed.Signing(message.RoleBoard, "")
	for _, c := range []struct {
		check string
		name  string
		list  [][]byte
	}{
		{"V-05", "not JSON", slices.Replace(slices.Clone(list), 3, 4, []byte("{}"))},
		{"V-06", "reveal before the last hash", swap(list, find(t, list, message.TypeDKGCommit, 2), find(t, list, message.TypeDKGReveal, 0))},
		{"V-06", "manifest twice", slices.Insert(slices.Clone(list), 1, list[0])},
		{"V-06", "confirmation twice", slices.Insert(slices.Clone(list), find(t, list, message.TypeConfirm, 1), list[find(t, list, message.TypeConfirm, 0)])},
		{"V-07", "authority's entry signed by the board", rehead(t, list, message.TypeSeal, func(*message.Entry) {}, board)},
		{"V-07", "credentials by a trustee", rehead(t, list, message.TypeCredentials, func(e *message.Entry) { e.Role, e.ID = message.RoleTrustee, "t1" }, fixture.Seed.Signing(message.RoleTrustee, "t1"))},
		{"V-16", "in another context", rehead(t, list, message.TypeOpen, func(e *message.Entry) { e.Context[0] ^= 1 }, fixture.Seed.Signing(message.RoleAuthority, ""))},
		{"V-07", "a hash by nobody", rehead(t, list, message.TypeDKGCommit, func(e *message.Entry) { e.ID = "t9" }, fixture.Seed.Signing(message.RoleTrustee, "t9"))},
		{"V-08", "a key of small order", bend(t, list, message.TypeManifest, 0, func(m *message.ManifestBody) { m.Manifest.Registrar = message.Key{1} })},
		{"V-08", "threshold of half", bend(t, list, message.TypeManifest, 0, func(m *message.ManifestBody) { m.Manifest.Threshold = 1 })},
		{"V-10", "a hash for another index", bend(t, list, message.TypeDKGCommit, 0, func(m *message.DKGCommit) { m.Index = m.Index%3 + 1 })},
		{"V-10", "another hash", bend(t, list, message.TypeDKGCommit, 1, func(m *message.DKGCommit) { m.Hash[0] ^= 1 })},
		{"V-13", "a share missing", bend(t, list, message.TypeDKGShares, 1, func(m *message.DKGShares) { m.Shares = m.Shares[:2] })},
		{"V-14", "another key confirmed", bend(t, list, message.TypeConfirm, 0, func(m *message.Confirm) { m.ElectionKey[0] ^= 1 })},
		{"V-14", "another key opened", bend(t, list, message.TypeOpen, 0, func(m *message.Open) { m.ElectionKey = message.Element{} })},
		{"V-15", "credentials out of order", bend(t, list, message.TypeCredentials, 0, func(m *message.Credentials) { slices.Reverse(m.List) })},
		{"V-15", "unknown style", bend(t, list, message.TypeCredentials, 0, func(m *message.Credentials) { m.List[0].Style = "other" })},
		{"V-15", "unknown unit", bend(t, list, message.TypeCredentials, 0, func(m *message.Credentials) { m.List[0].Unit = "other" })},
		{"V-15", "unknown weight", bend(t, list, message.TypeCredentials, 0, func(m *message.Credentials) { m.List[0].Weight = 2 })},
		{"V-15", "chunk number", bend(t, list, message.TypeCredentials, 0, func(m *message.Credentials) { m.Chunk = 1 })},
		{"V-15", "a credential more than listed", bend(t, list, message.TypeElectorate, 0, func(m *message.Electorate) { m.Count++ })},
		{"V-15", "another root", bend(t, list, message.TypeElectorate, 0, func(m *message.Electorate) { m.Root[0] ^= 1 })},
		{"V-17", "identity as credential", bend(t, list, message.TypeCredentials, 0, func(m *message.Credentials) { m.List[3].Key[31] = 0xff })},
		{"V-16", "another fingerprint confirmed", bend(t, list, message.TypeConfirm, 2, func(m *message.Confirm) { m.Fingerprint[0] ^= 1 })},
		{"V-18", "style without contests", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Contests = nil })},
		{"V-18", "option named twice", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Contests[0].Selections[1].Option = "option-1" })},
		{"V-18", "another election", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Fingerprint[0] ^= 1 })},
		{"V-19", "another caster", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Caster.Credential[0] ^= 1 })},
		{"V-20", "challenges exchanged", castWith(t, h, list, func(c *message.Cast) {
			p := c.Ballot.Contests[0].Selections[0].Proof
			p.Challenges[0], p.Challenges[1] = p.Challenges[1], p.Challenges[0]
		})},
		{"V-18", "sum proof left out", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Contests[0].Sum = nil })},
		{"V-23", "another tracker", bend(t, list, message.TypeCast, 0, func(c *message.Cast) { c.Ballot.Contests[0].Sum.Responses[0][0] ^= 1 })},
		{"V-24", "signature", bend(t, list, message.TypeCast, 0, func(c *message.Cast) { c.Decision.Signature.Response[0] ^= 1 })},
		{"V-24", "predecessor after signing", bend(t, list, message.TypeCast, 0, func(c *message.Cast) { c.Decision.Predecessor = c.Decision.Tracker.String() })},
		{"V-25", "unit", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Unit = "other" })},
		{"V-25", "weight", castWith(t, h, list, func(c *message.Cast) { c.Ballot.Weight = 9 })},
		{"V-26", "a predecessor that does not stand", castWith(t, h, list, func(c *message.Cast) { c.Decision.Predecessor = c.Decision.Tracker.String() })},
		{"V-27", "a cast after the close", move(list, find(t, list, message.TypeCast, 0), find(t, list, message.TypeCloseChannel, 0))},
		{"V-28", "opened to something else", bend(t, list, message.TypeChallenge, 0, func(c *message.Challenge) { c.Contests[0].Selections[0].Plaintext ^= 1 })},
		{"V-28", "another style", bend(t, list, message.TypeChallenge, 0, func(c *message.Challenge) { c.Style = "other" })},
		{"V-22", "a challenge twice", slices.Insert(slices.Clone(list), find(t, list, message.TypeChallenge, 0), list[find(t, list, message.TypeChallenge, 0)])},
		{"V-06", "closed twice", slices.Insert(slices.Clone(list), find(t, list, message.TypeCloseChannel, 0), list[find(t, list, message.TypeCloseChannel, 0)])},
		{"V-30", "an unknown channel closed", bend(t, list, message.TypeCloseChannel, 0, func(m *message.CloseChannel) { m.Channel = "paper" })},
		{"V-31", "a voter too many", bend(t, list, message.TypeParticipation, 0, func(m *message.Participation) { m.Voters = append(m.Voters, "w") })},
		{"V-31", "voters out of order", bend(t, list, message.TypeParticipation, 0, func(m *message.Participation) { slices.Reverse(m.Voters) })},
		{"V-32", "seal of another count", bend(t, list, message.TypeSeal, 0, func(m *message.Seal) { m.Count-- })},
		{"V-32", "seal of another root", bend(t, list, message.TypeSeal, 0, func(m *message.Seal) { m.Root[0] ^= 1 })},
		{"V-35", "another weight", bend(t, list, message.TypeAggregate, 0, func(m *message.Aggregate) { m.Weight++ })},
		{"V-35", "ciphertexts exchanged", bend(t, list, message.TypeAggregate, 0, func(m *message.Aggregate) {
			m.Ciphertexts[0].Alpha, m.Ciphertexts[1].Alpha = m.Ciphertexts[1].Alpha, m.Ciphertexts[0].Alpha
		})},
		{"V-36", "share for another root", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { m.Root[0] ^= 1 })},
		{"V-36", "share of another index", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { m.Index = m.Index%3 + 1 })},
		{"V-36", "share for another cell", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { m.Unit = "other" })},
		{"V-36", "factor for another ciphertext", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { m.Shares[0].Beta = m.Shares[1].Beta })},
		{"V-36", "options exchanged", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { slices.Reverse(m.Shares) })},
		{"V-37", "another factor", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { m.Shares[0].Factor = m.Shares[1].Factor })},
		{"V-37", "another proof", bend(t, list, message.TypeDecryptionShare, 0, func(m *message.DecryptionShare) { m.Shares[0].Proof = m.Shares[1].Proof })},
		{"V-38", "result before the quorum", slices.Delete(slices.Clone(list), find(t, list, message.TypeDecryptionShare, 1), len(list)-1)},
		{"V-39", "votes moved", bend(t, list, message.TypeResult, 0, func(m *message.Result) {
			for _, totals := range [][]uint64{m.Contests[0].Cells[0].Totals, m.Contests[0].Totals} {
				totals[0], totals[2] = totals[0]-1, totals[2]+1
			}
		})},
		{"V-40", "more votes than weight", bend(t, list, message.TypeResult, 0, func(m *message.Result) { m.Contests[0].Cells[0].Totals[0] = 99 })},
		{"V-41", "a cell less", bend(t, list, message.TypeResult, 0, func(m *message.Result) { m.Contests[0].Cells = []message.Cell{} })},
		{"V-41", "a contest more", bend(t, list, message.TypeResult, 0, func(m *message.Result) { m.Contests = append(m.Contests, m.Contests[0]) })},
		{"V-42", "another winner", bend(t, list, message.TypeResult, 0, func(m *message.Result) { m.Contests[0].Outcome.Winners = []string{"option-3"} })},
		{"V-43", "result of another root", bend(t, list, message.TypeResult, 0, func(m *message.Result) { m.Root[0] ^= 1 })},
		{"V-06", "something after the result", append(slices.Clone(list), list[len(list)-1])},
	} {
		t.Run(c.check+" "+c.name, func(t *testing.T) {
			fault := apply(t.Context(), t, h, c.list)
			if fault == nil || fault.Check != c.check {
				t.Errorf("%v, want %s", fault, c.check)
			}
		})
	}
}

func move(list [][]byte, from, to int) [][]byte {
	out := slices.Clone(list)
	raw := out[from]
	out = slices.Delete(out, from, from+1)
	return slices.Insert(out, to, raw)
}

// castWith changes the first cast, then tracks and signs it again as its
// voter would.
func castWith(t *testing.T, h *fixture.Hall, list [][]byte, f func(*message.Cast)) [][]byte {
	t.Helper()
	return bend(t, list, message.TypeCast, 0, func(c *message.Cast) {
		f(c)
		if err := h.Resign(c); err != nil {
			t.Fatal(err)
		}
	})
}

func TestDuplicateBallot(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeCast, 0)
	again := slices.Insert(slices.Clone(list), i+1, list[i])
	if fault := apply(t.Context(), t, h, again); fault == nil || fault.Check != "V-22" {
		t.Errorf("%v, want V-22", fault)
	}
}

// TestChallengedCiphertextCast puts the opened ciphertexts of the challenge
// into a cast ballot.
func TestChallengedCiphertextCast(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeChallenge, 0)
	ctx := t.Context()
	v := h.Voter(3)
	p, err := v.Encrypt(voter.Choices{"council": {"option-3"}}) // the voter's stream gives the challenged ballot again
	if err != nil {
		t.Fatal(err)
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	d, err := codec.Decode[message.Decision](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := entry.Pack(message.Entry{Context: d.Fingerprint, Type: message.TypeCast}, message.Cast{Ballot: p.Ballot, Decision: d}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[int]string{i: "V-29", i + 1: "V-29"} {
		both := slices.Insert(slices.Clone(list), at, packed.Raw)
		if fault := apply(ctx, t, h, both); fault == nil || fault.Check != want {
			t.Errorf("cast at %d: %v, want %s", at-i, fault, want)
		}
	}
}

// TestFailedCastOccupies puts a cast with a broken proof on the board, and
// behind it a sound one with the same ciphertexts: the first has no effect but
// that the second is a duplicate (S-32).
func TestFailedCastOccupies(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeCast, 0)
	broken := bend(t, list, message.TypeCast, 0, func(c *message.Cast) { c.Decision.Signature.Response[0] ^= 1 })[i]
	both := slices.Insert(slices.Clone(list[:i+1]), i, broken)
	s := rules.New(weakness.View{}, memory{h, both})
	var faults []string
	for _, raw := range both {
		fault, err := s.Apply(t.Context(), raw, rules.Full)
		if err != nil {
			t.Fatal(err)
		}
		if fault != nil {
			faults = append(faults, fault.Check)
		}
	}
	if !slices.Equal(faults, []string{"V-24", "V-22"}) || s.Counts().Casts != 0 {
		t.Errorf("faults %v, %d casts", faults, s.Counts().Casts)
	}
}

func TestEveryTypeHasAPlace(t *testing.T) {
	_, list := entries(t)
	seen := map[message.Type]bool{}
	for _, raw := range list {
		seen[header(t, raw).Type] = true
	}
	for _, kind := range []message.Type{
		message.TypeManifest, message.TypeDKGCommit, message.TypeDKGReveal, message.TypeDKGShares, message.TypeCredentials,
		message.TypeElectorate, message.TypeConfirm, message.TypeOpen, message.TypeCast, message.TypeChallenge,
		message.TypeCloseChannel, message.TypeParticipation, message.TypeSeal, message.TypeAggregate,
		message.TypeDecryptionShare, message.TypeResult,
	} {
		if !seen[kind] {
			t.Errorf("no %s entry on the honest board", kind)
		}
	}
}
