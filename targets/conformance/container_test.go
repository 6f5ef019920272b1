package conformance_test

import (
	"context"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"scrutineer/internal/need"
	"scrutineer/targets"
	"scrutineer/targets/conformance"
	"scrutineer/targets/container"
)

// shared is a target that is closed by whoever made it and not by each spec.
type shared struct{ targets.Target }

func (shared) Close() error { return nil }

// Starting machines for every spec would be most of the suite; a topology is
// made to be shared.
var _ = ginkgo.Describe("container", ginkgo.Ordered, func() {
	var once sync.Once
	var target *container.Target
	ginkgo.BeforeAll(func(ctx ginkgo.SpecContext) { need.Docker(ginkgo.GinkgoT()) })
	ginkgo.AfterAll(func() {
		if target != nil {
			gomega.Expect(target.Close()).To(gomega.Succeed())
		}
	})
	conformance.Specs(conformance.Subject{
		New: func() (targets.Target, error) {
			var err error
			once.Do(func() {
				var dir, program string
				// The program of a test is not scrutineer: that is built.
				if dir, err = os.MkdirTemp("", "scrutineer-conformance-"); err != nil {
					return
				}
				ginkgo.DeferCleanup(os.RemoveAll, dir)
				if program, err = container.Build(context.Background(), dir, runtime.GOARCH); err == nil {
					target = container.New(container.Config{Program: program})
				}
			})
			return shared{target}, err
		},
		Verify: accepts, Patience: 3 * time.Minute, Elections: 2,
	})
})
