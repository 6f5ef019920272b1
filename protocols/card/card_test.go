package card_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"pgregory.net/rapid"

	"scrutineer/protocols/card"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func key(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }

func public(n byte) message.Key { return message.Key(key(n).Public().(ed25519.PublicKey)) }

func devices() []message.Device {
	return []message.Device{{ID: "d1", Key: public(1)}, {ID: "d2", Key: public(2)}}
}

// place is a manifest as far as cards go.
func place() *message.Manifest {
	return &message.Manifest{
		Title: "A trial", Weights: []uint64{1, 3},
		Contests: []message.Contest{
			{ID: "council", Title: "Two seats", Max: 2, Blank: true, Options: []message.Option{{ID: "a", Title: "Amsler"}, {ID: "b", Title: "Brandt"}, {ID: "c", Title: "Christen"}}},
			{ID: "bridge", Title: "The bridge?", Min: 1, Max: 1, Options: []message.Option{{ID: "yes", Title: "Yes"}, {ID: "no", Title: "No"}}},
		},
		Styles:  []message.Style{{ID: "town", Contests: []string{"council", "bridge"}}},
		Units:   []message.Unit{{ID: "hills"}},
		Devices: devices(),
	}
}

func content() message.Card {
	return message.Card{
		Fingerprint: message.Digest{1}, Card: codec.Hex16{2}, Device: "d1", Style: "town", Unit: "hills", Weight: 1,
		Contests: []message.CardContest{{Contest: "council", Options: []string{"a", "c"}}, {Contest: "bridge", Options: []string{"no"}}},
	}
}

func signed(t *testing.T, c message.Card) message.Card {
	t.Helper()
	out, err := card.Sign(c, key(1))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// What is written is read back, by both ways.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &message.Manifest{Title: rapid.String().Draw(t, "title"), Weights: []uint64{1, 7}, Styles: []message.Style{{ID: "s"}}, Units: []message.Unit{{ID: "u"}}, Devices: devices()}
		c := message.Card{
			Fingerprint: message.Digest(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "fingerprint")),
			Card:        codec.Hex16(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
			Device:      "d1", Style: "s", Unit: "u", Weight: rapid.SampledFrom(m.Weights).Draw(t, "weight"), Contests: []message.CardContest{},
		}
		for i := range rapid.IntRange(1, 12).Draw(t, "contests") {
			contest := message.Contest{ID: fmt.Sprintf("c-%d", i), Title: rapid.String().Draw(t, "contest"), Blank: true}
			chosen := []string{}
			for j := range rapid.IntRange(1, 6).Draw(t, "options") {
				o := message.Option{ID: fmt.Sprintf("o-%d", j), Title: rapid.String().Draw(t, "option")}
				contest.Options = append(contest.Options, o)
				if rapid.Bool().Draw(t, "chosen") {
					chosen = append(chosen, o.ID)
				}
			}
			contest.Max = uint64(len(contest.Options))
			if rapid.IntRange(0, 4).Draw(t, "blank") == 0 {
				chosen = []string{message.BlankOption}
			}
			m.Contests, m.Styles[0].Contests = append(m.Contests, contest), append(m.Styles[0].Contests, contest.ID)
			c.Contests = append(c.Contests, message.CardContest{Contest: contest.ID, Options: chosen})
		}
		want, err := card.Sign(c, key(1))
		if err != nil {
			t.Fatal(err)
		}
		picture, err := card.PNG(want)
		if err != nil {
			t.Fatal(err)
		}
		got, err := card.ReadPNG(picture)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Fatalf("picture: %v %s", err, diff)
		}
		drawing, err := card.SVG(m, want)
		if err != nil {
			t.Fatal(err)
		}
		text, got, err := card.ReadSVG(m, drawing)
		if diff := cmp.Diff(want, got); err != nil || diff != "" || text.Differs(want) != "" {
			t.Fatalf("drawing: %v %s %s", err, diff, text.Differs(want))
		}
		if err := card.Check(m, c.Fingerprint, got); err != nil {
			t.Fatal(err)
		}
	})
}

func TestCheck(t *testing.T) {
	for _, x := range []struct {
		name   string
		change func(*message.Card)
		want   error
	}{
		{"honest", func(*message.Card) {}, nil},
		{"weight of three", func(c *message.Card) { c.Weight = 3 }, nil},
		{"blank", func(c *message.Card) { c.Contests[0].Options = []string{"blank"} }, nil},
		{"nothing where nothing is allowed", func(c *message.Card) { c.Contests[0].Options = []string{} }, nil},
		{"another election", func(c *message.Card) { c.Fingerprint[0]++ }, card.ErrForeign},
		{"unknown device", func(c *message.Card) { c.Device = "d3" }, card.ErrForeign},
		{"unknown unit", func(c *message.Card) { c.Unit = "coast" }, card.ErrForeign},
		{"unknown style", func(c *message.Card) { c.Style = "country" }, card.ErrForeign},
		{"unknown weight", func(c *message.Card) { c.Weight = 2 }, card.ErrForeign},
		{"contest left out", func(c *message.Card) { c.Contests = c.Contests[:1] }, card.ErrForeign},
		{"contests exchanged", func(c *message.Card) {
			c.Contests[0], c.Contests[1] = c.Contests[1], c.Contests[0]
		}, card.ErrForeign},
		{"unknown option", func(c *message.Card) { c.Contests[1].Options = []string{"perhaps"} }, card.ErrForeign},
		{"option twice", func(c *message.Card) { c.Contests[0].Options = []string{"a", "a"} }, card.ErrForeign},
		{"options out of order", func(c *message.Card) { c.Contests[0].Options = []string{"c", "a"} }, card.ErrForeign},
		{"too many", func(c *message.Card) { c.Contests[0].Options = []string{"a", "b", "c"} }, card.ErrForeign},
		{"too few", func(c *message.Card) { c.Contests[1].Options = []string{} }, card.ErrForeign},
		{"blank where there is none", func(c *message.Card) { c.Contests[1].Options = []string{"blank"} }, card.ErrForeign},
		{"blank and a choice", func(c *message.Card) { c.Contests[0].Options = []string{"a", "blank"} }, card.ErrForeign},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := content()
			x.change(&c)
			if err := card.Check(place(), message.Digest{1}, signed(t, c)); !errors.Is(err, x.want) || (err == nil) != (x.want == nil) {
				t.Error(err)
			}
		})
	}
	honest := signed(t, content())
	other := honest
	other.Device = "d2"
	if err := card.Check(place(), message.Digest{1}, other); !errors.Is(err, card.ErrForged) {
		t.Error("another device:", err)
	}
	honest.Contests[0].Options = []string{"a", "b"}
	if err := card.Check(place(), message.Digest{1}, honest); !errors.Is(err, card.ErrForged) {
		t.Error("changed after signing:", err)
	}
}

// A text that says something else than the code is read as what it says.
func TestTextIsReadApartFromTheCode(t *testing.T) {
	honest := signed(t, content())
	shown := card.TextOf(honest)
	shown.Contests = []message.CardContest{{Contest: "council", Options: []string{"b"}}, {Contest: "bridge", Options: []string{"no"}}}
	drawing, err := card.Draw(place(), shown, honest)
	if err != nil {
		t.Fatal(err)
	}
	text, read, err := card.ReadSVG(place(), drawing)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(honest, read); diff != "" {
		t.Error(diff)
	}
	if text.Differs(read) == "" || cmp.Diff(shown, text) != "" {
		t.Errorf("the difference is not seen: %+v", text)
	}
	for _, other := range []card.Text{{"town", "hills", 2, honest.Contests}, {"town", "coast", 1, honest.Contests}, {"country", "hills", 1, honest.Contests}, {"town", "hills", 1, nil}} {
		if other.Differs(honest) == "" {
			t.Errorf("%+v agrees with the code", other)
		}
	}
}

func TestSpoiledPictures(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	raw, err := card.PNG(signed(t, content()))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"empty", nil, card.ErrUnreadable},
		{"no picture", []byte("card"), card.ErrUnreadable},
		{"cut", raw[:len(raw)/2], card.ErrUnreadable},
		{"white", drawn(t, 200, func(int, int) bool { return false }), card.ErrUnreadable},
		{"black", drawn(t, 200, func(int, int) bool { return true }), card.ErrUnreadable},
		{"noise", drawn(t, 500, func(int, int) bool { return random.IntN(2) == 0 }), card.ErrUnreadable},
		{"corners everywhere", drawn(t, card.MaxEdge, corner), card.ErrUnreadable},
		{"one pixel", drawn(t, 1, func(int, int) bool { return true }), card.ErrUnreadable},
		{"edge too long", drawn(t, card.MaxEdge+1, func(int, int) bool { return false }), card.ErrUnreadable},
		{"too many bytes", append(bytes.Clone(raw), make([]byte, card.MaxBytes)...), card.ErrUnreadable},
		{"half of the code", covered(t, raw, 0.5), card.ErrUnreadable},
		{"a web address", foreign(t, "https://example.org/"), card.ErrForeign},
		{"digits", foreign(t, "0123456789"), card.ErrForeign},
		{"bytes beyond ASCII", foreign(t, "vote für ü"), card.ErrForeign},
		{"another message", foreign(t, `{"channel":"online"}`), card.ErrForeign},
		{"a card with a member more", foreign(t, strings.Replace(encoded(t), `"style"`, `"serial":1,"style"`, 1)), card.ErrForeign},
		{"a card with a blank", foreign(t, encoded(t)+" "), card.ErrForeign},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, err := card.ReadPNG(x.raw)
			if !errors.Is(err, x.want) || cmp.Diff(message.Card{}, got) != "" {
				t.Errorf("%v, %+v", err, got)
			}
		})
	}
}

// A code bears some dirt, and is never read as something else.
func TestDirt(t *testing.T) {
	want := signed(t, content())
	raw, err := card.PNG(want)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := card.ReadPNG(covered(t, raw, 0.02)); err != nil || cmp.Diff(want, got) != "" {
		t.Error("a little dirt:", err)
	}
	rapid.Check(t, func(t *rapid.T) {
		img := decoded(t, raw)
		b := img.Bounds()
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for range rapid.IntRange(1, 60).Draw(t, "spots") {
			x, y, c := random.IntN(b.Dx()), random.IntN(b.Dy()), color.Gray{Y: uint8(255 * random.IntN(2))}
			for dx := range 8 {
				for dy := range 8 {
					img.SetGray(x+dx, y+dy, c)
				}
			}
		}
		got, err := card.ReadPNG(encodedPNG(t, img))
		if err == nil && cmp.Diff(want, got) != "" {
			t.Errorf("read as another card: %+v", got)
		}
		if err != nil && !errors.Is(err, card.ErrUnreadable) && !errors.Is(err, card.ErrForeign) {
			t.Error(err)
		}
	})
}

func TestSpoiledDrawings(t *testing.T) {
	m := place()
	raw, err := card.SVG(m, signed(t, content()))
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, with string) []byte {
		if !bytes.Contains(raw, []byte(old)) {
			t.Fatalf("no %q in the drawing", old)
		}
		return bytes.Replace(raw, []byte(old), []byte(with), 1)
	}
	for name, spoiled := range map[string][]byte{
		"empty":           nil,
		"no drawing":      []byte("<svg"),
		"cut":             raw[:len(raw)/2],
		"too large":       append(bytes.Clone(raw), make([]byte, card.MaxBytes)...),
		"script":          change("</svg>", "<script>alert(1)</script></svg>"),
		"handler":         change("<rect ", `<rect onload="alert(1)" `),
		"link":            change("</svg>", `<a href="https://example.org"/></svg>`),
		"hidden text":     change(`fill="#000"><tspan`, `fill="#fff"><tspan`),
		"doctype":         append([]byte("<!DOCTYPE svg>"), raw...),
		"comment":         change("</svg>", "<!-- --></svg>"),
		"another title":   change("Amsler", "Brandt"),
		"an unknown id":   change("[a]", "[z]"),
		"no style":        change("Ballot style", "Style"),
		"choice too soon": change("▪ ", "✗ "),
		"no code":         change("M", "m"),
		"entities":        change("Amsler", "&#65;msler"),
		"space":           append(bytes.Clone(raw), ' '),
	} {
		t.Run(name, func(t *testing.T) {
			text, got, err := card.ReadSVG(m, spoiled)
			if !errors.Is(err, card.ErrUnreadable) || cmp.Diff(message.Card{}, got) != "" || cmp.Diff(card.Text{}, text) != "" {
				t.Errorf("%v %+v %+v", err, text, got)
			}
		})
	}
}

// Titles come from outside and must not act.
func TestTitlesDoNotAct(t *testing.T) {
	m := place()
	m.Contests[0].Title = "</tspan></text><script>alert(1)</script>\x00\u202e\n]]>&amp;"
	m.Contests[0].Options[0].Title = strings.Repeat("<a onclick='x'>", 100)
	raw, err := card.SVG(m, signed(t, content()))
	if err != nil {
		t.Fatal(err)
	}
	for _, live := range []string{"<script", "<a ", "\u202e", "\x00"} {
		if bytes.Contains(raw, []byte(live)) {
			t.Errorf("%q is live in the drawing", live)
		}
	}
	if _, _, err := card.ReadSVG(m, raw); err != nil {
		t.Error(err)
	}
}

func TestTooLong(t *testing.T) {
	c := content()
	for i := range 200 {
		c.Contests[0].Options = append(c.Contests[0].Options, fmt.Sprintf("option-%03d", i))
	}
	if raw, err := card.PNG(signed(t, c)); !errors.Is(err, card.ErrTooLong) || raw != nil {
		t.Error(err)
	}
}

func drawn(t *testing.T, edge int, dark func(x, y int) bool) []byte {
	t.Helper()
	img := image.NewGray(image.Rect(0, 0, edge, edge))
	for i := range img.Pix {
		if !dark(i%edge, i/edge) {
			img.Pix[i] = 255
		}
	}
	return encodedPNG(t, img)
}

// corner tiles a picture with the pattern that marks the corners of a code.
func corner(x, y int) bool {
	at := func(i int) int { return max(3-i, i-3) }
	if x%9 > 6 || y%9 > 6 {
		return false
	}
	return max(at(x%9), at(y%9)) != 2
}

// covered paints over a part of the middle of the picture.
func covered(t *testing.T, raw []byte, part float64) []byte {
	t.Helper()
	img := decoded(t, raw)
	w := img.Bounds().Dx()
	size := int(float64(w) * part)
	for i := range size {
		for j := range size {
			img.SetGray(w/2+i-size/2, w/2+j-size/2, color.Gray{Y: 128})
		}
	}
	return encodedPNG(t, img)
}

type failer interface {
	Helper()
	Fatal(...any)
}

func decoded(t failer, raw []byte) *image.Gray {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return img.(*image.Gray)
}

func encodedPNG(t failer, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func encoded(t *testing.T) string {
	t.Helper()
	raw, err := codec.Encode(signed(t, content()))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// foreign is a code that is no card, by another encoder than ours.
func foreign(t *testing.T, text string) []byte {
	t.Helper()
	bits, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 400, 400, nil)
	if err != nil {
		t.Fatal(err)
	}
	return encodedPNG(t, bits)
}

func BenchmarkScanNoise(b *testing.B) {
	img := image.NewGray(image.Rect(0, 0, card.MaxEdge, card.MaxEdge))
	random := rand.New(rand.NewPCG(1, 2))
	for i := range img.Pix {
		img.Pix[i] = uint8(255 * random.IntN(2))
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d bytes", out.Len())
	for b.Loop() {
		_, _ = card.ReadPNG(out.Bytes())
	}
}

// A scanner takes each card once, and none whose text says something else.
func TestScanner(t *testing.T) {
	m, c := place(), signed(t, content())
	picture, err := card.PNG(c)
	if err != nil {
		t.Fatal(err)
	}
	s := card.NewScanner(m, message.Digest{1})
	if got, err := s.Picture(picture); err != nil || cmp.Diff(c, got) != "" {
		t.Fatal(err)
	}
	drawing, err := card.SVG(m, c)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Drawing(drawing); !errors.Is(err, card.ErrCopy) || cmp.Diff(message.Card{}, got) != "" {
		t.Error("a copy:", err)
	}
	other := content()
	other.Card = codec.Hex16{3}
	shown := card.TextOf(c)
	shown.Contests = []message.CardContest{{Contest: "council", Options: []string{}}, {Contest: "bridge", Options: []string{"no"}}}
	lying, err := card.Draw(m, shown, signed(t, other))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Drawing(lying); !errors.Is(err, card.ErrDiffers) || cmp.Diff(message.Card{}, got) != "" {
		t.Error("a text that lies:", err)
	}
	if _, err := card.NewScanner(m, message.Digest{2}).Picture(picture); !errors.Is(err, card.ErrForeign) {
		t.Error("another election:", err)
	}
}
