package card

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"scrutineer/protocols/message"
)

// Text is what a card says to people.
type Text struct {
	Style    string
	Unit     string
	Weight   uint64
	Contests []message.CardContest
}

// TextOf is the text that belongs to a card's code.
func TextOf(c message.Card) Text { return Text{c.Style, c.Unit, c.Weight, c.Contests} }

// Differs says in which contest the text and the code of a card say different
// things; empty where they agree.
func (t Text) Differs(c message.Card) string {
	switch {
	case t.Style != c.Style:
		return fmt.Sprintf("the text has the style %q, the code %q", t.Style, c.Style)
	case t.Unit != c.Unit:
		return fmt.Sprintf("the text has the unit %q, the code %q", t.Unit, c.Unit)
	case t.Weight != c.Weight:
		return fmt.Sprintf("the text has the weight %d, the code %d", t.Weight, c.Weight)
	case len(t.Contests) != len(c.Contests):
		return fmt.Sprintf("the text has %d contests, the code %d", len(t.Contests), len(c.Contests))
	}
	for i, s := range t.Contests {
		if other := c.Contests[i]; s.Contest != other.Contest || !slices.Equal(s.Options, other.Options) {
			return fmt.Sprintf("contest %q: the text says %q, the code says %q for %q", s.Contest, s.Options, other.Options, other.Contest)
		}
	}
	return ""
}

// width is how many characters a line of text has, rise its height and unit the
// edge of a module, in the drawing's units.
const (
	width = 64
	rise  = 18
	unit  = 3
)

// SVG draws a card: its text and beneath it its code. Titles come from the
// manifest; they are drawn so that they cannot act.
func SVG(m *message.Manifest, c message.Card) ([]byte, error) {
	return Draw(m, TextOf(c), c)
}

// Draw draws a card whose text is given by itself, as a device that lies would.
func Draw(m *message.Manifest, t Text, c message.Card) ([]byte, error) {
	g, err := code(c)
	if err != nil {
		return nil, err
	}
	return draw(m, t, g), nil
}

// draw is the one form that a drawing has.
func draw(m *message.Manifest, t Text, g grid) []byte {
	lines := t.lines(m)
	rows := 0
	for _, l := range lines {
		rows += len(wrapped(l))
	}
	textHeight := (rows + 1) * rise
	edge := (g.size + 2*quiet) * unit
	w := max(edge, width*10)
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">`+"\n", w, textHeight+edge, w, textHeight+edge)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", w, textHeight+edge)
	y := 0
	for _, l := range lines {
		out.WriteString(`<text font-family="monospace" font-size="14" fill="#000">`)
		for _, part := range wrapped(l) {
			y += rise
			fmt.Fprintf(&out, `<tspan x="12" y="%d">%s</tspan>`, y, escape(part))
		}
		out.WriteString("</text>\n")
	}
	fmt.Fprintf(&out, `<path transform="translate(%d %d) scale(%d)" fill="#000" d="%s"/>`+"\n</svg>\n", quiet*unit, textHeight+quiet*unit, unit, g.path())
	return out.Bytes()
}

// path is one rectangle for each run of dark modules in a row.
func (g grid) path() string {
	var out strings.Builder
	for y := range g.size {
		for x := 0; x < g.size; {
			n := 0
			for g.at(x+n, y) {
				n++
			}
			if n > 0 {
				fmt.Fprintf(&out, "M%d %dh%dv1h-%dz", x, y, n, n)
			}
			x += n + 1
		}
	}
	return out.String()
}

// lines are the texts of a card from top to bottom. Ids stand behind titles,
// which need not differ.
func (t Text) lines(m *message.Manifest) []string {
	out := []string{
		clean(m.Title),
		"Ballot style [" + t.Style + "], unit [" + t.Unit + "], weight [" + strconv.FormatUint(t.Weight, 10) + "]",
	}
	for _, s := range t.Contests {
		c := contest(m, s.Contest)
		out = append(out, heading+clean(c.Title)+" ["+s.Contest+"]")
		if len(s.Options) == 0 {
			out = append(out, none)
		}
		for _, id := range s.Options {
			out = append(out, marker+title(c, id)+" ["+id+"]")
		}
	}
	return out
}

// How contests and choices are marked, and what stands where there is none.
const (
	heading = "▪ "
	marker  = "✗ "
	none    = "– no choice"
)

func title(c message.Contest, option string) string {
	if option == message.BlankOption {
		return "Blank vote"
	}
	for _, o := range c.Options {
		if o.ID == option {
			return clean(o.Title)
		}
	}
	return "?"
}

// clean replaces what is not to be seen: control characters, and those that
// turn the direction of a text.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.C, unicode.Zl, unicode.Zp) {
			return utf8.RuneError
		}
		return r
	}, s)
}

func escape(s string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(s)) // a buffer takes everything
	return out.String()
}

// wrapped cuts a line into parts that fit.
func wrapped(line string) []string {
	runes := []rune(line)
	var out []string
	for len(runes) > width {
		out, runes = append(out, string(runes[:width])), runes[width:]
	}
	return append(out, string(runes))
}

// ReadSVG reads a drawing: the text that people see and the card in its code.
// It is read only if this package would draw it like that, so nothing in it is
// hidden, acts or lies elsewhere than it is read.
func ReadSVG(m *message.Manifest, raw []byte) (Text, message.Card, error) {
	if len(raw) > MaxBytes {
		return Text{}, message.Card{}, fmt.Errorf("%w: a drawing of %d bytes, at most %d", ErrUnreadable, len(raw), MaxBytes)
	}
	lines, path, err := parts(raw)
	if err != nil {
		return Text{}, message.Card{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	t, err := readLines(lines)
	if err != nil {
		return Text{}, message.Card{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	g, err := readPath(path)
	if err != nil {
		return Text{}, message.Card{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	if !bytes.Equal(draw(m, t, g), raw) {
		return Text{}, message.Card{}, fmt.Errorf("%w: it is not drawn as a card of this election is", ErrUnreadable)
	}
	content, err := scan(g.picture())
	if err != nil {
		return Text{}, message.Card{}, err
	}
	c, err := decode(content)
	return t, c, err
}

// parts are the lines of text and the path of a drawing.
func parts(raw []byte) (lines []string, path string, err error) {
	d := xml.NewDecoder(bytes.NewReader(raw))
	within := false
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return lines, path, nil
		}
		if err != nil {
			return nil, "", err
		}
		switch x := token.(type) {
		case xml.StartElement:
			within = x.Name.Local == "tspan"
			switch x.Name.Local {
			case "text":
				lines = append(lines, "")
			case "path":
				for _, a := range x.Attr {
					if a.Name.Local == "d" {
						path = a.Value
					}
				}
			}
		case xml.EndElement:
			within = false
		case xml.CharData:
			if n := len(lines); n > 0 && within {
				lines[n-1] += string(x)
			}
		}
	}
}

var (
	styleLine = regexp.MustCompile(`^Ballot style \[([a-z0-9-]*)\], unit \[([a-z0-9-]*)\], weight \[([0-9]{1,16})\]$`)
	tail      = regexp.MustCompile(`\[([a-z0-9-]+)\]$`)
)

func readLines(lines []string) (t Text, err error) {
	if len(lines) < 2 {
		return t, errors.New("it has no text")
	}
	head := styleLine.FindStringSubmatch(lines[1])
	if head == nil {
		return t, fmt.Errorf("%.80q names no style", lines[1])
	}
	t.Style, t.Unit = head[1], head[2]
	if t.Weight, err = strconv.ParseUint(head[3], 10, 64); err != nil {
		return t, err
	}
	t.Contests = []message.CardContest{}
	for _, l := range lines[2:] {
		last := len(t.Contests) - 1
		id := tail.FindStringSubmatch(l)
		switch {
		case l == none && last >= 0:
		case id == nil:
			return t, fmt.Errorf("%.80q names nothing", l)
		case strings.HasPrefix(l, heading):
			t.Contests = append(t.Contests, message.CardContest{Contest: id[1], Options: []string{}})
		case last >= 0:
			t.Contests[last].Options = append(t.Contests[last].Options, id[1])
		default:
			return t, fmt.Errorf("%.80q is a choice in no contest", l)
		}
	}
	return t, nil
}

var run = regexp.MustCompile(`M([0-9]{1,3}) ([0-9]{1,3})h([0-9]{1,3})v1h-[0-9]{1,3}z`)

// The edges of a code, in modules (ISO/IEC 18004, versions 1 to 40).
const (
	minSize = 21
	maxSize = 177
)

func readPath(path string) (grid, error) {
	runs := run.FindAllStringSubmatch(path, -1)
	type span struct{ x, y, n int }
	var spans []span
	size := 0
	for _, r := range runs {
		x, _ := strconv.Atoi(r[1])
		y, _ := strconv.Atoi(r[2])
		n, _ := strconv.Atoi(r[3])
		spans = append(spans, span{x, y, n})
		size = max(size, x+n, y+1)
	}
	if size < minSize || size > maxSize {
		return grid{}, fmt.Errorf("its code is %d modules wide", size)
	}
	g := grid{size: size, dark: make([]bool, size*size)}
	for _, s := range spans {
		for i := range s.n {
			g.dark[s.y*size+s.x+i] = true
		}
	}
	return g, nil
}
