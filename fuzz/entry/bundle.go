package entry

import (
	"bytes"
	"fmt"

	"scrutineer/protocols/record"
)

// Bundle decodes data behind its first byte as an entry bundle of as many
// entries as that byte says. What is accepted must encode to the same bytes.
func Bundle(data []byte) int {
	if len(data) == 0 {
		return 0
	}
	entries, err := record.DecodeBundle(data[1:], int(data[0]))
	if err != nil {
		return 0
	}
	var again []byte
	for _, e := range entries {
		if again, err = record.AppendEntry(again, e); err != nil {
			panic(fmt.Sprintf("a decoded entry does not encode: %v", err))
		}
	}
	if !bytes.Equal(again, data[1:]) {
		panic("a decoded bundle encodes to other bytes")
	}
	return 1
}
