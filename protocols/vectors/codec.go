package vectors

import "scrutineer/protocols/codec"

// CodecContext names the message that a text should be.
type CodecContext struct {
	Type string `json:"type"` // a message of SPEC.md: decision, seal, entry, ...
}

// CodecInput is a text, as it is where it is UTF-8, in hex where not.
type CodecInput struct {
	Hex  codec.HexBytes `json:"hex,omitempty"`
	Text string         `json:"text,omitempty"`
}

// Bytes is the text.
func (i CodecInput) Bytes() []byte {
	if len(i.Hex) > 0 {
		return i.Hex
	}
	return []byte(i.Text)
}

// Encoding is a string of bytes that should be an element or a scalar.
type Encoding struct {
	Encoding codec.HexBytes `json:"encoding"`
}

// TranscriptContext names a transcript.
type TranscriptContext struct {
	Label string `json:"label"`
}

// Field is one field of a transcript. Value is text for a string, decimal for
// uint and list (the count), hex for the others.
type Field struct {
	Type  string `json:"type"` // bytes, string, uint, point, scalar, digest, list
	Value string `json:"value"`
}

// TranscriptInput claims digest and challenge of a list of fields.
type TranscriptInput struct {
	Challenge codec.Hex32 `json:"challenge"` // C(label; fields)
	Digest    codec.Hex32 `json:"digest"`    // D(label; fields)
	Fields    []Field     `json:"fields"`
}
