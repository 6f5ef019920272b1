package election

import (
	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// Point decodes an element that the generator made itself.
func Point(e message.Element) kyber.Point {
	p := ristretto.NewPoint()
	if err := p.UnmarshalBinary(e[:]); err != nil {
		panic("election: " + err.Error())
	}
	return p
}
