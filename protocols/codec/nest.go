package codec

import "fmt"

// enter consumes the opening bracket of an object or array.
func (s *scanner) enter() *Error {
	if len(s.path) >= s.limits.Depth {
		return s.fail(CodeTooDeep, s.pos, "", "nested deeper than %d levels", s.limits.Depth)
	}
	s.pos++
	s.path = append(s.path, outside)
	return nil
}

func (s *scanner) leave() { s.path = s.path[:len(s.path)-1] }

// here is the innermost open object or array.
func (s *scanner) here() *step { return &s.path[len(s.path)-1] }

// more goes on to the next element and reports whether there is one; it
// consumes the comma before it, or the closing bracket.
func (s *scanner) more(first bool, closing byte) (bool, *Error) {
	*s.here() = outside
	c, err := s.next()
	switch {
	case err != nil:
		return false, err
	case c == closing && s.pos < len(s.data):
		s.pos++
		return false, nil
	case first:
		return true, nil
	case c != ',':
		return false, s.unexpected(fmt.Sprintf("a comma or %q", rune(closing)))
	}
	s.pos++
	if c, err = s.next(); err == nil && c == closing {
		err = s.unexpected("another element")
	}
	return true, err
}

// list checks an array.
func (s *scanner) list(sh *shape, limits []int) *Error {
	limit, elem, inner := s.limits.Items, sh.elem, []int(nil)
	if sh.form == formAny {
		elem = anything
	} else if len(limits) > 0 {
		limit, inner = limits[0], limits[1:]
	}
	if sh.count >= 0 {
		limit, inner = sh.count, limits
	}
	start := s.pos
	if err := s.enter(); err != nil {
		return err
	}
	n := 0
	for {
		more, err := s.more(n == 0, ']')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if n == limit {
			return s.fail(CodeTooMany, s.pos, "", "more than %d elements", limit)
		}
		s.here().index = n
		if err := s.value(elem, inner); err != nil {
			return err
		}
		n++
	}
	s.leave()
	if sh.count >= 0 && n < sh.count {
		return s.fail(CodeMissing, start, "", "%d elements where %d belong", n, sh.count)
	}
	return nil
}

// member consumes a name and its colon and makes it the current one.
func (s *scanner) member() (span, *Error) {
	if s.pos >= len(s.data) || s.data[s.pos] != '"' {
		return span{}, s.unexpected("a member name")
	}
	at, err := s.text()
	if err != nil {
		return span{}, err
	}
	s.here().name = at
	c, err := s.next()
	if err != nil {
		return span{}, err
	}
	if c != ':' {
		return span{}, s.unexpected("a colon")
	}
	s.pos++
	return at, nil
}

// object checks an object against the fields of a struct.
func (s *scanner) object(sh *shape) *Error {
	start := s.pos
	if err := s.enter(); err != nil {
		return err
	}
	var seen fieldSet
	last := -1
	for first := true; ; first = false {
		more, err := s.more(first, '}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		at, err := s.member()
		if err != nil {
			return err
		}
		i := sh.find(s.unquoted(at), last+1)
		switch {
		case i < 0:
			return s.unknown(sh, at)
		case seen.has(i):
			return s.duplicate(at)
		case i < last:
			if err := s.unsorted(at, sh.fields[last].name); err != nil {
				return err
			}
		}
		seen.add(i)
		last = max(last, i)
		if err := s.value(sh.fields[i].shape, sh.fields[i].limits); err != nil {
			return err
		}
	}
	s.leave()
	if i := sh.required.firstWithout(&seen); i >= 0 {
		f := sh.fields[i]
		return s.fail(CodeMissing, start, fmt.Sprintf("add %q with %s", f.name, f.shape.wants()), "member %q is missing", f.name)
	}
	return nil
}

// unknown is the error for a member that the struct lacks.
func (s *scanner) unknown(sh *shape, at span) *Error {
	name, known := string(s.unquoted(at)), sh.names()
	hint := "there are no members here"
	if near := Nearest(name, known); near != "" {
		hint = fmt.Sprintf("did you mean %q", near)
	} else if len(known) > 0 {
		hint = "known here: " + clip([]byte(fmt.Sprintf("%q", known)))
	}
	return s.fail(CodeUnknownName, at.start-1, hint, "unknown member %q", clip([]byte(name)))
}

func (s *scanner) duplicate(at span) *Error {
	return s.fail(CodeDuplicateName, at.start-1, "keep one of them", "member %q for the second time", clip(s.unquoted(at)))
}

func (s *scanner) unsorted(at span, before string) *Error {
	return s.note(at.start-1, "sort the members by name",
		fmt.Sprintf("member %q after %q", clip(s.unquoted(at)), clip([]byte(before))))
}

// loose checks an object whose names are not fixed by a type: a map, or an
// object in a raw value.
func (s *scanner) loose(sh *shape, limits []int) *Error {
	limit, elem, inner := s.limits.Items, sh.elem, []int(nil)
	if sh.form == formAny {
		elem = anything
	} else if len(limits) > 0 {
		limit, inner = limits[0], limits[1:]
	}
	if err := s.enter(); err != nil {
		return err
	}
	base := len(s.names)
	var seen map[string]bool // from the first name out of order on
	for n := 0; ; n++ {
		more, err := s.more(n == 0, '}')
		if err != nil {
			return err
		}
		if !more {
			break
		}
		if n == limit {
			return s.fail(CodeTooMany, s.pos, "", "more than %d members", limit)
		}
		at, err := s.member()
		if err != nil {
			return err
		}
		if seen, err = s.follows(at, s.names[base:], seen); err != nil {
			return err
		}
		s.names = append(s.names, at)
		if err := s.value(elem, inner); err != nil {
			return err
		}
	}
	s.names = s.names[:base]
	s.leave()
	return nil
}

// follows checks that a name is new among those before it in its object.
// While the names ascend, a look at the last one is enough.
func (s *scanner) follows(at span, before []span, seen map[string]bool) (map[string]bool, *Error) {
	if len(before) == 0 {
		return nil, nil
	}
	name := s.unquoted(at)
	if seen == nil {
		last := s.unquoted(before[len(before)-1])
		order := compareNames(last, name)
		if order < 0 {
			return nil, nil
		}
		if order > 0 {
			if err := s.unsorted(at, string(last)); err != nil {
				return nil, err
			}
		}
		seen = make(map[string]bool, len(before)+1)
		for _, b := range before {
			seen[string(s.unquoted(b))] = true
		}
	}
	if seen[string(name)] {
		return nil, s.duplicate(at)
	}
	seen[string(name)] = true
	return seen, nil
}
