package codec

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// tag is what the struct tags `json` and `limit` say of a field.
type tag struct {
	name      string
	named     bool // by the tag, not by the Go name
	skip      bool // not part of the message
	omitZero  bool
	omitEmpty bool
	limits    []int
}

// parseTag reads the tags of a field. Of the options of json only those are
// known that keep one spelling for each value.
func parseTag(sf reflect.StructField) (tag, error) {
	text := sf.Tag.Get("json")
	if text == "-" || !sf.IsExported() && !sf.Anonymous {
		return tag{skip: true}, nil
	}
	name, options, _ := strings.Cut(text, ",")
	t := tag{name: name, named: name != ""}
	if !t.named {
		t.name = sf.Name
	}
	for _, c := range []byte(t.name) {
		if c <= ' ' || c > '~' || strings.IndexByte(`"'\`, c) >= 0 {
			return t, fmt.Errorf("field %s: name %q: only plain ASCII names are sorted and quoted alike everywhere", sf.Name, t.name)
		}
	}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "":
		case "omitzero":
			t.omitZero = true
		case "omitempty":
			t.omitEmpty = true
		default:
			return t, fmt.Errorf("field %s: unknown option %q in the json tag", sf.Name, option)
		}
	}
	var err error
	t.limits, err = parseLimits(sf)
	return t, err
}

// parseLimits reads `limit:"256"`, or `limit:"256,64"` where the elements
// have a limit of their own.
func parseLimits(sf reflect.StructField) ([]int, error) {
	text, ok := sf.Tag.Lookup("limit")
	if !ok {
		return nil, nil
	}
	var limits []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 {
			return nil, fmt.Errorf("field %s: limit %q is no positive integer", sf.Name, part)
		}
		limits = append(limits, n)
	}
	return limits, nil
}

// suits says what is wrong with the tag for a field of this type, or "".
func (t tag) suits(typ reflect.Type, sh *shape) string {
	if problem := t.suitsOmission(typ, sh); problem != nil {
		return problem.Error()
	}
	for range t.limits {
		for sh != nil && sh.form == formList && sh.count >= 0 {
			sh = sh.elem // an array's own length is its limit
		}
		if sh == nil || !sh.sized {
			return "limit on something that has no length"
		}
		sh = sh.elem
	}
	return ""
}

var (
	errWantsOmitEmpty = errors.New("omitzero leaves two spellings of an empty value: use omitempty")
	errWantsOmitZero  = errors.New("omitempty does not leave out exactly the zero value: use omitzero")
	errWantsPointer   = errors.New("omitzero on a value that holds a list, map or bytes leaves two spellings of an empty one: use a pointer")
)

// suitsOmission checks that a value is left out exactly if it is its type's
// zero or empty value, so that absence has one meaning.
func (t tag) suitsOmission(typ reflect.Type, sh *shape) error {
	if !t.omitZero && !t.omitEmpty || sh.opaque {
		return nil
	}
	switch typ.Kind() {
	case reflect.String:
		return nil // both options mean the same
	case reflect.Slice, reflect.Map:
		if t.omitZero && sh.form != formAny {
			return errWantsOmitEmpty
		}
		if sh.form != formAny {
			return nil
		}
	case reflect.Struct, reflect.Array:
		if t.omitZero && !reflect.PointerTo(typ).Implements(reflect.TypeFor[interface{ IsZero() bool }]()) && holdsNil(typ) {
			return errWantsPointer
		}
	}
	if t.omitEmpty {
		return errWantsOmitZero
	}
	return nil
}

// holdsNil reports whether a value of t holds, not behind a pointer, a slice
// or map: one that is empty but not nil keeps reflection from calling the
// whole zero, and reading it back makes it so.
func holdsNil(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		return true
	case reflect.Array:
		return holdsNil(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if holdsNil(t.Field(i).Type) {
				return true
			}
		}
	}
	return false
}
