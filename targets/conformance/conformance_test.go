package conformance_test

import (
	"context"
	"fmt"
	"time"

	"github.com/onsi/ginkgo/v2"

	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
	"scrutineer/targets"
	"scrutineer/targets/conformance"
	"scrutineer/targets/core"
	"scrutineer/targets/embedded"
)

// accepts is the verifier that shares no code with the reference.
func accepts(ctx context.Context, files map[string][]byte) error {
	report, err := verify.Verify(ctx, record.Memory(files), verify.Options{})
	if err != nil {
		return err
	}
	if !report.Passed {
		return fmt.Errorf("failed %v: %+v", report.Failed(), report.Findings)
	}
	return nil
}

var _ = ginkgo.Describe("core", func() {
	conformance.Specs(conformance.Subject{
		New:    func() (targets.Target, error) { return core.New(time.Now), nil },
		Verify: accepts,
	})
})

var _ = ginkgo.Describe("embedded", func() {
	conformance.Specs(conformance.Subject{
		New:    func() (targets.Target, error) { return embedded.New(embedded.Config{}), nil },
		Verify: accepts,
	})
})

// A seed means the same to every target, or an attack would not be the same
// bytes everywhere.
var _ = ginkgo.Describe("core and embedded", func() {
	conformance.Alike(core.New(time.Now), embedded.New(embedded.Config{}))
})
