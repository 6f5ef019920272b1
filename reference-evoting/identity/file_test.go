package identity

import (
	"errors"
	"strings"
	"testing"
)

// TestPersonsFile: who could log in can do so with the file that was written,
// which holds no code; what is not such a file is refused.
func TestPersonsFile(t *testing.T) {
	p, codes := enrolled(t, "bo", "ana")
	raw, err := p.Encode()
	if err != nil {
		t.Fatal(err)
	}
	q, err := Decode(append(raw, '\n'))
	if err != nil {
		t.Fatal(err)
	}
	for id, code := range codes {
		if !q.is(id, code) || q.is(id, codes["ana"]+"2") || strings.Contains(string(raw), code) {
			t.Errorf("%s is not who he was, or the file tells his code:\n%s", id, raw)
		}
	}
	if !q.Cheap() || (&Persons{}).Cheap() || q.Len() != 2 {
		t.Errorf("cheap: %t; %d persons", q.Cheap(), q.Len())
	}
	text := string(raw)
	for name, change := range map[string][2]string{
		"other algorithm": {"$argon2id$", "$argon2i$"}, "other version": {"v=19", "v=16"}, "two lanes": {"p=1", "p=2"},
		"no memory": {"m=64", "m=0"}, "all memory": {"m=64", "m=9999999"}, "many passes": {"t=1", "t=99"}, "other cost": {`t=1`, `t=2`},
		"nobody": {`"voter":"ana"`, `"voter":""`}, "one twice": {`"voter":"ana"`, `"voter":"bo"`}, "another member": {`"voters"`, `"persons"`},
		"loose salt": {"p=1$", "p=1$A"}, "in clear": {text[strings.Index(text, "$argon2id"):strings.Index(text, `","voter"`)], codes["ana"]},
	} {
		if _, err := Decode([]byte(strings.Replace(text, change[0], change[1], 1))); !errors.Is(err, ErrPersons) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
