package message

import "scrutineer/protocols/codec"

// CardContent is what a device signs on a ballot card. ID is random, known to
// nobody else, and tells a copy from a second card; the device forgets it.
type CardContent struct {
	Fingerprint Digest        `json:"fingerprint"`
	ID          codec.Hex16   `json:"id"`
	Selections  []CardContest `json:"selections" limit:"256"`
	Style       string        `json:"style" limit:"64"`
	Weight      uint64        `json:"weight"`
}

// CardContest has the options chosen in one contest, in the contest's order;
// BlankOption alone is a blank vote.
type CardContest struct {
	Contest string   `json:"contest" limit:"64"`
	Options []string `json:"options" limit:"256,64"`
}

// Card is what the code on a ballot card holds. It names neither voter nor
// device, and bears no number and no time, so that it leads to no ballot.
type Card struct {
	Fingerprint Digest        `json:"fingerprint"`
	ID          codec.Hex16   `json:"id"`
	Selections  []CardContest `json:"selections" limit:"256"`
	Signature   Signature     `json:"signature"`
	Style       string        `json:"style" limit:"64"`
	Weight      uint64        `json:"weight"`
}

// Content is the card without its signature.
func (c Card) Content() CardContent {
	return CardContent{Fingerprint: c.Fingerprint, ID: c.ID, Selections: c.Selections, Style: c.Style, Weight: c.Weight}
}
