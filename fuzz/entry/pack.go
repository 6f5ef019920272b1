package entry

import (
	"bytes"

	"scrutineer/protocols/pack"
)

// Pack decodes data as the archive that a polling-place device exports. What
// is accepted must encode to the same bytes.
func Pack(data []byte) int {
	c, err := pack.Decode(data)
	if err != nil {
		return 0
	}
	again, err := c.Encode()
	if err != nil || !bytes.Equal(again, data) {
		panic("a decoded pack encodes to other bytes")
	}
	return 1
}
