package verify

import "scrutineer/protocols/message"

// The stages of an election, in the order in which their entries come.
const (
	stageManifest = iota + 1
	stageCommit
	stageReveal
	stageDeal
	stageComplaint
	stageAbort
	stageCredentials
	stageElectorate
	stageConfirm
	stageOpen
	stageVoting
	stagePlace
	stageParticipation
	stageIdentityList
	stageSeal
	stageAggregate
	stageShare
	stageResult
)

// stageOf is the stage to which a type of entry belongs; 0 for none.
func stageOf(t message.Type) int {
	switch t {
	case message.TypeManifest:
		return stageManifest
	case message.TypeDKGCommit:
		return stageCommit
	case message.TypeDKGReveal:
		return stageReveal
	case message.TypeDKGShares:
		return stageDeal
	case message.TypeDKGComplaint:
		return stageComplaint
	case message.TypeAbort:
		return stageAbort
	case message.TypeCredentials:
		return stageCredentials
	case message.TypeElectorate:
		return stageElectorate
	case message.TypeConfirm:
		return stageConfirm
	case message.TypeOpen:
		return stageOpen
	case message.TypeCast, message.TypeChallenge, message.TypeCloseChannel:
		return stageVoting
	case message.TypeMinutes, message.TypeImport, message.TypeDeviceBallot, message.TypeVoid, message.TypeNoPack, message.TypeRevokeDevice:
		return stagePlace
	case message.TypeParticipation:
		return stageParticipation
	case message.TypeIdentityList:
		return stageIdentityList
	case message.TypeSeal:
		return stageSeal
	case message.TypeAggregate:
		return stageAggregate
	case message.TypeDecryptionShare:
		return stageShare
	case message.TypeResult:
		return stageResult
	}
	return 0
}

// order follows the board through its stages (V-06, and V-27, V-30, V-32,
// V-33 as far as they are about order).
type order struct {
	stage    int
	trustees int             // n of the manifest
	posted   map[string]bool // ids in the current group of n
	counts   [stageResult + 1]int
	channels []message.Channel
	closed   map[string]bool
	online   int  // online channels still open
	ended    bool // by an abort
}

// begin sets what the manifest says.
func (o *order) begin(m *message.Manifest) {
	o.trustees = len(m.Trustees)
	o.channels = m.Channels
	o.closed = map[string]bool{}
	for _, c := range m.Channels {
		if c.Kind == message.ChannelOnline {
			o.online++
		}
	}
}

// open reports whether casts and challenges are in order now.
func (o *order) open() bool {
	return (o.stage == stageOpen || o.stage == stageVoting) && o.online > 0
}

// whole reports whether the record has its last entry.
func (o *order) whole() bool { return o.stage == stageResult || o.ended }

// mayComplain reports whether all have dealt and not all have confirmed.
func (o *order) mayComplain() bool {
	return o.trustees > 0 && o.counts[stageDeal] == o.trustees && o.counts[stageConfirm] < o.trustees && o.stage < stageOpen
}

// next takes the next entry. It returns what is out of order, or nil, and
// whether the entry is to be looked at all the same.
func (o *order) next(e *message.Entry) (fault *Finding, use bool) {
	stage := stageOf(e.Type)
	if e.Type == message.TypeRevokeDevice && (o.stage == stageOpen || o.stage == stageVoting) {
		stage = stageVoting // a device is revoked at any time
	}
	ballot := e.Type == message.TypeCast || e.Type == message.TypeChallenge
	switch {
	case stage == stageSeal && o.counts[stageSeal] > 0:
		return found(Seal, "a second seal"), false
	case o.counts[stageSeal] > 0 && stage < stageSeal:
		return found(AfterSeal, "%s after the seal", e.Type), ballot
	case o.stage == stageResult:
		return found(AfterSeal, "%s after the result", e.Type), false
	case o.ended:
		return found(Order, "%s after the abort", e.Type), false
	case ballot && !o.open():
		return found(Window, "%s outside of the time between opening and close", e.Type), o.stage >= stageOpen
	case stage == stageAbort && o.stage < stageOpen && o.stage > 0: // at any point before the opening
		o.ended = true
		o.counts[stage]++
		return nil, true
	case o.counts[stageComplaint] > 0:
		return found(Order, "%s after a complaint", e.Type), false
	case stage == stageComplaint && o.mayComplain():
		o.counts[stage]++
		return nil, true
	case stage < o.stage:
		return found(Order, "%s comes too late", e.Type), false
	}
	if stage > o.stage {
		fault = o.advance(stage, e.Type)
	}
	o.counts[stage]++
	if repeated := o.group(stage, e); repeated != nil {
		return repeated, false
	}
	return fault, true
}

// group sees to it that in a group of n each trustee appears once, and that
// other single entries do not repeat.
func (o *order) group(stage int, e *message.Entry) *Finding {
	switch stage {
	case stageCommit, stageReveal, stageDeal, stageConfirm:
		if o.posted[e.ID] {
			return found(Order, "a second %s of trustee %q", e.Type, e.ID).blame(trustee(e.ID), authority)
		}
		o.posted[e.ID] = true
	case stageManifest, stageElectorate, stageOpen, stageParticipation:
		if o.counts[stage] > 1 {
			return found(Order, "a second %s", e.Type)
		}
	}
	return nil
}

// advance goes to a later stage and finds what was left out on the way.
func (o *order) advance(stage int, t message.Type) *Finding {
	from := o.stage
	o.stage = stage
	o.posted = map[string]bool{}
	switch {
	case from < stageManifest && stage > stageManifest:
		return found(Order, "the first entry is a %s and no manifest", t)
	case stage == stagePlace && len(o.closed) < len(o.channels):
		return found(Order, "%s before all channels are closed", t).counts(len(o.channels), len(o.closed))
	case stage == stageParticipation && len(o.closed) < len(o.channels):
		return found(Order, "participation before all channels are closed").counts(len(o.channels), len(o.closed))
	}
	for _, s := range []struct {
		stage, count int
		name         string
	}{
		{stageCommit, o.trustees, "DKG hashes"}, {stageReveal, o.trustees, "DKG reveals"}, {stageDeal, o.trustees, "dealings"},
		{stageElectorate, 1, "electorates"}, {stageConfirm, o.trustees, "confirmations"}, {stageOpen, 1, "openings"},
		{stageParticipation, 1, "participation lists"}, {stageSeal, 1, "seals"},
	} {
		if from <= s.stage && s.stage < stage && o.counts[s.stage] < s.count {
			return found(Order, "%s after %d of %d %s", t, o.counts[s.stage], s.count, s.name).counts(s.count, o.counts[s.stage])
		}
	}
	return nil
}

// close takes a close-channel entry (V-30).
func (o *order) close(id string) *Finding {
	for _, c := range o.channels {
		if c.ID != id {
			continue
		}
		if o.closed[id] {
			return found(Close, "channel %s is closed a second time", id)
		}
		o.closed[id] = true
		if c.Kind == message.ChannelOnline {
			o.online--
		}
		return nil
	}
	return found(Close, "no channel %q", id)
}
