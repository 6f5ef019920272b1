package manifest_test

import (
	"errors"
	"fmt"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/manifest"
)

// A manifest is valid, and the vector's setup is its own, or it is refused as a
// whole and the error names the place.
func TestVectorsOfManifests(t *testing.T) {
	f, err := vectors.Manifests()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			e, err := manifest.Compile(c.Input.Manifest, c.Input.Ceremony)
			if got := err == nil && e.SetupID == c.Input.SetupID; got != (c.Result == vectors.Valid) {
				t.Errorf("tcId %d (%s: %s) is %s: %v", c.TcID, g.Comment, c.Comment, c.Result, err)
			}
			var where *manifest.Error
			if err != nil && (e != nil || !errors.As(err, &where)) {
				t.Errorf("tcId %d (%s): %+v, %v", c.TcID, c.Comment, e, err)
			}
		}
	}
}

// A manifest has as many contests and units as SPEC allows, and not one more.
func TestMost(t *testing.T) {
	for want, change := range map[string]func(m *message.Manifest, most int){
		"/contests": func(m *message.Manifest, most int) {
			for len(m.Contests) < most {
				c := m.Contests[0]
				c.ID = fmt.Sprintf("more-%d", len(m.Contests))
				m.Contests = append(m.Contests, c)
			}
		},
		"/units": func(m *message.Manifest, most int) {
			for len(m.Units) < most {
				m.Units = append(m.Units, message.Unit{ID: fmt.Sprintf("more-%d", len(m.Units))})
			}
		},
	} {
		most := map[string]int{"/contests": 256, "/units": 4096}[want]
		m := fixture.Manifest(2)
		change(&m, most)
		if _, err := manifest.Compile(m, 1); err != nil {
			t.Errorf("%d %s: %v", most, want, err)
		}
		change(&m, most+1)
		var where *manifest.Error
		if _, err := manifest.Compile(m, 1); !errors.As(err, &where) || where.Pointer != want {
			t.Errorf("%d %s: %v", most+1, want, err)
		}
	}
}
