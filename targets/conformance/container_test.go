package conformance_test

import (
	"context"
	"errors"
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

// machines are one topology for all specs: starting one for each would be most
// of the suite, and it is made to be shared.
type machines struct {
	once   sync.Once
	dir    string
	target *container.Target
	err    error
}

// get makes the target the first time. The program of a test is not scrutineer,
// which is built.
func (m *machines) get() (targets.Target, error) {
	m.once.Do(func() {
		if m.dir, m.err = os.MkdirTemp("", "scrutineer-conformance-"); m.err != nil {
			return
		}
		var program string
		if program, m.err = container.Build(context.Background(), m.dir, runtime.GOARCH); m.err == nil {
			m.target = container.New(container.Config{Program: program})
		}
	})
	return lent{m.target}, m.err
}

func (m *machines) close() error {
	if m.target == nil {
		return nil
	}
	return errors.Join(m.target.Close(), os.RemoveAll(m.dir))
}

// lent is a target that a spec does not close.
type lent struct{ targets.Target }

func (lent) Close() error { return nil }

var shared machines

var _ = ginkgo.AfterSuite(func() { gomega.Expect(shared.close()).To(gomega.Succeed()) })

var _ = ginkgo.Describe("container", func() {
	ginkgo.BeforeEach(func() { need.Docker(ginkgo.GinkgoT()) })
	conformance.Specs(conformance.Subject{New: shared.get, Verify: accepts, Patience: 3 * time.Minute, Elections: 2})
})
