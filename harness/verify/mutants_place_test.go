package verify_test

import (
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// day plays an election with a polling place: four vote online, of whom voter 3
// comes to the place as well; 4 and 5 vote there, and one of them challenges.
func day(h testelection.Hooks, during func(e *testelection.Election, d1, d2 *testelection.Device)) func() record.Memory {
	return with(testelection.Placed(), h, func(e *testelection.Election) {
		d1, d2 := e.OpenDevice("d1"), e.OpenDevice("d2")
		e.VoteAt(d1, 3, [][]int{{1}})
		e.ChallengeAt(d1, 4, [][]int{{2}})
		e.VoteAt(d1, 4, [][]int{{2}})
		e.VoteAt(d2, 5, [][]int{{testelection.Blank}})
		if during != nil {
			during(e, d1, d2)
		}
	})
}

func atPlace(h testelection.PlaceHooks) testelection.Hooks { return testelection.Hooks{Place: h} }

// packed changes the import of d1 before its device signs the pack.
func packed(change func(m *message.Import)) testelection.PlaceHooks {
	return testelection.PlaceHooks{Pack: func(id string, m *message.Import) {
		if id == "d1" {
			change(m)
		}
	}}
}

// bookChanged changes it after the poll book signed.
func bookChanged(change func(m *message.Import)) testelection.PlaceHooks {
	return testelection.PlaceHooks{CheckIns: func(id string, m *message.Import) {
		if id == "d1" {
			change(m)
		}
	}}
}

// before runs once before the first entry of a type.
func before(t message.Type, e *testelection.Election, do func()) {
	e.Before = func(next message.Type) {
		if next == t {
			e.Before = nil
			do()
		}
	}
}

func placeMutants() []mutant {
	const a, c = "authority", "count-centre"
	return []mutant{
		{"minutes signed by one", only(verify.Minutes), day(edit(0, func(_ *message.Entry, m *message.Minutes) { m.Signatures = m.Signatures[:1] }), nil), c},
		{"minutes signed by one twice", only(verify.Minutes), day(edit(0, func(_ *message.Entry, m *message.Minutes) { m.Signatures[1] = m.Signatures[0] }), nil), c},
		{"minutes of another election", only(verify.Minutes, verify.Packs, verify.Inventory), day(edit(0, func(_ *message.Entry, m *message.Minutes) { m.Fingerprint[0] ^= 1 }), nil), c},

		{"a pack that its device did not sign", only(verify.Packs), day(edit(0, func(_ *message.Entry, m *message.Import) { m.Pack.Signature[0] ^= 1 }), nil), c},
		{"another archive than the minutes name", only(verify.Packs), day(edit(0, func(_ *message.Entry, m *message.Import) { m.Digest[0] ^= 1 }), nil), c},
		{"a pack that follows another", only(verify.Packs), day(atPlace(packed(func(m *message.Import) { m.Pack.Previous[0] ^= 1 })), nil), c},
		{"a zero report that is not the pack's", only(verify.Packs), day(atPlace(packed(func(m *message.Import) { m.Pack.Files[2].Digest[0] ^= 1 })), nil), c},
		{"check-ins that are not the pack's", only(verify.Packs), day(atPlace(packed(func(m *message.Import) { m.Pack.Files[1].Digest[0] ^= 1 })), nil), c},
		{"a pack of another election", only(verify.Packs), day(atPlace(packed(func(m *message.Import) { m.Pack.Fingerprint[0] ^= 1 })), nil), c},
		{"more ballots than the minutes have", only(verify.Packs), day(atPlace(testelection.PlaceHooks{Minutes: func(m *message.Minutes) { m.Devices[0].Ballots-- }}), nil), c},
		{"an import before the minutes", only(verify.Packs, verify.Inventory), day(without(message.TypeMinutes, 0), nil), c},

		{"check-ins that the poll book did not sign", only(verify.CheckInList), day(atPlace(bookChanged(func(m *message.Import) { m.CheckIns.Signature[0] ^= 1 })), nil), c},
		{"check-ins of another pack", only(verify.CheckInList), day(atPlace(bookChanged(func(m *message.Import) { m.CheckIns.Sequence = 2 })), nil), c},
		{"a voter comes to both devices", only(verify.CheckInList), day(testelection.Hooks{}, func(e *testelection.Election, _, d2 *testelection.Device) {
			e.CheckIn(d2, 4)
		}), c},

		{"a ballot for which nobody came", only(verify.DeviceBallots), day(testelection.Hooks{}, func(e *testelection.Election, d1, _ *testelection.Device) {
			e.CastAt(d1, 6, [][]int{{0}})
		}), c},
		{"codes that end otherwise", only(verify.DeviceBallots), day(atPlace(packed(func(m *message.Import) { m.Pack.CodeEnd[0] ^= 1 })), nil), c},
		{"ballots that are not the pack's", only(verify.DeviceBallots), day(atPlace(packed(func(m *message.Import) { m.Pack.Files[0].Digest[0] ^= 1 })), nil), c},
		{"a challenge counted as cast", only(verify.DeviceBallots), day(atPlace(packed(func(m *message.Import) { m.Pack.Ballots, m.Pack.Challenged = 3, 0 })), nil), c},

		{"both ballots of a voter count", only(verify.Voids), day(atPlace(testelection.PlaceHooks{NoVoids: true}), nil), c},
		{"the ballot of a voter who did not come is void", only(verify.Voids), day(testelection.Hooks{}, func(e *testelection.Election, _, _ *testelection.Device) {
			before(message.TypeVoid, e, func() {
				e.Append(message.TypeVoid, message.RoleCountCentre, "", e.Fingerprint, &message.Void{Entry: 7, Signer: "hall"})
			})
		}), c},
		{"a void of another entry", only(verify.Voids), day(testelection.Hooks{}, func(e *testelection.Election, _, _ *testelection.Device) {
			before(message.TypeParticipation, e, func() {
				e.Append(message.TypeVoid, message.RoleCountCentre, "", e.Fingerprint, &message.Void{Entry: 1, Signer: "hall"})
			})
		}), c},

		{"a device that is forgotten", only(verify.Inventory), with(testelection.Placed(), atPlace(testelection.PlaceHooks{Skip: "d2"}), func(e *testelection.Election) {
			e.VoteAt(e.OpenDevice("d1"), 5, [][]int{{1}})
		}), c},
		{"one officer alone gives a device up", only(verify.Inventory), givenUp("o1"), c},
		{"a result that names nothing uncounted", only(verify.Inventory), func() record.Memory {
			e := testelection.New(testelection.Placed())
			e.Hooks = edit(0, func(_ *message.Entry, r *message.Result) { r.Uncounted = nil })
			return giveUp(e, "o1", "o2")
		}, a},
	}
}

// giveUp plays an election whose second device is given up by these officers.
func giveUp(e *testelection.Election, officers ...string) record.Memory {
	e.Place.Skip = "d2"
	e.Setup()
	for v := range 4 {
		e.Cast(v, [][]int{{v % 3}})
	}
	e.VoteAt(e.OpenDevice("d1"), 5, [][]int{{1}})
	before(message.TypeParticipation, e, func() {
		n := &message.NoPack{Device: "d2", Reason: "lost"}
		n.Signatures = e.Jointly(message.TypeNoPack, message.RoleOfficer, n.Content(), officers...)
		e.Append(message.TypeNoPack, message.RoleCountCentre, "", e.Fingerprint, n)
	})
	if len(officers) > 1 {
		e.Uncounted = []message.Uncounted{{Device: "d2"}}
	}
	e.Finish()
	return e.Record()
}

func givenUp(officers ...string) func() record.Memory {
	return func() record.Memory { return giveUp(testelection.New(testelection.Placed()), officers...) }
}

// TestPlaced: honest elections with a polling place pass, and the checks look at
// every pack, check-in, ballot and void.
func TestPlaced(t *testing.T) {
	rec := day(testelection.Hooks{}, nil)()
	r := check(t, rec, verify.Options{})
	agrees(t, rec, r)
	if !r.Passed {
		t.Fatalf("rejected by %v: %+v", r.Failed(), r.Findings)
	}
	for c, want := range map[verify.Check]uint64{verify.Minutes: 1, verify.Packs: 2, verify.CheckInList: 3,
		verify.DeviceBallots: 4, verify.Voids: 1, verify.Inventory: 2} {
		if row := r.Check(c); row.Seen != want {
			t.Errorf("%s saw %d, want %d", c, row.Seen, want)
		}
	}
	if r.Counts.Counted != 6 {
		t.Errorf("%d ballots are counted", r.Counts.Counted)
	}
	rec = givenUp("o1", "o3")()
	r = check(t, rec, verify.Options{})
	agrees(t, rec, r)
	if !r.Passed {
		t.Fatalf("rejected by %v: %+v", r.Failed(), r.Findings)
	}
}
