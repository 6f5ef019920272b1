package card

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"rsc.io/qr"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// quiet is the margin that ISO/IEC 18004 wants around a code, in modules;
// scale is a module's edge in pixels.
const (
	quiet = 4
	scale = 6
)

// grid is a code as its modules: dark ones are true.
type grid struct {
	size int
	dark []bool
}

func (g grid) at(x, y int) bool {
	return 0 <= x && x < g.size && 0 <= y && y < g.size && g.dark[y*g.size+x]
}

// code draws a card as modules.
func code(c message.Card) (grid, error) {
	content, err := codec.Encode(c)
	if err != nil {
		return grid{}, err
	}
	q, err := qr.Encode(string(content), qr.M)
	if err != nil {
		return grid{}, fmt.Errorf("%w: %d bytes: %w", ErrTooLong, len(content), err)
	}
	g := grid{size: q.Size, dark: make([]bool, q.Size*q.Size)}
	for i := range g.dark {
		g.dark[i] = q.Black(i%q.Size, i/q.Size)
	}
	return g, nil
}

// picture is the code as pixels, black on white.
func (g grid) picture() *image.Gray {
	edge := (g.size + 2*quiet) * scale
	img := image.NewGray(image.Rect(0, 0, edge, edge))
	for y := range edge {
		for x := range edge {
			if !g.at(x/scale-quiet, y/scale-quiet) {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img
}

// PNG is the code of a card as a picture.
func PNG(c message.Card) ([]byte, error) {
	g, err := code(c)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = png.Encode(&out, g.picture())
	return out.Bytes(), err
}

// ReadPNG reads the card in a picture. What the card says is not checked.
func ReadPNG(raw []byte) (message.Card, error) {
	if len(raw) > MaxBytes {
		return message.Card{}, fmt.Errorf("%w: a picture of %d bytes, at most %d", ErrUnreadable, len(raw), MaxBytes)
	}
	// The size is announced in front: no more is decoded than that.
	cfg, err := png.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return message.Card{}, fmt.Errorf("%w: no PNG: %w", ErrUnreadable, err)
	}
	if cfg.Width > MaxEdge || cfg.Height > MaxEdge {
		return message.Card{}, fmt.Errorf("%w: a picture of %d×%d pixels, at most %d×%d", ErrUnreadable, cfg.Width, cfg.Height, MaxEdge, MaxEdge)
	}
	img, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		return message.Card{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	content, err := scan(img)
	if err != nil {
		return message.Card{}, err
	}
	return decode(content)
}

// maxCorners is how many places that look like a corner a picture may have: the
// library compares all triples of them.
const maxCorners = 256

func atMost(n int) gozxing.ResultPointCallback {
	return func(gozxing.ResultPoint) {
		if n--; n < 0 {
			panic("too many places look like the corner of a code")
		}
	}
}

// scan finds the code in a picture: one that is straight first, then one that
// was photographed.
func scan(img image.Image) (content []byte, err error) {
	// The library is not ours, and the picture neither.
	defer func() {
		if r := recover(); r != nil {
			content, err = nil, fmt.Errorf("%w: the scanner gave up: %v", ErrUnreadable, r)
		}
	}()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	// The content is read from the bytes; that they are text is for the codec.
	hints := map[gozxing.DecodeHintType]any{
		gozxing.DecodeHintType_CHARACTER_SET: "ISO-8859-1", gozxing.DecodeHintType_PURE_BARCODE: true,
		gozxing.DecodeHintType_NEED_RESULT_POINT_CALLBACK: atMost(maxCorners),
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, hints)
	if err != nil {
		delete(hints, gozxing.DecodeHintType_PURE_BARCODE)
		found, err = qrcode.NewQRCodeReader().Decode(bitmap, hints)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	segments, _ := found.GetResultMetadata()[gozxing.ResultMetadataType_BYTE_SEGMENTS].([][]byte)
	if len(segments) != 1 || string(segments[0]) != found.GetText() {
		return nil, fmt.Errorf("%w: its code is not one run of bytes of ASCII", ErrForeign)
	}
	return segments[0], nil
}
