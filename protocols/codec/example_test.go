package codec_test

import (
	"fmt"

	"scrutineer/protocols/codec"
)

// A message is a struct with tags; a fault says where it is and how to mend it.
func ExampleDecode() {
	type option struct {
		ID    string `json:"id" limit:"64"`
		Votes uint64 `json:"votes"`
	}
	good := []byte(`{"id":"ada","votes":7}`)
	v, err := codec.Decode[option](good, codec.Limits{})
	fmt.Println(v, err)
	_, err = codec.Decode[option]([]byte(`{"id":"ada","vote":7}`), codec.Limits{})
	fmt.Println(err)
	// Output:
	// {ada 7} <nil>
	// unknown-name at line 1, column 13 (byte 12) in /vote: unknown member "vote"; did you mean "votes"
}
