package transcript

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// StatementDigest is what a role signs of a message that is no entry of the board:
// the same as of an entry with this type, in the context of the election.
// Content is the message without its signature.
func StatementDigest(a message.Author, fingerprint [32]byte, content any) ([32]byte, error) {
	canonical, err := codec.Encode(content)
	if err != nil {
		return [32]byte{}, err
	}
	e := message.Entry{Type: a.Type, Version: message.Version, Role: a.Role, ID: a.ID, Context: fingerprint}
	return EntrySignature(e, BodyDigest(canonical)), nil
}

// CodeStart is the confirmation code before the first ballot of a device
// (S-50); zero is hb of the signed zero report.
func CodeStart(fingerprint [32]byte, device string, zero [32]byte) [32]byte {
	return New("code-start").Digest(fingerprint).String(device).Digest(zero).Sum()
}

// Code is the confirmation code of the device's ballot with this sequence
// number and tracker (S-52).
func Code(previous [32]byte, sequence uint64, tracker [32]byte) [32]byte {
	return New("code").Digest(previous).Uint(sequence).Digest(tracker).Sum()
}

// LogHead is the head of a device's event log after an event (S-50); canonical
// are the event's bytes, which name the head before.
func LogHead(canonical []byte) [32]byte { return New("event").Bytes(canonical).Sum() }
