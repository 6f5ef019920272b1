package verify

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"scrutineer/harness/verify/canonical"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func TestParticipantsAgreeWithTheCodec(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOfN(rapid.OneOf(rapid.StringMatching(`[a-z0-9-]{0,5}`), rapid.String()), 0, 5).Draw(t, "ids")
		body, err := codec.Encode(message.Participation{Voters: ids})
		if err != nil {
			t.Fatal(err)
		}
		v, err := decodeParticipation(body)
		if err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		var got []string
		for id, err := range v.(*participants).all() {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, id)
		}
		if !slices.Equal(got, ids) || v.(*participants).n != len(ids) {
			t.Fatalf("%s: got %q, want %q", body, got, ids)
		}
	})
}

func TestParticipantsRefused(t *testing.T) {
	for _, body := range []string{
		`{}`, `[]`, `{"voters":[]`, `{"voters":[1]}`, `{"voters":[["a"]]}`, `{"voters":[{"a":"b"}]}`, `{"voters":["a",1]}`, `{"voters":[true,"a"]}`,
		`{"voters":[],"x":[]}`, `{"voters":["a"],"x":["b"]}`, `{"voters":["a"]` + `,"w":[[]]}`, `{"voter":["a"]}`,
	} {
		if canonical.Check([]byte(body)) != nil && body != `{"voters":[]` {
			t.Logf("%s is not even canonical", body)
		}
		if v, err := decodeParticipation([]byte(body)); err == nil {
			t.Errorf("%s is accepted as %+v", body, v)
		}
	}
}
