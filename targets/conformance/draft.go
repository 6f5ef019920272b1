package conformance

import (
	"github.com/onsi/gomega"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/targets/check"
)

// electors is the size of the roll of draft.
const electors = check.Electors

// draft is the election that is held: the same as in the short form.
func draft() manage.Draft { return check.Draft() }

func voterID(i int) string { return check.VoterID(i) }

// encode is strict JSON.
func encode(v any) []byte {
	raw, err := codec.Encode(v)
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred())
	return raw
}

// decode reads strict JSON of a target.
func decode[T any](raw []byte) T {
	v, err := codec.Decode[T](raw, codec.Limits{})
	gomega.ExpectWithOffset(1, err).NotTo(gomega.HaveOccurred(), "%.200q", raw)
	return v
}
