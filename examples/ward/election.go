package main

import (
	"context"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
)

const contestID = "council"

func voterID(i int) string  { return fmt.Sprintf("voter-%06d", i) }
func optionID(i int) string { return fmt.Sprintf("candidate-%d", i+1) }

// draft is the ward as an election of one contest, decided by first
// preferences alone.
func draft(w *ward) ([]byte, error) {
	contest := message.Contest{
		ID: contestID, Kind: message.KindHomomorphic, Title: w.Election.Title, Min: 0, Max: 1,
		Method: message.Method{Kind: message.MethodPlurality, Seats: uint64(w.Election.Seats)},
	}
	for i, name := range w.Election.Candidates {
		contest.Options = append(contest.Options, message.Option{ID: optionID(i), Title: name})
	}
	d := manage.Draft{Ceremony: 1, Manifest: message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: w.Election.Title, Test: true,
		Board:       message.Board{Origin: "scrutineer.example/ward"},
		Channels:    []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_500_000_000, Closes: 4_000_000_000}},
		Contests:    []message.Contest{contest},
		Styles:      []message.Style{{ID: "ward", Contests: []string{contestID}}},
		Units:       []message.Unit{{ID: "ward", Title: w.Election.Title}},
		Weights:     []uint64{1},
		MinimumCell: 10, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages: []string{"aggregate", "decrypt", "count"}, Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}}
	for i := 1; i <= 3; i++ {
		d.Manifest.Trustees = append(d.Manifest.Trustees, message.TrusteeLine{ID: fmt.Sprintf("trustee-%d", i), Index: uint64(i)})
		d.Manifest.Witnesses = append(d.Manifest.Witnesses, message.WitnessLine{ID: fmt.Sprintf("witness-%d", i)})
	}
	for i := range w.valid() {
		d.Roll = append(d.Roll, manage.RollLine{ID: voterID(i), Style: "ward", Unit: "ward", Weight: 1})
	}
	return codec.Encode(d)
}

// totals reads the published result from the board.
func totals(ctx context.Context, s system, candidates int) ([]uint64, error) {
	raw, err := s.Info(ctx)
	if err != nil {
		return nil, err
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil {
		return nil, err
	}
	last, err := s.Entries(ctx, st.Size-1, st.Size)
	if err != nil {
		return nil, err
	}
	e, err := codec.Decode[message.Entry](last[0], codec.Limits{})
	if err != nil {
		return nil, err
	}
	if e.Type != message.TypeResult {
		return nil, fmt.Errorf("the board ends in a %s entry", e.Type)
	}
	r, err := codec.Decode[message.Result](e.Body, codec.Limits{})
	if err != nil {
		return nil, err
	}
	if len(r.Contests) != 1 || len(r.Contests[0].Totals) != candidates {
		return nil, fmt.Errorf("the result has not one contest of %d totals", candidates)
	}
	return r.Contests[0].Totals, nil
}
