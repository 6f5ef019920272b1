package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/rolestest"
)

func TestIdentityDocumentHasEveryRoute(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(api.IdentityDescription)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	var described, served []string
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	random := rolestest.Seed.Stream(message.RoleIdentity, "", "test")
	for _, r := range api.NewIdentity(api.IdentityConfig{Random: random}, identity.New(identity.Config{})).Routes() {
		served = append(served, r.Method+" "+strings.ReplaceAll(r.Path, "...", ""))
	}
	slices.Sort(described)
	slices.Sort(served)
	if !slices.Equal(described, served) {
		t.Errorf("described %q\nserved    %q", described, served)
	}
}
