package check

import (
	"fmt"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
)

// Electors is the size of the roll of Draft: the first three in the north with
// both contests and weight 1, the last two in the south with one and weight 3.
const Electors = 5

// Draft is a small election: two contests, two styles, two units, two weights,
// three trustees of whom two decrypt, three witnesses of whom two cosign.
func Draft() manage.Draft {
	d := manage.Draft{Ceremony: 1, Manifest: message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "Conformance", Test: true,
		Board:    message.Board{Origin: "scrutineer.test/conformance"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_700_000_000, Closes: 4_000_000_000}},
		Contests: []message.Contest{
			{ID: "council", Kind: message.KindHomomorphic, Min: 0, Max: 2, Blank: true, Title: "Council",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 2},
				Options: []message.Option{{ID: "ana", Title: "Ana"}, {ID: "bo", Title: "Bo"}, {ID: "cleo", Title: "Cleo"}}},
			{ID: "bridge", Kind: message.KindHomomorphic, Min: 0, Max: 2, Title: "Bridge",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 1},
				Options: []message.Option{{ID: "yes", Title: "Yes"}, {ID: "no", Title: "No"}}},
		},
		Styles:      []message.Style{{ID: "all", Contests: []string{"council", "bridge"}}, {ID: "some", Contests: []string{"council"}}},
		Units:       []message.Unit{{ID: "north", Title: "North"}, {ID: "south", Title: "South"}},
		Weights:     []uint64{1, 3},
		MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}}
	for i := 1; i <= 3; i++ {
		d.Manifest.Trustees = append(d.Manifest.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
		d.Manifest.Witnesses = append(d.Manifest.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
	}
	for i := range Electors {
		line := manage.RollLine{ID: VoterID(i), Style: "all", Unit: "north", Weight: 1}
		if i >= 3 {
			line.Style, line.Unit, line.Weight = "some", "south", 3
		}
		d.Roll = append(d.Roll, line)
	}
	return d
}

// VoterID is the id of a voter of Draft, from 0.
func VoterID(i int) string { return fmt.Sprintf("voter-%d", i) }
