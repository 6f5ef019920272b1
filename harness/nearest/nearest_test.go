package nearest

import (
	"strings"
	"testing"
)

func TestName(t *testing.T) {
	keys := []string{"id", "title", "stage", "steps", "weak.fs.commitmentsOnly", "cast-body"}
	for _, c := range []struct{ in, want string }{
		{"titel", "title"},
		{"Title", "title"},
		{"step", "steps"},
		{"satge", "stage"},
		{"weak.fs.commitmentOnly", "weak.fs.commitmentsOnly"},
		{"cast_body", "cast-body"},
		{"zzzzzzzz", ""},
		{strings.Repeat("x", 1<<20), ""},
		{"", "id"},
	} {
		if got := Name(c.in, keys); got != c.want && c.in != "" {
			t.Errorf("Name(%.20q) = %q, want %q", c.in, got, c.want)
		}
	}
	if Name("ab", []string{"ac", "ad"}) != "ac" {
		t.Error("of equals the first must win")
	}
}
