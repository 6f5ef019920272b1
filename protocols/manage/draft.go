package manage

import "scrutineer/protocols/message"

// Draft is an election to be set up by a target: a manifest in which the keys
// of the roles that the target plays are zero, for the target to fill in, and
// the roll for its registrar. Identity asks for an identity service of the
// target's own. Keys of roles that somebody else plays stand in
// it.
type Draft struct {
	Ceremony uint64           `json:"ceremony"`
	Identity bool             `json:"identity,omitzero"`
	Manifest message.Manifest `json:"manifest"`
	Roll     []RollLine       `json:"roll" limit:"1000000"`
}

// RollLine is an eligible voter.
type RollLine struct {
	ID     string `json:"id" limit:"256"`
	Style  string `json:"style"`
	Unit   string `json:"unit"`
	Weight uint64 `json:"weight"`
}
