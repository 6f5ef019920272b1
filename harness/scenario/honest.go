package scenario

import "scrutineer/harness/strictyaml"

// honest is a file that holds an election alone.
type honest struct {
	Election Election `yaml:"election" need:"yes"`
}

// ParseElection reads a file that describes an election and no attack, in the
// form that scenarios have it: the honest election that runs before and after
// attacks. Name stands in errors, which are *strictyaml.Fault. Defaults are
// filled in.
func ParseElection(name string, data []byte) (Election, error) {
	var h honest
	doc, err := strictyaml.Decode(name, data, &h)
	if err != nil {
		return Election{}, err
	}
	c := checker{doc: doc, s: &Scenario{}}
	e := h.Election.filled()
	c.election("election", e)
	if err := doc.First(); err != nil {
		return Election{}, err
	}
	return e, nil
}
