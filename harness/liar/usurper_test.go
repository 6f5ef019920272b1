package liar_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"testing"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

func TestUsurper(t *testing.T) {
	signer := scrutineer.Signer{Role: message.RoleRegistrar, Key: ed25519.NewKeyFromSeed(make([]byte, 32))}
	mine, err := signer.Entry(message.TypeParticipation, message.Digest{1}, &message.Participation{Voters: []string{"u"}})
	if err != nil {
		t.Fatal(err)
	}
	other, err := signer.Entry(message.TypeCredentials, message.Digest{1}, &message.Credentials{List: []message.Credential{}})
	if err != nil {
		t.Fatal(err)
	}
	taken, passed := 0, 0
	u := &liar.Usurper{Take: func(_ context.Context, entry []byte) (uint64, error) {
		if string(entry) != string(mine.Entry) {
			return 0, errors.New("another entry")
		}
		taken++
		return 7, nil
	}}
	next := func(context.Context, targets.Request) (targets.Response, error) {
		passed++
		return targets.Response{Status: 204}, nil
	}
	a, err := u.Answer(context.Background(), targets.Request{Method: "POST", Path: "/v1/entries", Body: mine.Entry}, next)
	if err != nil || a.Status != 200 {
		t.Fatalf("%+v %v", a, err)
	}
	if got, err := codec.Decode[message.Appended](a.Body, codec.Limits{}); err != nil || got.Index != 7 {
		t.Errorf("%+v %v", got, err)
	}
	for _, r := range []targets.Request{
		{Method: "POST", Path: "/v1/entries", Body: other.Entry}, {Method: "GET", Path: "/v1/entries"},
		{Method: "POST", Path: "/v1/casts", Body: mine.Entry}, {Method: "POST", Path: "/v1/entries", Body: []byte("{}")},
	} {
		if a, err := u.Answer(context.Background(), r, next); err != nil || a.Status != 204 {
			t.Errorf("%s %s: %+v %v", r.Method, r.Path, a, err)
		}
	}
	if taken != 1 || passed != 4 {
		t.Errorf("%d taken, %d passed", taken, passed)
	}
	u.Take = func(context.Context, []byte) (uint64, error) { return 0, errors.New("no") }
	if _, err := u.Answer(context.Background(), targets.Request{Method: "POST", Path: "/v1/entries", Body: mine.Entry}, next); err == nil {
		t.Error("a failure is hidden")
	}
}
