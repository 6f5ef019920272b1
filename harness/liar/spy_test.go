package liar_test

import (
	"context"
	"testing"

	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

func TestSpyNamesItsKey(t *testing.T) {
	w := newWorld(t)
	s := &liar.Spy{Key: message.Element{9}, Substituter: &liar.Substituter{Authority: w.authority, Election: w.election}}
	told := message.Status{Phase: message.PhaseVoting, ElectionKey: message.Element{1}}
	honest, err := codec.Encode(told)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		r       targets.Request
		body    []byte
		changed bool
	}{
		{targets.Request{Method: "GET", Path: "/v1/status"}, honest, true},
		{targets.Request{Method: "GET", Path: "/v1/status"}, []byte("{}"), false},
		{targets.Request{Method: "GET", Path: "/v1/checkpoint"}, honest, false},
		{w.request, honest, false}, // a decision for a ballot that is not its own
	} {
		next := func(context.Context, targets.Request) (targets.Response, error) {
			return targets.Response{Status: 200, Body: x.body}, nil
		}
		a, err := s.Answer(context.Background(), x.r, next)
		if err != nil {
			t.Fatal(err)
		}
		if !x.changed {
			if string(a.Body) != string(x.body) {
				t.Errorf("%s %s is changed", x.r.Method, x.r.Path)
			}
			continue
		}
		st, err := codec.Decode[message.Status](a.Body, codec.Limits{})
		if told.ElectionKey = s.Key; err != nil || st != told {
			t.Errorf("%+v, %v", st, err)
		}
	}
}
