package ristretto

import (
	"testing"

	kybertest "go.dedis.ch/kyber/v3/util/test"
)

func TestKyberSuite(t *testing.T) {
	kybertest.SuiteTest(t, NewSuite(nil))
}
