package codec_test

import (
	"testing"

	"scrutineer/protocols/codec"
)

type pair struct {
	Key  codec.Hex32    `json:"key"`
	Note codec.HexBytes `json:"note"`
	Body codec.Raw      `json:"body"`
}

func TestRoundTrip(t *testing.T) {
	in := pair{Key: codec.Hex32{1}, Note: codec.HexBytes{2, 3}, Body: codec.Raw(`{"a":1}`)}
	data, err := codec.Encode(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := codec.Decode[pair](data, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if out.Key != in.Key || string(out.Body) != string(in.Body) {
		t.Fatalf("got %+v", out)
	}
}
