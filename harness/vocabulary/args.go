package vocabulary

import "maps"

// Args are the checked arguments of one step, defaults included, by name. The
// Go type of a value is the one that its Kind names. A getter returns the
// zero value where the argument is absent.
type Args map[string]any

// Has reports whether the argument is there.
func (a Args) Has(name string) bool {
	_, ok := a[name]
	return ok
}

// Text returns the argument of kind Word, Voter, Contest, Style, Unit, Option
// or Ref.
func (a Args) Text(name string) string {
	s, _ := a[name].(string)
	return s
}

// Int returns the argument of kind Int or Trustee.
func (a Args) Int(name string) int64 {
	i, _ := a[name].(int64)
	return i
}

// Bool returns the argument of kind Bool.
func (a Args) Bool(name string) bool {
	b, _ := a[name].(bool)
	return b
}

// List returns the argument of kind Words or Voters.
func (a Args) List(name string) []string {
	l, _ := a[name].([]string)
	return l
}

// Ints returns the argument of kind Trustees.
func (a Args) Ints(name string) []int64 {
	l, _ := a[name].([]int64)
	return l
}

// Choices returns the argument of kind Choices.
func (a Args) Choices(name string) map[string][]string {
	c, _ := a[name].(map[string][]string)
	return c
}

// Clone returns a copy whose map is its own.
func (a Args) Clone() Args { return maps.Clone(a) }
