package manifest_test

import (
	"errors"
	"testing"

	"scrutineer/protocols/vectors"
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
