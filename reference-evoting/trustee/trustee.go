// Package trustee is one holder of a share of the election's key. It follows
// the board and checks all of it while voting goes on; it takes part in the
// key ceremony (S-02..S-08), and after the seal it gives decryption shares of
// the aggregates that it has recomputed itself (S-35), for one sealed root and
// never for another.
package trustee

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/ceremony"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// Config is what a trustee is made of.
type Config struct {
	ID         string
	Signing    ed25519.PrivateKey
	Decryption kyber.Scalar // of its encryption key
	Keys       KeyStore
	Random     cipher.Stream
	Weak       weakness.Set
	Source     rules.Source
	Definition message.Digest // under which the election was announced; zero: it was not
	Recall     *recall.Memory // shared with other roles of the process; nil: none
}

// KeyStore keeps a trustee's secrets of one ceremony, durable when Save
// returns.
type KeyStore interface {
	// Load returns the secrets of a setup, or ErrNoKeys.
	Load(setupID message.Digest) (Secrets, error)
	Save(setupID message.Digest, s Secrets) error
}

// ErrNoKeys is returned by a KeyStore that has nothing for a setup.
var ErrNoKeys = errors.New("no keys for this ceremony")

// Secrets is what must survive a restart: the polynomial with the message
// that reveals it, and the sealed root that shares were given for.
type Secrets struct {
	Coefficients []message.Scalar  `json:"coefficients" limit:"64"`
	Reveal       message.DKGReveal `json:"reveal"`
	Sealed       message.Digest    `json:"sealed,omitzero"`
}

// Trustee is one trustee in one election. It is not safe for concurrent use.
type Trustee struct {
	cfg      Config
	state    *rules.State
	index    uint64
	dealer   *ceremony.Dealer
	secrets  Secrets
	replayed bool // the ceremony on the board is one of another election
	share    kyber.Scalar
	owed     map[string][]entry.Packed // what was made once is posted again as it is
	faults   []*rules.Fault
}

// New starts before the first entry.
func New(cfg Config) *Trustee {
	t := &Trustee{
		cfg: cfg, state: rules.New(cfg.Weak.For(weakness.Trustee), cfg.Source).Remember(cfg.Recall),
		owed: map[string][]entry.Packed{},
	}
	t.state.Expect(cfg.Definition)
	return t
}

// State is the election as this trustee sees it.
func (t *Trustee) State() *rules.State { return t.state }

// Faults are the findings against the board so far. A trustee that has one
// posts nothing any more.
func (t *Trustee) Faults() []*rules.Fault { return t.faults }

// Apply takes the next entry of a cosigned board.
func (t *Trustee) Apply(ctx context.Context, raw []byte) error {
	fault, err := t.state.Apply(ctx, raw, rules.Full)
	if err != nil {
		return err
	}
	if fault != nil {
		t.faults = append(t.faults, fault)
		return nil
	}
	if t.index == 0 && t.state.Election() != nil {
		return t.enter()
	}
	if t.state.Phase() == message.PhaseCommit || t.state.Phase() == message.PhaseReveal {
		return t.own(ctx, raw)
	}
	return nil
}

// enter finds its line in the manifest, and its secrets or draws them.
func (t *Trustee) enter() error {
	election := t.state.Election()
	line, ok := election.Trustee(t.cfg.ID)
	if !ok {
		return fmt.Errorf("the manifest has no trustee %s", t.cfg.ID)
	}
	t.index = line.Index
	secrets, err := t.cfg.Keys.Load(election.SetupID)
	switch {
	case err == nil:
		return t.restore(secrets)
	case !errors.Is(err, ErrNoKeys):
		return fmt.Errorf("key store: %w", err)
	}
	t.dealer = ceremony.NewDealer(election.SetupID, t.index, int(election.Manifest.Threshold), t.cfg.Decryption, t.cfg.Random)
	t.secrets = Secrets{Reveal: t.dealer.Reveal()}
	for _, c := range t.dealer.Secrets() {
		t.secrets.Coefficients = append(t.secrets.Coefficients, proof.EncodeScalar(c))
	}
	return t.save()
}

func (t *Trustee) restore(s Secrets) error {
	coefficients := make([]kyber.Scalar, len(s.Coefficients))
	for i, c := range s.Coefficients {
		x, err := proof.Scalar(c)
		if err != nil {
			return fmt.Errorf("key store: coefficient %d: %w", i, err)
		}
		coefficients[i] = x
	}
	t.secrets = s
	t.dealer = ceremony.RestoreDealer(t.cfg.Decryption, coefficients, s.Reveal, t.cfg.Random)
	return nil
}

func (t *Trustee) save() error {
	if err := t.cfg.Keys.Save(t.state.Election().SetupID, t.secrets); err != nil {
		return fmt.Errorf("key store: %w", err)
	}
	return nil
}

// own looks whether a commitment in its name is its own. One that is not is
// somebody else's hand, or under weak.trustee.keyReuse a ceremony that is
// believed to be its own from before.
func (t *Trustee) own(ctx context.Context, raw []byte) error {
	e, body, err := entry.Open(ctx, t.cfg.Weak.For(weakness.Trustee), raw, t.cfg.Source)
	if err != nil || e.Type != message.TypeDKGCommit || e.ID != t.cfg.ID {
		return err
	}
	m, err := codec.Decode[message.DKGCommit](body, codec.Limits{})
	if err != nil {
		return err
	}
	mine := m.Hash == message.Digest(transcript.Commitment(t.state.Election().SetupID, &t.secrets.Reveal))
	weak := t.cfg.Weak.For(weakness.Trustee)
	if !weak.Widen(weakness.KeyReuse, mine, func() bool { return true }) {
		t.faults = append(t.faults, &rules.Fault{
			Check: "V-10", Index: t.state.Size() - 1, Type: e.Type, Role: e.Role, ID: e.ID,
			Detail: "this trustee has not posted the commitment that bears its name",
		})
	}
	t.replayed = !mine
	return nil
}

// Next gives the entries that this trustee owes the board as it stands. What
// it gave before and is not on the board yet it gives again, byte for byte.
func (t *Trustee) Next() ([]entry.Packed, error) {
	if len(t.faults) > 0 || t.state.Election() == nil {
		return nil, nil
	}
	hashes, reveals, deals := t.given()
	switch phase := t.state.Phase(); {
	case phase == message.PhaseCommit && !hashes && !t.replayed:
		return t.once("commit", t.commit)
	case phase == message.PhaseReveal && !reveals && !t.replayed:
		return t.once("reveal", t.reveal)
	case phase == message.PhaseDeal && !deals && !t.replayed:
		return t.once("deal", t.deal)
	case phase == message.PhaseCredentials || phase == message.PhaseConfirm:
		return t.confirm(phase)
	case phase == message.PhaseVoting:
		return t.early()
	case phase == message.PhaseDecrypting:
		return t.decrypt()
	}
	return nil, nil
}

// given tells which of this trustee's messages of the ceremony stand.
func (t *Trustee) given() (commit, reveal, deal bool) {
	return t.state.Ceremony().Given(t.index)
}

// once makes entries one time and remembers them.
func (t *Trustee) once(name string, make func() (entry.Packed, error)) ([]entry.Packed, error) {
	if p, ok := t.owed[name]; ok {
		return p, nil
	}
	p, err := make()
	if err != nil {
		return nil, err
	}
	t.owed[name] = []entry.Packed{p}
	return t.owed[name], nil
}

func (t *Trustee) pack(kind message.Type, context message.Digest, body any) (entry.Packed, error) {
	e := message.Entry{Context: context, Role: message.RoleTrustee, ID: t.cfg.ID, Type: kind}
	return entry.Pack(e, body, t.cfg.Signing)
}

func (t *Trustee) commit() (entry.Packed, error) {
	setup := t.state.Election().SetupID
	return t.pack(message.TypeDKGCommit, setup, t.dealer.Commit(setup))
}

func (t *Trustee) reveal() (entry.Packed, error) {
	return t.pack(message.TypeDKGReveal, t.state.Election().SetupID, t.dealer.Reveal())
}

func (t *Trustee) deal() (entry.Packed, error) {
	setup := t.state.Election().SetupID
	m, err := t.dealer.Deal(t.state.Ceremony())
	if err != nil {
		return entry.Packed{}, err
	}
	return t.pack(message.TypeDKGShares, setup, m)
}

// confirm opens what was dealt to it as soon as all have dealt, complains if
// a share is wrong, and signs key and fingerprint once the electorate is
// listed (S-05, S-08).
func (t *Trustee) confirm(phase message.Phase) ([]entry.Packed, error) {
	complaint, err := t.collect()
	if err != nil {
		return nil, err
	}
	setup := t.state.Election().SetupID
	switch {
	case complaint != nil:
		return t.once("complaint", func() (entry.Packed, error) {
			return t.pack(message.TypeDKGComplaint, setup, *complaint)
		})
	case phase == message.PhaseConfirm && !t.state.Confirmed(t.cfg.ID):
		body := message.Confirm{ElectionKey: t.state.Key().Encoded, Fingerprint: t.state.Fingerprint()}
		return t.once("confirm", func() (entry.Packed, error) { return t.pack(message.TypeConfirm, setup, body) })
	}
	return nil, nil
}

func (t *Trustee) collect() (*message.DKGComplaint, error) {
	if t.share != nil {
		return nil, nil
	}
	share, complaint, err := t.state.Ceremony().Collect(t.index, t.cfg.Decryption, t.cfg.Random)
	if err != nil {
		return nil, fmt.Errorf("collect shares: %w", err)
	}
	t.share = share
	return complaint, nil
}

// decrypt gives this trustee's factors for every aggregate, for one sealed
// root only: the root is stored before the first factor leaves (S-35).
func (t *Trustee) decrypt() ([]entry.Packed, error) {
	if _, err := t.collect(); err != nil || t.share == nil {
		return nil, err
	}
	root := t.state.Seal().Root
	switch t.secrets.Sealed {
	case root:
	case message.Digest{}:
		t.secrets.Sealed = root
		if err := t.save(); err != nil {
			return nil, err
		}
	default:
		t.faults = append(t.faults, &rules.Fault{
			Check: "V-32", Index: t.state.Seal().Count, Type: message.TypeSeal, Role: message.RoleAuthority,
			Detail: fmt.Sprintf("sealed under %s, shares were given for %s", root, t.secrets.Sealed),
		})
		return nil, nil
	}
	var out []entry.Packed
	for _, a := range t.state.Aggregates() {
		if t.state.HasShare(a.Contest, a.Unit, t.index) {
			continue
		}
		p, err := t.once("share/"+a.Contest+"/"+a.Unit, func() (entry.Packed, error) { return t.factors(a, root) })
		if err != nil {
			return nil, err
		}
		out = append(out, p...)
	}
	return out, nil
}

// early answers what a weak tally is asked for before the seal; there is nothing
// on a sound one.
func (t *Trustee) early() ([]entry.Packed, error) {
	if len(t.state.Asked()) == 0 {
		return nil, nil
	}
	if _, err := t.collect(); err != nil || t.share == nil {
		return nil, err
	}
	var out []entry.Packed
	for _, a := range t.state.Asked() {
		if t.state.Answered(a.Contest, a.Unit, t.cfg.ID) {
			continue
		}
		p, err := t.once("early/"+a.Contest+"/"+a.Unit, func() (entry.Packed, error) { return t.factors(a, message.Digest{}) })
		if err != nil {
			return nil, err
		}
		out = append(out, p...)
	}
	return out, nil
}

func (t *Trustee) factors(a message.Aggregate, root message.Digest) (entry.Packed, error) {
	m := message.DecryptionShare{Contest: a.Contest, Index: t.index, Root: root, Unit: a.Unit}
	key := proof.Element(ristretto.NewPoint().Mul(t.share, nil))
	for _, c := range a.Ciphertexts {
		alpha, err := proof.PointOf(t.cfg.Weak.For(weakness.Trustee), c.Alpha)
		if err != nil {
			return entry.Packed{}, fmt.Errorf("aggregate of %s, %s: %w", a.Contest, a.Unit, err)
		}
		subject := transcript.Decryption{
			Fingerprint: t.state.Fingerprint(), Root: root, Index: t.index,
			Contest: a.Contest, Unit: a.Unit, Option: c.Option, Key: key,
			Alpha: c.Alpha, Beta: c.Beta,
			Factor: proof.ElementOf(t.cfg.Weak.For(weakness.Trustee), ristretto.NewPoint().Mul(t.share, alpha).(*ristretto.Point)),
		}
		m.Shares = append(m.Shares, message.Factor{
			Alpha: c.Alpha, Beta: c.Beta, Factor: subject.Factor, Option: c.Option,
			Proof: proof.Equal(t.share, alpha, func(x ...[32]byte) [32]byte { return subject.Challenge(x[0], x[1]) }, t.cfg.Random),
		})
	}
	return t.pack(message.TypeDecryptionShare, t.state.Fingerprint(), m)
}
