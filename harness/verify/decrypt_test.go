package verify

import (
	"testing"

	"scrutineer/harness/verify/point"
)

// Every total up to the most is found, a unanimous one, too, and none above it.
func TestSmallLog(t *testing.T) {
	g := point.Generator()
	for most := range uint64(40) {
		p := point.Identity()
		for n := range most + 3 {
			if got, ok := smallLog(&p, most); ok != (n <= most) || ok && got != n {
				t.Errorf("%d within %d: %d, %t", n, most, got, ok)
			}
			p.Add(&p, &g)
		}
	}
}
