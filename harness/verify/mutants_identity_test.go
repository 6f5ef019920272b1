package verify_test

import (
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/point"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// authorised casts with a changed decision of voter 5, which does not count,
// where there is an identity service.
func authorised(change func(e *testelection.Election, d *message.Decision)) func() record.Memory {
	return with(testelection.Identified(), testelection.Hooks{}, func(e *testelection.Election) {
		x := e.EncryptBallot(5, [][]int{{1}})
		c := &message.Cast{Ballot: x.Ballot, Decision: e.Decide(5, &x.Ballot, message.None)}
		change(e, &c.Decision)
		e.PostCast(c)
	})
}

// listed plays an election whose identity service's list is changed.
func listed(change func(l *message.IdentityList)) func() record.Memory {
	return with(testelection.Identified(), edit(0, func(_ *message.Entry, l *message.IdentityList) { change(l) }),
		func(*testelection.Election) {})
}

func identityMutants() []mutant {
	const a, s = "authority", "identity"
	return []mutant{
		{"a cast that nobody authorised", only(verify.Authorisation),
			authorised(func(_ *testelection.Election, d *message.Decision) { d.Authorisation = nil }), a},
		{"the authorisation of another decision", only(verify.Authorisation), authorised(func(e *testelection.Election, d *message.Decision) {
			other := *d
			other.Predecessor = other.Tracker.String()
			e.Authorise(&other)
			d.Authorisation = other.Authorisation
		}), a},
		{"the authorisation of somebody else", only(verify.Authorisation), authorised(func(e *testelection.Election, d *message.Decision) {
			e.AuthoriseWith(d, point.ScalarOf(7), point.ScalarOf(8))
		}), a},
		{"the credential's signature as authorisation", only(verify.Authorisation), authorised(func(_ *testelection.Election, d *message.Decision) {
			d.Authorisation = &d.Signature
		}), a},
		{"the nonce of the authorisation is zero", only(verify.Decoding), authorised(func(e *testelection.Election, d *message.Decision) {
			d.Authorisation.Commitment = message.Element{}
		}), a},
		{"an authorisation in another spelling", only(verify.Decoding), authorised(func(_ *testelection.Election, d *message.Decision) {
			plusL(&d.Authorisation.Response)
		}), a},
		{"an authorisation without a service", only(verify.Authorisation), decision(func(_ *testelection.Election, c *message.Cast) {
			c.Decision.Authorisation = &c.Decision.Signature
		}), a},

		{"another last ballot", only(verify.IdentityList), listed(func(l *message.IdentityList) { l.List[1].Tracker[0] ^= 1 }), s},
		{"a credential is missing", only(verify.IdentityList), listed(func(l *message.IdentityList) { l.List = l.List[1:] }), s},
		{"the last credential is missing", only(verify.IdentityList), listed(func(l *message.IdentityList) { l.List = l.List[:3] }), s},
		{"a credential too many", only(verify.IdentityList), listed(func(l *message.IdentityList) { l.List = append(l.List, message.LastBallot{}) }), s},
		{"credentials not ascending", only(verify.IdentityList), listed(func(l *message.IdentityList) {
			l.List[0], l.List[1] = l.List[1], l.List[0]
		}), s},
		{"the second part of the list alone", only(verify.IdentityList), listed(func(l *message.IdentityList) { l.Chunk, l.Chunks = 1, 2 }), s},
		{"the first part of the list alone", only(verify.IdentityList), listed(func(l *message.IdentityList) { l.Chunks = 2 }), s},
		{"no list", only(verify.IdentityList),
			with(testelection.Identified(), without(message.TypeIdentityList, 0), func(*testelection.Election) {}), a},
		{"a list by the registrar", only(verify.Signatures), with(testelection.Identified(),
			edit(0, func(e *message.Entry, _ *message.IdentityList) { e.Role = message.RoleRegistrar }), func(*testelection.Election) {}), a},
		{"a second list", only(verify.Order), func() record.Memory {
			e := testelection.New(testelection.Identified())
			e.Setup()
			for v := range 4 {
				e.Cast(v, [][]int{{v % 3}})
			}
			e.Close()
			e.PostParticipation()
			e.PostIdentityList()
			e.PostIdentityList()
			tallied(e)
			return e.Record()
		}, a},
		{"a list without a service", only(verify.Order, verify.Signatures), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.Append(message.TypeIdentityList, message.RoleIdentity, "", e.Fingerprint, &message.IdentityList{Chunks: 1, List: []message.LastBallot{}})
				tallied(e)
			})
		}, a},

		{"a key of authorisations without a service", only(verify.Manifest), with(testelection.Small(),
			edit(0, func(_ *message.Entry, b *message.ManifestBody) {
				b.Manifest.Authorisation = b.Manifest.Trustees[0].Encryption
			}),
			func(*testelection.Election) {}), a},
	}
}

// TestIdentified: an honest election with an identity service passes, and its
// checks look at every cast and every credential with a ballot.
func TestIdentified(t *testing.T) {
	e := testelection.New(testelection.Identified())
	e.Setup()
	for v := range 4 {
		e.Cast(v, [][]int{{v % 3}})
	}
	e.Cast(1, [][]int{{2}})
	e.Finish()
	rec := e.Record()
	r := check(t, rec, verify.Options{})
	agrees(t, rec, r)
	if !r.Passed {
		t.Fatalf("rejected by %v: %+v", r.Failed(), r.Findings)
	}
	if row := r.Check(verify.Authorisation); row.Seen != 5 {
		t.Errorf("V-46 saw %d casts", row.Seen)
	}
	if row := r.Check(verify.IdentityList); row.Seen != 4 {
		t.Errorf("V-47 saw %d lines", row.Seen)
	}
}
