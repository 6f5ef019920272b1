package main

import (
	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// identified is the script of the group with an identity service.
func identified() election.Script {
	return election.Script{Manifest: election.Identified(election.Village()), Deeds: map[string]election.Deed{}, Voting: []election.Action{
		{Name: "cast 1", Voter: "voter-1", Choices: map[string][]string{"council": {"ada"}}},
		{Name: "cast 2", Voter: "voter-4", Choices: map[string][]string{"motion": {"approve"}}},
	}}
}

// identityMutants are about V-46 and V-47.
func identityMutants() []mutant {
	unauthorised := func(flag, comment string, change func(d *message.Decision)) mutant {
		return extra("V-46", flag, comment, "close-channel/web", func(e *election.Election) {
			e.Do(election.Action{Name: "stuffed", Voter: "voter-2", Choices: map[string][]string{"council": {"ben"}}, Void: true,
				Draft: election.Draft{Cast: func(c *message.Cast) { change(&c.Decision) }}})
		})
	}
	list := func(comment string, change func(m *message.IdentityList)) mutant {
		return body("V-47", "WrongParticipation", comment, "identity-list", change)
	}
	return []mutant{
		unauthorised("WrongSignature", "a cast that the identity service has not authorised", func(d *message.Decision) { d.Authorisation = nil }),
		unauthorised("WrongSignature", "a cast with the authorisation of another", func(d *message.Decision) {
			other := *d
			other.Predecessor = other.Tracker.String()
			d.Authorisation = election.Authorise(other)
		}),
		extra("V-17 V-46", "UnreducedScalar", "an authorisation with s plus l", "close-channel/web", func(e *election.Election) {
			e.Do(election.Action{Name: "stuffed", Voter: "voter-2", Choices: map[string][]string{"council": {"ben"}}, Void: true,
				Draft: election.Draft{Cast: func(c *message.Cast) {
					c.Decision.Authorisation.Response = prover.AddOrder(c.Decision.Authorisation.Response)
				}}})
		}),
		list("the list names another last ballot", func(m *message.IdentityList) { m.List[0].Tracker[0] ^= 1 }),
		list("the list lacks a credential", func(m *message.IdentityList) { m.List = m.List[1:] }),
		list("the list has a credential that did not vote", func(m *message.IdentityList) {
			m.List = append(m.List, message.LastBallot{Credential: m.List[1].Credential, Tracker: m.List[1].Tracker})
		}),
		list("the list is the first half of one", func(m *message.IdentityList) { m.Chunks = 2 }),
		deed("V-47", "WrongParticipation", "sealed without the list", "identity-list", election.Deed{Skip: true}),
	}
}
