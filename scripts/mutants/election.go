package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/keys"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

// demo plays the election that is mutated where no record is given: two
// contests, one without a sum proof, three units of which one stays empty, two
// weights, revotes and a challenge, by the reference system.
func demo(ctx context.Context, seed string) (record.Memory, keys.Seed, error) {
	raw, err := codec.Encode(demoDraft())
	if err != nil {
		return nil, "", fmt.Errorf("draft: %w", err)
	}
	target := core.New(func() time.Time { return time.Unix(1_800_000_000, 0) })
	e, err := target.Open(ctx, targets.Definition{ID: "mutants", Draft: raw, Seed: seed})
	if err != nil {
		return nil, "", fmt.Errorf("open: %w", err)
	}
	defer e.Close()
	p, ok := e.(player)
	if !ok {
		return nil, "", errors.New("the core target cannot play an election")
	}
	if err := play(ctx, p); err != nil {
		return nil, "", err
	}
	files, err := p.Record(ctx)
	if err != nil {
		return nil, "", fmt.Errorf("record: %w", err)
	}
	return files, keys.Seed(seed), nil
}

// player is what the demo asks of a target.
type player interface {
	targets.Voters
	targets.Closer
	targets.Trustees
	Record(ctx context.Context) (map[string][]byte, error)
}

func demoDraft() manage.Draft {
	d := manage.Draft{Ceremony: 1, Manifest: message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "An election to be mutated", Test: true,
		Board:    message.Board{Origin: "scrutineer.test/mutants"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_790_000_000, Closes: 1_810_000_000}},
		Contests: []message.Contest{
			{ID: "council", Kind: message.KindHomomorphic, Min: 0, Max: 2, Blank: true, Title: "Council",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 2},
				Options: []message.Option{{ID: "ana", Title: "Ana"}, {ID: "bo", Title: "Bo"}, {ID: "cleo", Title: "Cleo"}}},
			{ID: "bridge", Kind: message.KindHomomorphic, Min: 0, Max: 2, Title: "Bridge",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 1},
				Options: []message.Option{{ID: "yes", Title: "Yes"}, {ID: "no", Title: "No"}}},
		},
		Styles:      []message.Style{{ID: "all", Contests: []string{"council", "bridge"}}, {ID: "some", Contests: []string{"council"}}},
		Units:       []message.Unit{{ID: "north", Title: "North"}, {ID: "south", Title: "South"}, {ID: "desert", Title: "Desert"}},
		Weights:     []uint64{1, 3},
		MinimumCell: 2, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}}
	for i := 1; i <= 3; i++ {
		d.Manifest.Trustees = append(d.Manifest.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
		d.Manifest.Witnesses = append(d.Manifest.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
	}
	for i := range 6 {
		line := manage.RollLine{ID: fmt.Sprintf("voter-%d", i), Style: "all", Unit: "north", Weight: 1}
		if i >= 3 {
			line.Style, line.Unit, line.Weight = "some", "south", 3
		}
		d.Roll = append(d.Roll, line)
	}
	return d
}

func play(ctx context.Context, e player) error {
	for _, v := range []struct {
		voter, council, bridge string
		challenge              bool
	}{
		{voter: "voter-0", council: "ana", bridge: "yes"}, {voter: "voter-1", council: "blank", bridge: "no"},
		{voter: "voter-2", council: "bo", challenge: true}, {voter: "voter-3", council: "cleo"},
		{voter: "voter-4", council: "bo", challenge: true}, {voter: "voter-4", council: "bo"},
		{voter: "voter-0", council: "cleo", bridge: "no"},
	} {
		choices := map[string][]string{"council": {v.council}}
		if v.bridge != "" {
			choices["bridge"] = []string{v.bridge}
		}
		if err := vote(ctx, e, v.voter, choices, v.challenge); err != nil {
			return fmt.Errorf("%s: %w", v.voter, err)
		}
	}
	if a, err := e.CloseVoting(ctx); err != nil || a.Outcome != targets.OK {
		return fmt.Errorf("close: %v, %w", a.Outcome, err)
	}
	for _, i := range []int{1, 3} {
		if a, _, err := e.Decrypt(ctx, i); err != nil || a.Outcome != targets.OK {
			return fmt.Errorf("trustee %d: %v, %w", i, a.Outcome, err)
		}
	}
	return nil
}

func vote(ctx context.Context, e player, id string, choices map[string][]string, challenge bool) error {
	v, err := e.Voter(ctx, id)
	if err != nil {
		return err
	}
	handle, _, err := v.Encrypt(ctx, choices)
	if err != nil {
		return err
	}
	decide := v.Cast
	if challenge {
		decide = v.Challenge
	}
	if a, err := decide(ctx, handle); err != nil || a.Outcome != targets.OK {
		return fmt.Errorf("%v %s: %w", a.Outcome, a.Detail, err)
	}
	return nil
}
