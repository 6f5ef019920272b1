package conformance_test

import (
	"time"

	"github.com/onsi/ginkgo/v2"

	"scrutineer/targets"
	"scrutineer/targets/conformance"
	"scrutineer/targets/core"
)

var _ = ginkgo.Describe("core", func() {
	conformance.Specs(conformance.Subject{
		New: func() (targets.Target, error) { return core.New(time.Now), nil },
	})
})
