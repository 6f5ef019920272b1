package node

import "scrutineer/protocols/codec"

// entries are the first ones of a board; nil where none were given.
func entries(list []codec.HexBytes) [][]byte {
	if list == nil {
		return nil
	}
	out := make([][]byte, len(list))
	for i, e := range list {
		out[i] = e
	}
	return out
}
