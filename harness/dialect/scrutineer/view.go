package scrutineer

import (
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Fault is a check of SPEC.md §6 that an entry of the board fails.
type Fault struct {
	Index uint64
	Check string // "V-18"
	Err   error
}

func (f Fault) Error() string { return fmt.Sprintf("entry %d fails %s: %v", f.Index, f.Check, f.Err) }

func (f Fault) Unwrap() error { return f.Err }

// At is a body with the index of its entry.
type At[T any] struct {
	Index uint64
	Body  T
}

// Ballot is a cast on the board. Stands is false for one that fails a check;
// such a ballot counts for nothing.
type Ballot struct {
	At[message.Cast]
	Stands bool
}

// View is what the board says: a fold over its entries from the first on. It
// checks what a trustee must check before it decrypts (V-05 to V-33, V-35) and
// the shares after that (V-36, V-37), and goes on after a fault, because
// adversaries read faulty boards too: honest players look at Faults.
//
// The zero View is an empty board. It is for one goroutine.
type View struct {
	// Trusting leaves out V-20 and V-21: for those who look after one ballot
	// only, and check that one by themselves.
	Trusting bool

	Manifest message.Manifest
	Ceremony uint64
	SetupID  message.Digest
	Phase    message.Phase

	// The ceremony, by trustee index less one; nil until it is there.
	Commits    []*At[message.DKGCommit]
	Reveals    []*At[message.DKGReveal]
	Deals      []*At[message.DKGShares]
	Complaints []At[message.DKGComplaint]
	Abort      *At[message.Abort]
	Confirms   []*At[message.Confirm]

	Credentials []message.Credential
	Electorate  *At[message.Electorate]
	Election    *Election // once the electorate is there and the key is sound
	Opened      *At[message.Open]

	Ballots    []Ballot
	Challenges []At[message.Challenge]
	Closes     []At[message.CloseChannel]

	Participation *At[message.Participation]
	LastBallots   []message.LastBallot // as the identity service lists them
	Seal          *At[message.Seal]
	Aggregates    []At[message.Aggregate]
	Shares        []At[message.DecryptionShare]
	Result        *At[message.Result]

	Faults []Fault
	Head   *Checkpoint // the largest cosigned one; nil at first
	Note   []byte      // Head as it came

	leaves     [][32]byte
	lines      map[message.Element]message.Credential
	heads      map[message.Element]int // to the standing ballot
	alphas     map[message.Element]bool
	trackers   map[message.Digest]bool
	challenged map[message.Element]bool
	listChunks uint64 // of LastBallots
	cells      []Cell // of the sealed board
}

// Size is the number of entries.
func (v *View) Size() uint64 { return uint64(len(v.leaves)) }

// Root is the tree's root over all entries so far.
func (v *View) Root() message.Digest { return hashRoot(v.leaves) }

// Sound is nil if no entry so far fails a check.
func (v *View) Sound() error {
	if len(v.Faults) == 0 {
		return nil
	}
	return v.Faults[0]
}

// Add takes the next entry. Fetch finds its chunks and may be nil where there
// are none. The error joins the faults of this entry, which are in Faults too.
func (v *View) Add(data []byte, fetch Fetch) error {
	if v.Phase == "" {
		v.Phase = message.PhaseEmpty
		v.lines = make(map[message.Element]message.Credential)
		v.heads = make(map[message.Element]int)
		v.alphas = make(map[message.Element]bool)
		v.challenged = make(map[message.Element]bool)
		v.trackers = make(map[message.Digest]bool)
	}
	before := len(v.Faults)
	if e, body, err := OpenEntry(data, fetch); err != nil {
		v.fault("V-05", err)
	} else {
		v.apply(e, body)
	}
	v.leaves = append(v.leaves, leafHash(data))
	var faults []error
	for _, f := range v.Faults[before:] {
		faults = append(faults, f)
	}
	return errors.Join(faults...)
}

// fault notes that the entry being added fails a check.
func (v *View) fault(check string, err error) {
	v.Faults = append(v.Faults, Fault{Index: v.Size(), Check: check, Err: err})
}

func (v *View) faultf(check, format string, args ...any) {
	v.fault(check, fmt.Errorf(format, args...))
}

// AddCheckpoint takes a cosigned head that the view has reached already (V-02
// to V-04).
func (v *View) AddCheckpoint(note []byte) error {
	c, err := OpenCheckpoint(&v.Manifest, note)
	if err != nil {
		return err
	}
	if c.Size > v.Size() || hashRoot(v.leaves[:c.Size]) != c.Root {
		return checkpointFault("V-03: size %d with root %s is not the board that was read", c.Size, c.Root)
	}
	if v.Head == nil || c.Size > v.Head.Size {
		v.Head, v.Note = &c, note
	}
	return nil
}

// cosigned reports that the entry with this index is in a cosigned head.
func (v *View) cosigned(index uint64) bool { return v.Head != nil && index < v.Head.Size }

// who says which role signs entries of a type, and in which context.
func (v *View) who(t message.Type) (role message.Role, context message.Digest, known bool) {
	var fingerprint message.Digest
	if v.Election != nil {
		fingerprint = v.Election.Fingerprint
	}
	switch t {
	case message.TypeManifest:
		return message.RoleAuthority, message.Digest{}, true
	case message.TypeDKGCommit, message.TypeDKGReveal, message.TypeDKGShares,
		message.TypeDKGComplaint, message.TypeConfirm:
		return message.RoleTrustee, v.SetupID, true
	case message.TypeAbort:
		return message.RoleAuthority, v.SetupID, true
	case message.TypeCredentials, message.TypeElectorate:
		return message.RoleRegistrar, v.SetupID, true
	case message.TypeCast, message.TypeChallenge:
		return "", fingerprint, true
	case message.TypeParticipation:
		return message.RoleRegistrar, fingerprint, true
	case message.TypeIdentityList:
		return message.RoleIdentity, fingerprint, true
	case message.TypeOpen, message.TypeCloseChannel, message.TypeSeal,
		message.TypeAggregate, message.TypeResult:
		return message.RoleAuthority, fingerprint, true
	case message.TypeDecryptionShare:
		return message.RoleTrustee, fingerprint, true
	}
	return "", message.Digest{}, false
}

// apply checks header and signature and folds the body in.
func (v *View) apply(e message.Entry, body []byte) {
	role, context, known := v.who(e.Type)
	if !known {
		v.faultf("V-05", "unknown type %q", e.Type)
		return
	}
	if e.Type == message.TypeManifest {
		folded(v, body, func(b *message.ManifestBody) { v.manifest(b) })
	}
	switch {
	case e.Context != context:
		check := "V-07"
		if v.Election != nil && context == v.Election.Fingerprint {
			check = "V-16"
		}
		v.faultf(check, "context %s instead of %s", e.Context, context)
	case e.Role != role:
		v.faultf("V-07", "role %q instead of %q", e.Role, role)
	case role == "" && (e.ID != "" || e.Signature != message.Signature{}):
		v.faultf("V-07", "a signature where none belongs")
	}
	if role != "" {
		if err := Signed(&v.Manifest, e, body); err != nil {
			v.fault("V-07", err)
		}
	}
	v.dispatch(e, body)
}

func (v *View) dispatch(e message.Entry, body []byte) {
	switch e.Type {
	case message.TypeDKGCommit:
		folded(v, body, func(b *message.DKGCommit) { v.commit(e.ID, b) })
	case message.TypeDKGReveal:
		folded(v, body, func(b *message.DKGReveal) { v.reveal(e.ID, b) })
	case message.TypeDKGShares:
		folded(v, body, func(b *message.DKGShares) { v.deal(e.ID, b) })
	case message.TypeDKGComplaint:
		folded(v, body, func(b *message.DKGComplaint) { v.complaint(e.ID, b) })
	case message.TypeAbort:
		folded(v, body, v.abort)
	case message.TypeCredentials:
		folded(v, body, v.credentials)
	case message.TypeElectorate:
		folded(v, body, v.electorate)
	case message.TypeConfirm:
		folded(v, body, func(b *message.Confirm) { v.confirm(e.ID, b) })
	case message.TypeOpen:
		folded(v, body, v.open)
	case message.TypeCast:
		folded(v, body, v.cast)
	case message.TypeChallenge:
		folded(v, body, v.challenge)
	case message.TypeCloseChannel:
		folded(v, body, v.closeChannel)
	case message.TypeParticipation:
		folded(v, body, v.participation)
	case message.TypeIdentityList:
		folded(v, body, v.identityList)
	case message.TypeSeal:
		folded(v, body, v.seal)
	case message.TypeAggregate:
		folded(v, body, v.aggregate)
	case message.TypeDecryptionShare:
		folded(v, body, func(b *message.DecryptionShare) { v.share(e.ID, b) })
	case message.TypeResult:
		folded(v, body, v.result)
	}
}

// folded decodes a body and hands it on.
func folded[T any](v *View, body []byte, f func(*T)) {
	b, err := codec.Decode[T](body, codec.Limits{Size: message.MaxBody})
	if err != nil {
		v.fault("V-05", err)
		return
	}
	f(&b)
}

// in is V-06: the entry may come in one of these phases.
func (v *View) in(t message.Type, phases ...message.Phase) bool {
	for _, p := range phases {
		if v.Phase == p {
			return true
		}
	}
	v.faultf("V-06", "%s in phase %s", t, v.Phase)
	return false
}

// at is a body at the entry being added.
func at[T any](v *View, body *T) *At[T] { return &At[T]{Index: v.Size(), Body: *body} }
