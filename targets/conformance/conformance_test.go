package conformance_test

import (
	"time"

	"github.com/onsi/ginkgo/v2"

	"scrutineer/targets"
	"scrutineer/targets/conformance"
	"scrutineer/targets/core"
	"scrutineer/targets/embedded"
)

var _ = ginkgo.Describe("core", func() {
	conformance.Specs(conformance.Subject{
		New: func() (targets.Target, error) { return core.New(time.Now), nil },
	})
})

var _ = ginkgo.Describe("embedded", func() {
	conformance.Specs(conformance.Subject{
		New: func() (targets.Target, error) { return embedded.New(embedded.Config{}), nil },
	})
})
