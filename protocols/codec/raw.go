package codec

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"
)

// Raw is one canonical JSON value kept as its bytes: the body of an envelope
// that is decoded later, once its type is known. See [DecodeAt].
type Raw []byte

// String is the JSON text.
func (r Raw) String() string { return string(r) }

// MarshalJSONTo writes the value as it is. The encoder would mend white space
// and escapes on its way, and digests of r would no longer fit: hence the
// check.
func (r Raw) MarshalJSONTo(enc *jsontext.Encoder) error {
	s := newScanner(r, lax())
	s.brief = true
	if err := s.document(anything); err != nil {
		return err
	}
	return enc.WriteValue(jsontext.Value(r))
}

// UnmarshalJSONFrom keeps a copy of the next value.
func (r *Raw) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	*r = bytes.Clone(value)
	return nil
}

// MarshalJSON is for encoding/json.
func (r Raw) MarshalJSON() ([]byte, error) { return r, nil }

// UnmarshalJSON is for encoding/json.
func (r *Raw) UnmarshalJSON(value []byte) error {
	*r = bytes.Clone(value)
	return nil
}
