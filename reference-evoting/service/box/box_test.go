package box_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/service/box"
	"scrutineer/reference-evoting/service/store"
)

// The same story is told to the box in memory and to the one on disk; both
// must say the same at every step.
func TestSameAsInMemory(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "box.db")
	db, err := store.Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]authority.Store{"memory": authority.NewMemoryStore(), "disk": box.New(db)} {
		t.Run(name, func(t *testing.T) { story(ctx, t, s) })
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	// What was settled is there after a restart.
	if db, err = store.Open(ctx, path); err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if a, err := box.New(db).Answer(ctx, message.Digest{9}); err != nil || string(a.Bytes) != "receipt" || a.Index != 7 || !a.Accepted {
		t.Errorf("answer after a restart: %+v, %v", a, err)
	}
}

func story(ctx context.Context, t *testing.T, s authority.Store) {
	now := time.Unix(1_800_000_000, 0).UTC()
	voter := message.Element{1}
	body := authority.Body{Tracker: message.Digest{2}, Credential: voter, Head: "none", Ballot: []byte("ballot"), Expires: now.Add(time.Minute)}
	want := func(what string, err, wanted error) {
		t.Helper()
		if !errors.Is(err, wanted) {
			t.Fatalf("%s: %v, want %v", what, err, wanted)
		}
	}
	_, err := s.Body(ctx, body.Tracker, now)
	want("unknown body", err, authority.ErrNotFound)
	want("put", s.PutBody(ctx, body), nil)
	again := body
	again.Head, again.Expires = "later", now.Add(2*time.Minute)
	want("put again", s.PutBody(ctx, again), nil)
	got, err := s.Body(ctx, body.Tracker, now)
	want("body", err, nil)
	again.Head = body.Head // of when it first came in
	if diff := cmp.Diff(again, got); diff != "" {
		t.Fatal(diff)
	}
	_, err = s.Body(ctx, body.Tracker, now.Add(time.Hour))
	want("expired body", err, authority.ErrNotFound)
	for _, w := range []struct {
		after time.Duration
		n     int
	}{{0, 1}, {time.Hour, 0}} { // in this order: what has expired may be forgotten
		if got, err := s.Waiting(ctx, voter, now.Add(w.after)); err != nil || got != w.n {
			t.Errorf("waiting after %v: %d, %v, want %d", w.after, got, err, w.n)
		}
	}
	want("put once more", s.PutBody(ctx, body), nil)

	receipt := authority.Answer{Decision: message.Digest{9}, Tracker: body.Tracker, Index: 7, Accepted: true, Bytes: []byte("receipt")}
	refusal := authority.Answer{Decision: message.Digest{8}, Tracker: message.Digest{3}, Bytes: []byte("refusal")}
	for range 2 { // settling the same again changes nothing
		want("settle", s.Settle(ctx, []authority.Answer{receipt, refusal}), nil)
	}
	for _, a := range []authority.Answer{receipt, refusal} {
		got, err := s.Answer(ctx, a.Decision)
		want("answer", err, nil)
		if diff := cmp.Diff(a, got); diff != "" {
			t.Error(diff)
		}
	}
	_, err = s.Answer(ctx, message.Digest{1})
	want("unknown answer", err, authority.ErrNotFound)
	_, err = s.Body(ctx, body.Tracker, now)
	want("settled body", err, authority.ErrNotFound)
	if index, err := s.Index(ctx, body.Tracker); err != nil || index != 7 {
		t.Errorf("index %d, %v", index, err)
	}
	_, err = s.Index(ctx, refusal.Tracker)
	want("index of a refused tracker", err, authority.ErrNotFound)

	// A box that does not weed lets one body be decided on twice.
	want("put for a weak box", s.PutBody(ctx, body), nil)
	receipt.Decision, receipt.Index, receipt.KeepBody = message.Digest{10}, 11, true
	want("settle, keeping", s.Settle(ctx, []authority.Answer{receipt}), nil)
	if _, err := s.Body(ctx, body.Tracker, now); err != nil {
		t.Errorf("kept body: %v", err)
	}
	if index, err := s.Index(ctx, body.Tracker); err != nil || index != 11 {
		t.Errorf("index %d, %v", index, err)
	}
}
