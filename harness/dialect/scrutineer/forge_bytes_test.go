package scrutineer

import (
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

var (
	lenientWays = []Mangle{MangleTwice, MangleCase, MangleEscape, MangleNested, MangleNaN, MangleInfinity, MangleComment,
		MangleBOM, MangleUTF8}
	trailingWays = []Mangle{MangleDocument, MangleNUL, MangleNewline, MangleCRLF, MangleBlank, MangleTruncated, MangleAgain}
)

// byteAttacks are H01 and H07: an honest share in bytes of another kind.
func byteAttacks() []attack {
	var out []attack
	for planted, ways := range map[string][]Mangle{"weak.json.lenient": lenientWays, "weak.decode.ignoreTrailing": trailingWays} {
		for _, how := range ways {
			out = append(out, attack{"H/" + string(how), func(t *testing.T) *world {
				w := voted(t)
				w.closeAndSeal()
				shares, err := w.trustees[0].Shares(w.view)
				w.must(err)
				e, body, err := OpenEntry(shares[0].Entry, nil)
				w.must(err)
				share, err := decodeBody[message.DecryptionShare](body)
				w.must(err)
				p, err := w.trustees[0].Signer().MangledEntry(how, e.Type, e.Context, &share)
				w.must(err)
				_ = w.add(p)
				return w
			}, []string{planted}})
		}
	}
	return out
}

func TestMangled(t *testing.T) {
	canonical := []byte(`{"contest":"c","x":{"y":1}}`)
	for _, how := range append(append([]Mangle{MangleDeep}, lenientWays...), trailingWays...) {
		raw, err := Mangled(how, canonical)
		if err != nil || string(raw) == string(canonical) {
			t.Errorf("%s: %v", how, err)
		}
		if _, err := codec.Canonical(raw, codec.Limits{}); err == nil && how != MangleCase && how != MangleEscape && how != MangleNewline && how != MangleCRLF {
			t.Errorf("%s: there is nothing to refuse in %.60s", how, raw)
		}
	}
	if _, err := Mangled("otherwise", canonical); err == nil {
		t.Error("an unknown way is known")
	}
	for _, raw := range []string{"", "[]", `{"a":1}x`[:3], `{"contest":1}`} {
		if _, err := Mangled(MangleNested, []byte(raw)); err == nil {
			t.Errorf("something is nested in %q", raw)
		}
	}
}
