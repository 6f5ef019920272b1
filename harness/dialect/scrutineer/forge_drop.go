package scrutineer

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// D03: a receipt is given and the ballot is not in the tally.
//
// Heiberg, Martens, Vinkel, Willemson (2016) describe for Estonia votes that
// are deleted once nobody can check any more; fewer than a tenth of its
// internet votes are checked. A server that holds the board's key acknowledges
// V's decision and gives the promised index to the next ballot.
//
// What makes it provable is that the receipt names an index: the promise
// {V, hd, t_V, i} and another entry at i, in a cosigned head, contradict each
// other for everybody. The manifest must have no identity service, whose list
// of last trackers would give the alarm by itself.
//
// What weak.receipt.noPromise accepts, in the voter's client: any answer in
// the form of a receipt that names fingerprint, credential, hd and tracker;
// its signature and index are not looked at and it is not kept. The owed check
// is then only whether some cast with the tracker is on the board; if not, the
// voter knows and has nothing to show.

// Ack is how the server acknowledges what it drops.
type Ack uint8

// The ways of D03. The zero Ack is none.
const (
	AckPromise Ack = iota + 1 // a valid promise of the index that another gets
	AckBare                   // no signature and no index: nothing is promised
)

// Drop is the server's answer, in bytes, to a decision that it does not
// append; next is the index that the next ballot will get. A sound client
// takes a bare acknowledgement for no answer at all.
func (a Authority) Drop(how Ack, e *Election, d message.Decision, next uint64) ([]byte, error) {
	r, err := a.Receipt(e, d, next)
	if err != nil {
		return nil, err
	}
	if how == AckBare {
		r.Index, r.Signature = 0, message.Signature{}
	}
	return codec.Encode(r)
}
