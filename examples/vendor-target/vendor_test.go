package vendor_test

import (
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	vendor "example.org/vendor-target"
	"scrutineer/targets"
	"scrutineer/targets/conformance"
)

func TestVendor(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	ginkgo.RunSpecs(t, "vendor's system")
}

var _ = ginkgo.Describe("vendor's system", func() {
	conformance.Specs(conformance.Subject{
		New: func() (targets.Target, error) { return vendor.New(), nil },
	})
})
