package mutate

import (
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// bodyTypes are the message types of the bodies (SPEC.md §3).
func bodyTypes() map[message.Type]reflect.Type {
	return map[message.Type]reflect.Type{
		message.TypeManifest: reflect.TypeFor[message.ManifestBody](), message.TypeDKGCommit: reflect.TypeFor[message.DKGCommit](),
		message.TypeDKGReveal: reflect.TypeFor[message.DKGReveal](), message.TypeDKGShares: reflect.TypeFor[message.DKGShares](),
		message.TypeDKGComplaint: reflect.TypeFor[message.DKGComplaint](), message.TypeAbort: reflect.TypeFor[message.Abort](),
		message.TypeCredentials: reflect.TypeFor[message.Credentials](), message.TypeElectorate: reflect.TypeFor[message.Electorate](),
		message.TypeConfirm: reflect.TypeFor[message.Confirm](), message.TypeOpen: reflect.TypeFor[message.Open](),
		message.TypeCast: reflect.TypeFor[message.Cast](), message.TypeChallenge: reflect.TypeFor[message.Challenge](),
		message.TypeCloseChannel: reflect.TypeFor[message.CloseChannel](), message.TypeParticipation: reflect.TypeFor[message.Participation](),
		message.TypeSeal: reflect.TypeFor[message.Seal](), message.TypeAggregate: reflect.TypeFor[message.Aggregate](),
		message.TypeDecryptionShare: reflect.TypeFor[message.DecryptionShare](), message.TypeResult: reflect.TypeFor[message.Result](),
	}
}

// spot is a value in an entry: how to come to it, and of which type it is.
type spot struct {
	path  []step
	typ   reflect.Type // nil where protocols/message does not know it
	owner string       // type and member: values with the same owner may trade places
	last  string       // the member's name, or [] in a list
}

// step goes into a member or an item.
type step struct {
	member string
	index  int // -1 for a member
}

func (p spot) child(name string, index int, typ reflect.Type, owner string) spot {
	path := append(slices.Clone(p.path), step{name, index})
	last := name
	if index >= 0 {
		last = "[]"
	}
	return spot{path: path, typ: typ, owner: owner, last: last}
}

// String has the numbers of items; where leaves them out.
func (p spot) String() string { return p.write(strconv.Itoa) }
func (p spot) where() string  { return p.write(func(int) string { return "" }) }

func (p spot) write(number func(int) string) string {
	var b strings.Builder
	for _, s := range p.path {
		if s.index >= 0 {
			b.WriteString("[" + number(s.index) + "]")
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.member)
	}
	return b.String()
}

// find is the node at a spot, and what holds it.
func (p spot) find(root *node) (holder, n *node) {
	n = root
	for _, s := range p.path {
		holder = n
		switch {
		case n == nil:
			return nil, nil
		case s.index >= 0 && s.index < len(n.items):
			n = n.items[s.index]
		case s.index < 0:
			n = n.get(s.member)
		default:
			return nil, nil
		}
	}
	return holder, n
}

// walk visits every value below a node, with its type.
func walk(at spot, n *node, visit func(spot, *node)) {
	if len(at.path) > 0 {
		visit(at, n)
	}
	for _, m := range n.members {
		typ, owner := fieldOf(at.typ, m.name)
		walk(at.child(m.name, -1, typ, owner), m.value, visit)
	}
	for i, item := range n.items {
		var typ reflect.Type
		if at.typ != nil && at.typ.Kind() == reflect.Slice {
			typ = at.typ.Elem()
		}
		walk(at.child("", i, typ, at.owner+"[]"), item, visit)
	}
}

// fieldOf is the type of a member of a struct, and the owner of its values.
func fieldOf(typ reflect.Type, name string) (reflect.Type, string) {
	for typ != nil && typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	if typ == nil || typ.Kind() != reflect.Struct {
		return nil, "?." + name
	}
	for i := range typ.NumField() {
		f := typ.Field(i)
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name {
			t := f.Type
			for t.Kind() == reflect.Pointer {
				t = t.Elem()
			}
			return t, typ.Name() + "." + name
		}
	}
	return nil, "?." + name
}

// absent are the optional members that a struct could have and has not.
func absent(typ reflect.Type, n *node) []string {
	if typ == nil || typ.Kind() != reflect.Struct || !n.object {
		return nil
	}
	var out []string
	for i := range typ.NumField() {
		tag, options, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
		if strings.HasPrefix(options, "omit") && n.at(tag) < 0 {
			out = append(out, tag)
		}
	}
	return out
}

// spots are all values of an entry: of its header, and of its body wherever
// that lies.
func (it *item) spots(visit func(spot, *node)) {
	walk(spot{typ: reflect.TypeFor[message.Entry]()}, it.tree, func(p spot, n *node) {
		if p.path[0].member != "body" {
			visit(p, n)
		}
	})
	if it.body() != nil {
		body := spot{typ: reflect.TypeFor[message.Entry](), path: nil}.child("body", -1, bodyTypes()[it.typ], "Entry.body")
		walk(body, it.body(), visit)
	}
}

// root is the tree that a spot is found in, as the entry has it: the spot of
// a body in chunks begins at the chunks.
func (it *item) find(p spot) (holder, n *node) {
	if p.path[0].member == "body" && it.chunked != nil {
		return spot{path: p.path[1:]}.find(it.chunked)
	}
	return p.find(it.tree)
}

// fields are the mutants of every field.
func (s *Source) fields() iter.Seq[*Mutant] {
	return func(yield func(*Mutant) bool) {
		for _, i := range s.walked() {
			stopped := false
			it := s.board.entries[i]
			it.spots(func(p spot, n *node) {
				for _, op := range s.operators(p, n) {
					for _, power := range s.powers() {
						stopped = stopped || !yield(s.fieldMutant(i, p, op, power))
					}
				}
			})
			if stopped {
				return
			}
		}
	}
}

// collect gathers what may be transplanted.
func (s *Source) collect() {
	for _, b := range []*board{s.board, s.donor} {
		if b == nil || len(s.pools) > 1<<16 {
			continue
		}
		for _, it := range b.entries {
			it.spots(func(p spot, n *node) {
				if len(s.pools[p.owner]) < 256 && p.typ != nil {
					s.pools[p.owner] = append(s.pools[p.owner], n)
				}
			})
		}
	}
}

// operator changes the value at a spot, within what holds it.
type operator struct {
	name  string
	apply func(holder, n *node, p spot) bool // false where there is nothing to change
}

func (s *Source) fieldMutant(i int, p spot, op operator, power Power) *Mutant {
	t := s.board.entries[i].typ
	m := &Mutant{Power: power, Level: Field, Operator: op.name, Where: string(t) + " " + p.where()}
	m.Name = fmt.Sprintf("%s %s %d %s %s", power, t, i, p, op.name)
	m.make = func() (record.Memory, error) {
		b := s.board.clone()
		it := b.own(i)
		it.touched = true
		it.sealed = p.path[0].member == "signature"
		holder, n := it.find(p)
		if n == nil || !op.apply(holder, n, p) {
			return nil, ErrNone
		}
		return s.finished(b, power, i)
	}
	return m
}

// operators are the ways to change a value of its type.
func (s *Source) operators(p spot, n *node) []operator {
	var out []operator
	add := func(name string, apply func(holder, n *node, p spot) bool) { out = append(out, operator{name, apply}) }
	value := func(name string, change func(text string) string) {
		add(name, func(_, n *node, _ spot) bool {
			before := n.text
			n.text = change(before)
			return n.text != before
		})
	}
	switch {
	case n.object:
		add("unknown", func(_, n *node, _ spot) bool { n.insert("zz", text("0")); return true })
		for _, name := range absent(p.typ, n) {
			add("add "+name, s.addition(p.typ, name))
		}
	case n.list:
		listOperators(n, add)
	case isHex(p.typ):
		value("flip", func(text string) string { return flipped(text, s.random(p.String()).IntN(4*max(len(text)-2, 1))) })
		value("zero", func(text string) string { return `"` + strings.Repeat("0", len(text)-2) + `"` })
		value("shorten", func(text string) string { return text[:max(len(text)-3, 1)] + `"` })
		value("capitals", strings.ToUpper)
	case p.typ != nil && p.typ.Kind() == reflect.Uint64:
		value("plus", func(text string) string { return number(text, 1) })
		value("minus", func(text string) string { return number(text, -1) })
		value("zero", func(string) string { return "0" })
		value("huge", func(string) string { return "9007199254740991" })
		value("as text", func(text string) string { return `"` + text + `"` })
	case p.typ != nil && p.typ.Kind() == reflect.Bool:
		value("toggle", func(text string) string { return map[string]string{"true": "false", "false": "true"}[text] })
	case p.typ != nil && p.typ.Kind() == reflect.String:
		value("append", func(text string) string { return text[:len(text)-1] + `x"` })
		value("empty", func(string) string { return `""` })
	}
	add("transplant", s.transplant)
	add("null", func(_, n *node, _ spot) bool { *n = *text("null"); return true })
	if p.path[len(p.path)-1].index < 0 {
		add("remove", func(holder, _ *node, p spot) bool {
			i := holder.at(p.last)
			holder.members = slices.Delete(holder.members, i, i+1)
			return true
		})
		add("double", func(holder, n *node, p spot) bool { holder.insert(p.last, n.clone()); return true })
	}
	return out
}

// listOperators change the items of a list.
func listOperators(n *node, add func(string, func(holder, n *node, p spot) bool)) {
	if len(n.items) == 0 {
		return
	}
	add("empty", func(_, n *node, _ spot) bool { n.items = nil; return true })
	add("drop first", func(_, n *node, _ spot) bool { n.items = n.items[1:]; return true })
	add("drop last", func(_, n *node, _ spot) bool { n.items = n.items[:len(n.items)-1]; return true })
	add("double last", func(_, n *node, _ spot) bool {
		n.items = append(n.items, n.items[len(n.items)-1].clone())
		return true
	})
	if len(n.items) > 1 {
		add("swap first", func(_, n *node, _ spot) bool {
			n.items[0], n.items[1] = n.items[1], n.items[0]
			return true
		})
		add("reverse", func(_, n *node, _ spot) bool { slices.Reverse(n.items); return true })
	}
}

// transplant puts a value of the same member of another message in the place.
func (s *Source) transplant(_, n *node, p spot) bool {
	own := string(n.bytes())
	pool := s.pools[p.owner]
	if len(pool) == 0 {
		return false
	}
	from := s.random("transplant " + p.String()).IntN(len(pool))
	for k := range pool {
		other := pool[(from+k)%len(pool)]
		if string(other.bytes()) != own {
			*n = *other.clone()
			return true
		}
	}
	return false
}

// addition adds an optional member: one from elsewhere, or one made up.
func (s *Source) addition(typ reflect.Type, name string) func(holder, n *node, p spot) bool {
	return func(_, n *node, _ spot) bool {
		field, owner := fieldOf(typ, name)
		value := text(`"x"`)
		switch pool := s.pools[owner]; {
		case len(pool) > 0:
			value = pool[0].clone()
		case isHex(field):
			value = text(`"` + strings.Repeat("01", field.Len()) + `"`)
		case field.Kind() == reflect.Uint64:
			value = text("1")
		case field.Kind() == reflect.Slice:
			value = &node{list: true, items: []*node{text(`"x"`)}}
		case field.Kind() == reflect.Struct:
			value = &node{object: true}
		}
		n.insert(name, value)
		return true
	}
}

func isHex(t reflect.Type) bool {
	return t == reflect.TypeFor[codec.Hex32]() || t == reflect.TypeFor[codec.Hex64]() ||
		t == reflect.TypeFor[codec.Hex16]() || t == reflect.TypeFor[codec.HexBytes]()
}

// flipped changes one bit of quoted hex.
func flipped(text string, bit int) string {
	const digits = "0123456789abcdef"
	b := []byte(text)
	at := 1 + bit/4
	if v := strings.IndexByte(digits, b[at]); v >= 0 {
		b[at] = digits[v^1<<(bit%4)]
	}
	return string(b)
}

// number adds to a number; below zero it stays as it is.
func number(text string, n int64) string {
	v, err := strconv.ParseInt(text, 10, 64)
	if err != nil || v+n < 0 {
		return text
	}
	return strconv.FormatInt(v+n, 10)
}
