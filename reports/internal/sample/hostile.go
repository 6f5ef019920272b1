package sample

import (
	"fmt"
	"reflect"
)

// Hostile writes a run of kind k in which every free string, in every event,
// is what text says, which gets its number. Values from fixed lists stay,
// since no line with others can be read, and so do the histories.
func Hostile(dir string, k Kind, text func(n int) string) error {
	b := &builder{dir: dir, kind: k}
	b.run()
	if b.err != nil {
		return b.err
	}
	n := 0
	for i := range b.events {
		poison(reflect.ValueOf(&b.events[i]).Elem(), func() string {
			n++
			return text(n)
		})
	}
	return WriteEvents(dir, b.events)
}

// poison replaces every settable value of the very type string, also in
// lists that were empty. Enumerations are named types and stay.
func poison(v reflect.Value, next func() string) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[string]() {
			v.SetString(next())
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), next)
		}
	case reflect.Slice:
		if v.Len() == 0 && !v.IsNil() {
			return
		}
		for i := range v.Len() {
			poison(v.Index(i), next)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				poison(v.Field(i), next)
			}
		}
	}
}

// Payloads are strings that have broken reports before, one of each kind:
// elements, attributes, style and script contexts, terminal sequences,
// direction overrides, invisible and combining characters, templates, paths
// and sheer size.
func Payloads() []string {
	zalgo := "z"
	for range 200 {
		zalgo += "\u0301"
	}
	huge := ""
	for i := range 400 {
		huge += fmt.Sprintf("unbreakable%d_", i)
	}
	return []string{
		`<script>window.pwned=1</script>`,
		`"><img src=x onerror="window.pwned=1">`,
		`' onmouseover='window.pwned=1' x='`,
		`</style></title></textarea><svg onload=window.pwned=1>`,
		`javascript:window.pwned=1`,
		`data:text/html,<script>window.pwned=1</script>`,
		`<a href="https://evil.invalid/">click</a><meta http-equiv=refresh content="0;url=https://evil.invalid/">`,
		`url(https://evil.invalid/x.png) expression(alert(1)) }*{color:red}`,
		"\x1b[2J\x1b]0;owned\x07\x1b[31mred\x9b31m\r\nforged line\b\b\b",
		"\u202e\u2066right to left\u2069\u061c\u200b\ufeff\u2028",
		zalgo,
		`{{.}} {{template "x"}} ${7*7} <%= 1 %>`,
		`../../../etc/passwd`,
		`file:///etc/passwd`,
		`]]><!--`,
		"\x00\uffff\U000e0041",
		huge,
		`=cmd|' /C calc'!A0`,
	}
}
