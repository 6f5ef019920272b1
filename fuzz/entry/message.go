package entry

import (
	"bytes"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Message decodes data as the message type that its first byte chooses. What
// is accepted must encode to the same bytes.
func Message(data []byte) int {
	if len(data) == 0 {
		return 0
	}
	kinds := []func([]byte) int{
		as[message.Entry], as[message.ManifestBody], as[message.DKGCommit], as[message.DKGReveal],
		as[message.DKGShares], as[message.DKGComplaint], as[message.Abort], as[message.Credentials],
		as[message.Electorate], as[message.Confirm], as[message.Open], as[message.Submission], as[message.Cast],
		as[message.Decision], as[message.Challenge], as[message.Receipt], as[message.Refusal],
		as[message.CloseChannel], as[message.Participation], as[message.Seal], as[message.Aggregate],
		as[message.DecryptionShare], as[message.Result], as[message.Status], as[message.Problem],
		as[message.Activation], as[message.Cancelled], as[message.Card], as[message.CheckIns], as[message.CloseReport],
		as[message.DeviceBallot], as[message.Event], as[message.Import], as[message.Minutes], as[message.NoPack],
		as[message.Nonces], as[message.Pack], as[message.RevokeDevice], as[message.SignedBallot], as[message.Void],
		as[message.ZeroReport],
	}
	return kinds[int(data[0])%len(kinds)](data[1:])
}

func as[T any](data []byte) int {
	v, err := codec.Decode[T](data, codec.Limits{})
	if err != nil {
		return 0
	}
	again, err := codec.Encode(v)
	if err != nil || !bytes.Equal(again, data) {
		panic(fmt.Sprintf("accepted %q, which encodes to %q: %v", data, again, err))
	}
	return 1
}
