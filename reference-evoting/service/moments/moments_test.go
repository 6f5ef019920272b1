package moments_test

import (
	"bytes"
	"errors"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/service/moments"
)

func entry(t *testing.T, kind message.Type) []byte {
	t.Helper()
	raw, err := codec.Encode(message.Entry{Body: codec.Raw(`{"note":"\"type\":\"seal\""}`), Type: kind, Version: message.Version})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// publish appends entries, and publishes a cosigned head through the keeper.
func publish(t *testing.T, s *boardtest.Scene, k *moments.Keeper, kinds ...message.Type) []byte {
	t.Helper()
	ctx := t.Context()
	for _, kind := range kinds {
		if _, err := s.Log.Append(ctx, entry(t, kind)); err != nil {
			t.Fatal(err)
		}
	}
	raw, err := s.Log.Pending(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = s.Cosign(raw); err != nil {
		t.Fatal(err)
	}
	if err := k.Publish(ctx, raw); err != nil {
		t.Fatal(err)
	}
	return raw
}

func check(t *testing.T, k *moments.Keeper, want map[record.Moment][]byte) {
	t.Helper()
	for _, m := range []record.Moment{record.Opened, record.Closed, record.Sealed} {
		got, err := k.Moment(m)
		if want[m] == nil && !errors.Is(err, board.ErrNoCheckpoint) {
			t.Errorf("%s: %q, %v, want none", m, got, err)
		}
		if !bytes.Equal(got, want[m]) {
			t.Errorf("%s: %q, want %q", m, got, want[m])
		}
	}
}

func TestFirstCoveringCheckpointIsKept(t *testing.T) {
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	k, err := moments.Open(dir, s.Log, 2)
	if err != nil {
		t.Fatal(err)
	}
	want := map[record.Moment][]byte{}
	publish(t, s, k, message.TypeManifest, message.TypeCast)
	check(t, k, want)
	want[record.Opened] = publish(t, s, k, message.TypeOpen, message.TypeCast)
	publish(t, s, k, message.TypeCast, message.TypeCloseChannel)
	check(t, k, want)

	// A restart in the middle counts the channels again.
	if k, err = moments.Open(dir, s.Log, 2); err != nil {
		t.Fatal(err)
	}
	check(t, k, want)
	want[record.Closed] = publish(t, s, k, message.TypeCloseChannel)
	want[record.Sealed] = publish(t, s, k, message.TypeParticipation, message.TypeSeal)
	publish(t, s, k, message.TypeAggregate, message.TypeResult)
	check(t, k, want)
	if k, err = moments.Open(dir, s.Log, 2); err != nil {
		t.Fatal(err)
	}
	check(t, k, want)
}
