package codec

import "reflect"

// DecodeInto is Decode for types made while the test runs.
func DecodeInto(data []byte, v any, limits Limits) error {
	return decode(data, v, reflect.TypeOf(v).Elem(), limits.filled())
}

// CompareNames is compareNames.
func CompareNames(a, b string) int { return compareNames([]byte(a), []byte(b)) }
