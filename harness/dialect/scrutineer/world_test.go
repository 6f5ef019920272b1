package scrutineer

import (
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// world is an election played by honest players without any transport: every
// entry that somebody posts is on the board at once, and a head that covers
// it is cosigned at once.
type world struct {
	t         *testing.T
	seed      Seed
	desc      Description
	keys      Keys
	manifest  message.Manifest
	authority Authority
	registrar *Registrar
	trustees  []*Trustee
	view      *View
	parcels   []Parcel
	clock     uint64
}

const noon = 1_800_000_000

// newWorld sets the roles up and posts the manifest.
func newWorld(t *testing.T, seed Seed, d Description) *world {
	t.Helper()
	d.Opens = noon
	d = d.Filled()
	w := &world{t: t, seed: seed, desc: d, keys: d.Keys(seed), view: new(View), clock: noon}
	var err error
	w.manifest, err = d.Manifest(w.keys.Public())
	w.must(err)
	w.authority = Authority{Key: w.keys.Authority, Board: w.keys.Board}
	w.registrar, err = NewRegistrar(w.keys.Registrar, d.Voters, seed.CredentialKeys(d.Voters), seed.Stream("registrar"))
	w.must(err)
	for _, k := range w.keys.Trustees {
		w.trustees = append(w.trustees, NewTrustee(k, seed.Stream("trustee/"+d.Title+k.ID)))
	}
	w.post(w.authority.Manifest(w.manifest, 1))
	return w
}

// opened is a world in which voting is open.
func opened(t *testing.T, d Description) *world {
	w := newWorld(t, NewSeed(1).Child(t.Name()), d)
	w.rounds(w.trustees...)
	w.open()
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// add puts an entry on the board, faulty or not, and cosigns a head.
func (w *world) add(p Parcel) error {
	w.t.Helper()
	err := w.view.Add(p.Entry, Fetcher(p))
	w.parcels = append(w.parcels, p)
	w.clock++
	note := w.authority.Checkpoint(w.view)
	for _, k := range w.keys.Witnesses[:w.manifest.Quorum] {
		var bad error
		note, bad = k.Cosign(note, w.clock)
		w.must(bad)
	}
	w.must(w.view.AddCheckpoint(note))
	return err
}

// post puts an entry on the board that must be sound.
func (w *world) post(p Parcel, err error) {
	w.t.Helper()
	w.must(err)
	w.must(w.add(p))
}

// rounds lets trustees post until nobody has anything to say.
func (w *world) rounds(trustees ...*Trustee) {
	w.t.Helper()
	for busy := true; busy; {
		busy = false
		for _, tr := range trustees {
			before := tr.Share()
			parcels, err := tr.Next(w.view)
			w.must(err)
			for _, p := range parcels {
				w.post(p, nil)
			}
			busy = busy || len(parcels) > 0 || (before == nil) != (tr.Share() == nil)
		}
	}
}

// open registers the voters, lets the trustees confirm, and opens.
func (w *world) open() {
	w.t.Helper()
	parcels, err := w.registrar.Register(w.view.SetupID)
	w.must(err)
	for _, p := range parcels {
		w.post(p, nil)
	}
	w.rounds(w.trustees...)
	w.post(w.authority.Open(w.view.Election))
}

func (w *world) voter(id string) *Voter {
	w.t.Helper()
	v, err := w.registrar.Voter(w.view.Election, id, w.seed)
	w.must(err)
	return v
}

func (w *world) line(id string) Line {
	l, _ := w.registrar.Line(id)
	return l
}

// vote casts an honest ballot and hands the receipt to the voter.
func (w *world) vote(v *Voter, choices Choices) *Ticket {
	w.t.Helper()
	p, err := v.Prepare(choices)
	w.must(err)
	t, _, err := v.Cast(p, w.view.HeadOf(v.Credential.Key))
	w.must(err)
	w.answer(v, t, w.view.Size())
	w.post(w.authority.Cast(w.view.Election, p.Ballot, *t.Decision))
	return t
}

// answer promises an index to a ticket.
func (w *world) answer(v *Voter, t *Ticket, index uint64) {
	w.t.Helper()
	r, err := w.authority.Receipt(w.view.Election, *t.Decision, index)
	w.must(err)
	data, err := codec.Encode(r)
	w.must(err)
	w.must(v.Answer(t, data))
}

// cast puts a forged ballot on the board with an honest decision of its
// credential, and reports what a sound reader says to it.
func (w *world) cast(c Credential, b message.Ballot, tracker message.Digest) error {
	w.t.Helper()
	d, err := c.Decide(w.view.Election.Fingerprint, tracker, w.view.HeadOf(c.Key), w.seed.Stream("forged"))
	w.must(err)
	p, err := w.authority.Cast(w.view.Election, b, d)
	w.must(err)
	return w.add(p)
}

// seal closes everything and posts the aggregates.
func (w *world) closeAndSeal() {
	w.t.Helper()
	w.post(w.authority.Close(w.view.Election, "online"))
	w.post(w.registrar.Participation(w.view))
	w.post(w.authority.Seal(w.view))
	parcels, err := w.authority.Aggregates(w.view)
	w.must(err)
	for _, p := range parcels {
		w.post(p, nil)
	}
}

// secret is the decryption key, from the shares of all trustees.
func (w *world) secret() kyber.Scalar {
	var quorum []uint64
	for j := range w.manifest.Threshold {
		quorum = append(quorum, j+1)
	}
	x := newScalar()
	for _, j := range quorum {
		x = add(x, mul(Lagrange(quorum, j), w.trustees[j-1].Share()))
	}
	return x
}

// decrypt is mG of a ciphertext.
func (w *world) decrypt(alpha, beta message.Element) kyber.Point {
	w.t.Helper()
	points, err := decodeElements([]message.Element{alpha, beta})
	w.must(err)
	return minus(points[1], times(w.secret(), points[0]))
}

// weaklyCounted is what a tally counts that accepts every cast of the board:
// the sums of one contest over all ballots, weight 1, decrypted.
func (w *world) weaklyCounted(contest string, ballots ...message.Ballot) []kyber.Point {
	w.t.Helper()
	cell := unitCell(Contest(&w.manifest, contest), "main", ballots)
	out := make([]kyber.Point, len(cell.sums))
	for k, s := range cell.sums {
		out[k] = w.decrypt(element(s.alpha), element(s.beta))
	}
	return out
}

// logarithms are small totals.
func (w *world) logarithms(images []kyber.Point) []uint64 {
	w.t.Helper()
	out := make([]uint64, len(images))
	for k, p := range images {
		n, err := Logarithm(p, 1000)
		w.must(err)
		out[k] = n
	}
	return out
}

func voters(ids ...string) []Eligible {
	out := make([]Eligible, len(ids))
	for i, id := range ids {
		out[i] = Eligible{ID: id}
	}
	return out
}
