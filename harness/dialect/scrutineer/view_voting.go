package scrutineer

import (
	"errors"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// cast is V-17 to V-27 and V-46 for a cast; one that fails any of them counts nothing.
func (v *View) cast(b *message.Cast) {
	before := len(v.Faults)
	if v.in(message.TypeCast, message.PhaseVoting) && v.Election != nil {
		v.window()
		v.checkCast(b)
	}
	stands := len(v.Faults) == before && v.Phase == message.PhaseVoting && v.Election != nil
	v.Ballots = append(v.Ballots, Ballot{At: *at(v, b), Stands: stands})
	if !stands {
		return
	}
	v.heads[b.Decision.Credential] = len(v.Ballots) - 1
	v.trackers[b.Decision.Tracker] = true
	for _, c := range b.Ballot.Contests {
		for _, s := range c.Selections {
			v.alphas[s.Alpha] = true
		}
	}
}

// window is V-27: some online channel is open.
func (v *View) window() {
	for _, c := range v.Manifest.Channels {
		if c.Kind == message.ChannelOnline && !v.closed(c.ID) {
			return
		}
	}
	v.faultf("V-27", "after the last online channel has closed")
}

func (v *View) closed(channel string) bool {
	return slices.ContainsFunc(v.Closes, func(c At[message.CloseChannel]) bool { return c.Body.Channel == channel })
}

func (v *View) checkCast(b *message.Cast) {
	d, e := b.Decision, v.Election
	if err := e.checkCastBallot(&b.Ballot, d.Credential, v.Trusting); err != nil {
		v.fault(checkOf(err), err)
	}
	for _, c := range b.Ballot.Contests {
		for _, s := range c.Selections {
			if v.alphas[s.Alpha] {
				v.faultf("V-22", "alpha %s is on the board already", s.Alpha)
			}
			if v.challenged[s.Alpha] {
				v.faultf("V-29", "alpha %s was challenged", s.Alpha)
			}
		}
	}
	if v.trackers[d.Tracker] || d.Tracker != transcript.Tracker(&b.Ballot) {
		v.faultf("V-23", "tracker %s is not the ballot's, or there already", d.Tracker)
	}
	if err := CheckDecision(e.Fingerprint, d); err != nil {
		v.fault("V-24", err)
	}
	if err := e.CheckAuthorisation(d); err != nil {
		v.fault("V-46", err)
	}
	line, ok := v.lines[d.Credential]
	if !ok || line.Style != b.Ballot.Style || line.Unit != b.Ballot.Unit || line.Weight != b.Ballot.Weight {
		v.faultf("V-25", "credential %s is not listed, or not with this style, unit, weight", d.Credential)
	}
	head := v.HeadOf(d.Credential)
	if d.Predecessor != head || v.Manifest.Revote == message.RevoteNone && head != message.None {
		v.faultf("V-26", "predecessor %s, standing %s, revote %s", d.Predecessor, head, v.Manifest.Revote)
	}
}

// checkCastBallot is CheckBallot, on trust without the proofs.
func (e *Election) checkCastBallot(b *message.Ballot, credential message.Element, trusting bool) error {
	if !trusting {
		return e.CheckBallot(b, credential)
	}
	if err := e.checkShape(b); err != nil {
		return err
	}
	if b.Caster != (message.Caster{Credential: credential}) {
		return ErrCaster
	}
	return nil
}

// checkOf is the number of the check that an error of CheckBallot belongs to.
func checkOf(err error) string {
	for number, sentinel := range map[string]error{"V-17": ErrDecoding, "V-18": ErrShape,
		"V-19": ErrCaster, "V-20": ErrSelection, "V-21": ErrSum} {
		if errors.Is(err, sentinel) {
			return number
		}
	}
	return "V-05"
}

// CheckDecision is V-24.
func CheckDecision(fingerprint message.Digest, d message.Decision) error {
	if d.Fingerprint != fingerprint {
		return errors.New("V-24: decision for another election")
	}
	content, err := codec.Encode(d.Content())
	if err != nil {
		return err
	}
	return CheckCredentialSignature(d.Credential, transcript.PurposeDecision, fingerprint,
		transcript.BodyDigest(content), d.Signature)
}

// HeadOf is the tracker of a credential's standing ballot, or "none".
func (v *View) HeadOf(credential message.Element) string {
	if i, ok := v.heads[credential]; ok {
		return v.Ballots[i].Body.Decision.Tracker.String()
	}
	return message.None
}

// challenge is V-18, V-22, V-23, V-27 to V-29 for a challenge.
func (v *View) challenge(b *message.Challenge) {
	v.Challenges = append(v.Challenges, *at(v, b))
	if !v.in(message.TypeChallenge, message.PhaseVoting) || v.Election == nil {
		return
	}
	v.window()
	if _, err := v.Election.CheckChallenge(b); err != nil {
		v.fault("V-28", err)
	}
	tracker := transcript.TrackerOf(b.Fingerprint, b.Style, transcript.OpenedCiphertexts(b), b.Commitment)
	if v.trackers[tracker] {
		v.faultf("V-29", "tracker %s is on the board already", message.Digest(tracker))
	}
	v.trackers[tracker] = true
	for _, c := range b.Contests {
		for _, s := range c.Selections {
			if v.alphas[s.Alpha] || v.challenged[s.Alpha] {
				v.faultf("V-29", "alpha %s is on the board already", s.Alpha)
			}
			v.challenged[s.Alpha] = true
		}
	}
}

// closeChannel is V-30.
func (v *View) closeChannel(b *message.CloseChannel) {
	if !v.in(message.TypeCloseChannel, message.PhaseVoting) {
		return
	}
	known := slices.ContainsFunc(v.Manifest.Channels, func(c message.Channel) bool { return c.ID == b.Channel })
	if !known || v.closed(b.Channel) {
		v.faultf("V-30", "channel %q is unknown or closed", b.Channel)
		return
	}
	v.Closes = append(v.Closes, *at(v, b))
	if len(v.Closes) == len(v.Manifest.Channels) {
		v.Phase = message.PhaseClosed
	}
}

// participation is V-31.
func (v *View) participation(b *message.Participation) {
	if !v.in(message.TypeParticipation, message.PhaseClosed) {
		return
	}
	v.Participation, v.Phase = at(v, b), message.PhaseParticipated
	if len(b.Voters) != len(v.heads) {
		v.faultf("V-31", "%d voters for %d counted ballots", len(b.Voters), len(v.heads))
	}
	for i := 1; i < len(b.Voters); i++ {
		if b.Voters[i-1] >= b.Voters[i] {
			v.faultf("V-31", "voters not ascending at %d", i)
		}
	}
}

// seal is V-32. With it the counted set is fixed.
func (v *View) seal(b *message.Seal) {
	if !v.in(message.TypeSeal, message.PhaseParticipated, message.PhaseListed) {
		return
	}
	if v.Manifest.Identity != (message.Key{}) && v.Phase != message.PhaseListed {
		v.fault("V-47", ErrIdentityList)
	}
	v.Seal, v.Phase = at(v, b), message.PhaseSealed
	if b.Count != v.Size() || b.Root != v.Root() {
		v.faultf("V-32", "seal of %d entries with root %s", b.Count, b.Root)
	}
	v.cells = Cells(&v.Manifest, v.CountedSet())
}
