package message

import "scrutineer/protocols/codec"

// Card is the QR code of a paper card (S-54): the selections in clear, and a
// random number that the device forgets. It names neither sequence number nor
// time nor confirmation code.
type Card struct {
	Card        codec.Hex16   `json:"card"`
	Contests    []CardContest `json:"contests" limit:"256"`
	Device      string        `json:"device"`
	Fingerprint Digest        `json:"fingerprint"`
	Signature   Signature     `json:"signature,omitzero"`
	Style       string        `json:"style"`
	Unit        string        `json:"unit"`
	Weight      uint64        `json:"weight"`
}

// Content is what is signed.
func (c Card) Content() Card { c.Signature = Signature{}; return c }

// CardContest lists what was selected in one contest of the style, in the
// manifest's order; the blank vote is [BlankOption].
type CardContest struct {
	Contest string   `json:"contest"`
	Options []string `json:"options" limit:"257"`
}
