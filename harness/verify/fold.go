package verify

import (
	"errors"
	"fmt"
	"hash/maphash"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// fold goes over the entries in the order of the board and keeps what later
// checks need: Begin, then Entry for each, then End.
type fold struct {
	l     *ledger
	open  *opener
	again *rereader
	order order

	x        *index
	identity Identity
	counts   Counts
	ceremony *ceremony
	list     electorateFold
	named    listFold
	pending  *Setup // what trustees have to confirm
	setup    *Setup // after the opening

	alphas     *fingerprints
	trackers   *fingerprints
	exact      int // comparisons that are still made exactly
	sums       map[sumKey]*weighted
	superseded []uint32
	heads      uint64     // credentials with a standing ballot
	place      *placeFold // nil without polling places

	// Where the entries lie that heads must cover; 0 is nowhere.
	opened, closed, sealedAt uint64
	seal                     *message.Seal
	cells                    [][]*cell // by contest
	byName                   map[cellName]*cell
	decrypt                  []*cell // those to be decrypted, in order
	nextCell                 int
	result                   *item
	totals                   []ContestTotals
	abort                    *message.Abort
}

type sumKey struct{ contest, unit int }

type cellName struct{ contest, unit string }

// maxExact bounds how many possible duplicates are read again; a record with
// more has failed V-22 many times over.
const maxExact = 4096

// begin starts over a record of so many entries.
func (f *fold) begin(src record.Source, size uint64, keep int) {
	f.l = newLedger(keep)
	f.open = newOpener(src)
	f.again = &rereader{src: src, layout: record.Layout{Size: size}}
	seed := maphash.MakeSeed()
	f.alphas, f.trackers = newFingerprints(seed, size), newFingerprints(seed, size)
	f.exact = maxExact
	f.sums = map[sumKey]*weighted{}
	f.list.valid = true
	f.l.expect(Order, int(size))
	f.counts.Entries = size
}

// examine makes the checks of one entry that ask nothing of the rest of the
// board. It is safe for concurrent use once the opening has been folded.
func (f *fold) examine(r raw, t *tally) (*item, error) {
	it, err := f.open.open(r, t)
	if err != nil || it.body == nil {
		return it, err
	}
	if f.x != nil {
		checkSignature(f.x, it, t)
	}
	if f.setup == nil {
		return it, nil
	}
	switch m := it.body.(type) {
	case *message.Cast:
		it.cast = f.setup.checkCast(m, it.place, t)
		it.body, it.bytes = nil, nil
	case *message.Challenge:
		it.challenge = f.setup.checkChallenge(m, it.place, t)
		it.body, it.bytes = nil, nil
	case *message.DeviceBallot:
		it.device = f.setup.checkDevice(it, m, t)
		it.body = nil
	case *message.DecryptionShare:
		it.share = f.setup.checkShare(it, m, t)
	case *message.Aggregate:
		checkElements(it, m, t)
	}
	return it, nil
}

func (it *item) place(fd *Finding) *Finding { return it.raw.place(fd) }

// checkElements makes V-17 for an aggregate.
func checkElements(it *item, m *message.Aggregate, t *tally) {
	t.both(Decoding, 1)
	for _, c := range m.Ciphertexts {
		_, okA := point.Decode(c.Alpha)
		_, okB := point.Decode(c.Beta)
		if !okA || !okB {
			t.add(it.place(found(Decoding, "aggregate of %s is no pair of elements", c.Option)).
				contest(m.Contest).unit(m.Unit).option(c.Option).blame(authority))
		}
	}
}

// checkSignature makes V-07 but for the context.
func checkSignature(x *index, it *item, t *tally) {
	e := &it.entry
	want := kindOf(e.Type)
	if want == "" {
		return
	}
	t.both(Signatures, 1)
	key, known := x.key(e.Role, e.ID)
	switch {
	case e.Role != want:
		t.add(it.place(found(Signatures, "%s is signed as %q, not %s", e.Type, string(e.Role), want)).blame(authority))
	case !known:
		t.add(it.place(found(Signatures, "no %s %q in the manifest", e.Role, e.ID)).blame(authority))
	default:
		text := challenge.EntrySignature(e, it.hb)
		if !verified(key, text, e.Signature) {
			f := it.place(found(Signatures, "the signature of %s %s does not verify", e.Role, e.ID)).
				sides("Ed25519 over D(\"entry-signature\"; …) by key", text, key)
			t.add(f.blame(authority))
		}
	}
}

// kindOf is the role that signs a type of entry.
func kindOf(t message.Type) message.Role {
	switch t {
	case message.TypeCast, message.TypeChallenge:
		return ""
	case message.TypeCredentials, message.TypeElectorate, message.TypeParticipation:
		return message.RoleRegistrar
	case message.TypeDKGCommit, message.TypeDKGReveal, message.TypeDKGShares, message.TypeDKGComplaint,
		message.TypeConfirm, message.TypeDecryptionShare:
		return message.RoleTrustee
	case message.TypeIdentityList:
		return message.RoleIdentity
	case message.TypeDeviceBallot:
		return message.RoleDevice
	case message.TypeMinutes, message.TypeImport, message.TypeVoid, message.TypeNoPack, message.TypeRevokeDevice:
		return message.RoleCountCentre
	}
	return message.RoleAuthority
}

// entry takes the next entry, after examine.
func (f *fold) entry(it *item) error {
	if !it.known || f.x == nil && f.order.stage > 0 {
		return nil // without a manifest nothing is in order or out of it
	}
	f.l.see(Order, 1)
	fault, use := f.order.next(&it.entry)
	if fault != nil {
		f.l.add(it.place(fault).blame(authority))
	}
	if m, ok := it.body.(*message.ManifestBody); ok && use {
		f.manifest(it, m)
	}
	if f.x == nil {
		return nil
	}
	bound := f.context(it)
	if f.order.counts[stageSeal] > 0 && it.entry.Type != message.TypeSeal {
		f.l.both(AfterSeal, 1)
	}
	if !use {
		return nil
	}
	if placed, err := f.atPlace(it); placed || err != nil {
		return err
	}
	switch {
	case it.entry.Type == message.TypeCast:
		return f.cast(it, fault == nil && bound)
	case it.entry.Type == message.TypeChallenge:
		return f.challenged(it)
	}
	return f.role(it)
}

// role takes an entry of a role, in order.
func (f *fold) role(it *item) error {
	switch m := it.body.(type) {
	case *message.DKGCommit:
		f.ceremony.commit(it, m)
	case *message.DKGReveal:
		f.ceremony.reveal(it, m)
	case *message.DKGShares:
		f.ceremony.deal(it, m)
	case *message.DKGComplaint:
		f.ceremony.complaint(it, m)
	case *message.Abort:
		f.abort = m
		f.ceremony.abort(it, m, &f.order, f.l.failed(Credentials))
	case *message.Credentials:
		f.list.chunk(m, f.x, it.place, &f.l.tally)
	case *message.Electorate:
		f.electorate(it, m)
	case *message.Confirm:
		f.confirm(it, m)
	case *message.Open:
		f.openEntry(it, m)
	case *message.CloseChannel:
		f.closeChannel(it, m)
	case *participants:
		f.participation(it, m)
	case *message.IdentityList:
		f.identityList(it, m)
	case *message.Seal:
		return f.sealEntry(it, m)
	case *message.Aggregate:
		f.aggregate(it, m)
	case *message.DecryptionShare:
		f.share(it, m)
	case *message.Result:
		f.result = it
	}
	return nil
}

// manifest takes the first entry (V-08).
func (f *fold) manifest(it *item, m *message.ManifestBody) {
	f.x = newIndex(&m.Manifest)
	f.order.begin(&m.Manifest)
	if len(m.Manifest.Places) > 0 {
		f.place = newPlaceFold(&m.Manifest)
	}
	f.l.both(Manifest, 1)
	fail := func(format string, args ...any) {
		f.l.add(it.place(found(Manifest, format, args...)).blame(authority))
	}
	for _, fault := range checkManifest(&m.Manifest) {
		fail("%s", fault)
	}
	if m.Ceremony < 1 {
		fail("ceremony is 0")
	}
	checkSignature(f.x, it, &f.l.tally)
	setupID := challenge.SetupID(&m.Manifest, manifestText(it.bytes), m.Ceremony)
	f.ceremony = newCeremony(f.x, setupID, f.l)
	f.identity = Identity{Title: clip(m.Manifest.Title), Test: m.Manifest.Test, Ceremony: m.Ceremony,
		BoardKey: m.Manifest.Board.Key, Origin: clip(m.Manifest.Board.Origin), SetupID: setupID}
}

// manifestText is the manifest's canonical form, cut out of that of its body:
// {"ceremony":N,"manifest":…}.
func manifestText(body []byte) []byte {
	const mark = `,"manifest":`
	for i := range body {
		if string(body[i:min(i+len(mark), len(body))]) == mark {
			return body[i+len(mark) : len(body)-1]
		}
	}
	return nil
}

// covers are the entries that heads must cover; 0 is nowhere.
func (f *fold) covers() map[record.Moment]uint64 {
	return map[record.Moment]uint64{record.Opened: f.opened, record.Closed: f.closed, record.Sealed: f.sealedAt}
}

// context checks what an entry says it belongs to: V-07 up to the
// confirmations, V-16 from the opening on. It reports whether that is so.
func (f *fold) context(it *item) bool {
	e := &it.entry
	stage := stageOf(e.Type)
	want, check := f.identity.SetupID, Signatures
	switch {
	case stage == stageManifest:
		want = message.Digest{}
	case stage >= stageOpen:
		if f.pending == nil {
			f.l.expect(Fingerprint, 1)
			return false
		}
		f.l.both(Fingerprint, 1)
		want, check = f.pending.fingerprint, Fingerprint
	}
	if e.Context != want {
		f.l.add(it.place(found(check, "%s is for another setup or election", e.Type)).
			sides("context", e.Context, want).blame(authority))
	}
	return e.Context == want
}

// electorate closes the list of credentials (V-15) and computes what the
// trustees have to confirm (V-14, V-16).
func (f *fold) electorate(it *item, m *message.Electorate) {
	f.list.finish(m, it.place, &f.l.tally)
	f.counts.Credentials = uint64(f.list.list.size)
	y, verification, err := f.ceremony.key()
	if err == nil && y.IsIdentity() {
		f.l.add(it.place(found(ElectionKey, "the election key is the identity")).blame(authority))
		err = errors.New("the election key is the identity")
	}
	if err != nil {
		f.l.block("no election key: "+clip(err.Error()), ElectionKey, Fingerprint)
		return
	}
	s := &Setup{index: f.x, setupID: f.ceremony.setupID, electionKey: y.Encode(),
		evaluate: point.NewPair(&y), verification: verification, keep: f.l.keep}
	commitments := make([][]message.Element, len(f.ceremony.reveals))
	for i, r := range f.ceremony.reveals {
		commitments[i] = r.Commitments
	}
	s.fingerprint = challenge.Fingerprint(s.setupID, s.electionKey, commitments, f.list.list.tree.Root(), uint64(f.list.list.size))
	if f.list.valid && f.list.list.ordered || f.list.list.size == 0 {
		s.electorate = &f.list.list
	} else {
		f.l.block(notListed, Eligibility, Chains, Participation)
	}
	f.pending = s
	f.identity.ElectionKey, f.identity.Fingerprint = s.electionKey, s.fingerprint
}

// notListed is why nothing can be counted where V-15 failed.
const notListed = "V-15 failed: credentials cannot be looked up"

// confirm takes a trustee's word (V-14, V-16).
func (f *fold) confirm(it *item, m *message.Confirm) {
	if f.pending == nil {
		return
	}
	f.l.see(ElectionKey, 1)
	f.l.both(Fingerprint, 1)
	id := it.entry.ID
	if m.ElectionKey != message.Element(f.pending.electionKey) {
		f.l.add(it.place(found(ElectionKey, "trustee %s confirms another election key", id)).trustee(id).
			sides("electionKey = ΣA_i0", m.ElectionKey, f.pending.electionKey).blame(trustee(id)))
	}
	if m.Fingerprint != message.Digest(f.pending.fingerprint) {
		f.l.add(it.place(found(Fingerprint, "trustee %s confirms another fingerprint", id)).trustee(id).
			sides("fingerprint = D(\"fingerprint\"; …)", m.Fingerprint, f.pending.fingerprint).blame(trustee(id)))
	}
}

// openEntry opens the voting, where the setup holds together.
func (f *fold) openEntry(it *item, m *message.Open) {
	f.opened = it.raw.index
	if f.pending == nil {
		return
	}
	f.l.see(ElectionKey, 1)
	if m.ElectionKey != message.Element(f.pending.electionKey) {
		f.l.add(it.place(found(ElectionKey, "opened with another election key")).
			sides("electionKey = ΣA_i0", m.ElectionKey, f.pending.electionKey).blame(authority))
		return
	}
	if it.entry.Context != message.Digest(f.pending.fingerprint) {
		return // V-16 says so
	}
	f.setup = f.pending
}

// closeChannel takes the close of a channel (V-30).
func (f *fold) closeChannel(it *item, m *message.CloseChannel) {
	if fault := f.order.close(m.Channel); fault != nil {
		f.l.add(it.place(fault).blame(authority))
		return
	}
	f.closed = it.raw.index
	f.l.see(Close, 1)
}

// participation takes the list of participants (V-31).
func (f *fold) participation(it *item, p *participants) {
	if f.setup == nil || f.setup.electorate == nil {
		return
	}
	f.settle(it)
	f.l.see(Participation, p.n)
	before, i := "", 0
	for id := range p.all() {
		if i > 0 && before >= id {
			f.l.add(it.place(found(Participation, "voters are not ascending at place %d", i)).
				counts("after "+before, id).blame(registrar))
		}
		before, i = id, i+1
	}
	if n, want := uint64(p.n), f.participants(); n != want {
		f.l.add(it.place(found(Participation, "%d participants, %d credentials have a counted ballot or are checked in", n, want)).
			counts(want, n).blame(registrar, authority))
	}
}

// participants are the credentials that stand for a ballot or were checked in.
func (f *fold) participants() uint64 {
	if f.place == nil {
		return f.heads
	}
	return f.heads + f.place.absent
}

// sealEntry takes the seal (V-32, V-30) and counts.
func (f *fold) sealEntry(it *item, m *message.Seal) error {
	f.seal, f.sealedAt = m, it.raw.index
	f.identity.SealedRoot = m.Root
	f.l.see(Seal, 1)
	if m.Count != it.raw.index {
		f.l.add(it.place(found(Seal, "seal of %d entries at index %d", m.Count, it.raw.index)).
			counts(it.raw.index, m.Count).blame(authority))
	}
	if it.raw.before == nil || *it.raw.before != [32]byte(m.Root) {
		var want [32]byte
		if it.raw.before != nil {
			want = *it.raw.before
		}
		f.l.add(it.place(found(Seal, "the sealed root is not that of the tree before it")).
			sides("root = MTH(entries 0..count-1)", m.Root, want).blame(authority))
	}
	for _, c := range f.order.channels {
		if !f.order.closed[c.ID] {
			f.l.add(it.place(found(Close, "channel %s was not closed before the seal", c.ID)).blame(authority))
		}
	}
	f.sealList(it)
	if f.setup == nil || f.setup.electorate == nil {
		return nil
	}
	if err := f.subtract(); err != nil {
		return fmt.Errorf("count: %w", err)
	}
	f.partition()
	return nil
}
