// Package testelection makes small elections for tests of verifiers: honest
// records straight from protocols/SPEC.md, and, by its hooks, records of a
// dishonest server that holds the keys of every role and rebuilds hashes,
// tree and signatures around what it changed.
//
// It plays all roles in one goroutine, from one seed, without constant time
// and without any of the checks that a real role makes. It is for tests only.
//
//	e := testelection.New(testelection.Small())
//	e.Setup()
//	e.Cast(0, [][]int{{1}})
//	e.Finish()
//	rec := e.Record()
package testelection

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"

	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// Voter is one eligible voter.
type Voter struct {
	Style, Unit string
	Weight      uint64
}

// Config is an election before it begins.
type Config struct {
	Seed     uint64
	Manifest message.Manifest // keys are filled in
	Trustees int
	Witness  int
	Identity bool // whether there is an identity service
	Voters   []Voter
}

// Times of the elections, in Unix seconds.
const (
	Opens  = 1_800_000_000
	Closes = Opens + 3600
)

// Small is an election of one contest with three options, blank votes, two
// units, two trustees of three, and eight voters of weight one.
func Small() Config {
	c := Config{Seed: 1, Trustees: 3, Witness: 3, Manifest: message.Manifest{
		Title: "Small election", Test: true,
		Contests: []message.Contest{Contest("mayor", 3, 1, 1, true)},
		Styles:   []message.Style{{ID: "all", Contests: []string{"mayor"}}},
		Units:    []message.Unit{{ID: "north", Title: "North"}, {ID: "south", Title: "South"}},
		Weights:  []uint64{1}, MinimumCell: 2, Revote: message.RevoteLastCounts, Threshold: 2, Quorum: 2,
	}}
	for i := range 8 {
		c.Voters = append(c.Voters, Voter{Style: "all", Unit: c.Manifest.Units[i%2].ID, Weight: 1})
	}
	return c
}

// Rich has everything: three contests of different forms, two styles, four
// units of which one stays empty and one is too small, weights, and offline
// and online channels.
func Rich() Config {
	c := Small()
	m := &c.Manifest
	m.Title = "Rich election"
	m.Contests = []message.Contest{
		Contest("mayor", 3, 1, 1, true), Contest("council", 5, 0, 3, false), Contest("referendum", 2, 0, 2, false)}
	m.Contests[1].Method.Seats = 2
	m.Styles = []message.Style{
		{ID: "city", Contests: []string{"mayor", "council", "referendum"}}, {ID: "village", Contests: []string{"referendum", "mayor"}}}
	m.Units = []message.Unit{{ID: "east"}, {ID: "west"}, {ID: "empty"}, {ID: "islet"}}
	m.Weights = []uint64{1, 3}
	m.Channels = []message.Channel{
		{ID: "post", Kind: message.ChannelOffline, Opens: Opens, Closes: Closes},
		{ID: "web", Kind: message.ChannelOnline, Opens: Opens, Closes: Closes, MaxExtension: 600}}
	c.Voters = nil
	for i := range 9 {
		v := Voter{Style: "city", Unit: []string{"east", "west", "east", "islet"}[i%4], Weight: 1}
		if i%3 == 0 {
			v.Style = "village"
		}
		if i < 4 {
			v.Weight, v.Unit = 3, "east"
		}
		c.Voters = append(c.Voters, v)
	}
	return c
}

// Contest is a contest of so many options a, b, c …
func Contest(id string, options int, least, most uint64, blank bool) message.Contest {
	c := message.Contest{ID: id, Title: id, Kind: message.KindHomomorphic, Min: least, Max: most, Blank: blank,
		Method: message.Method{Kind: message.MethodPlurality, Seats: 1}}
	for i := range options {
		c.Options = append(c.Options, message.Option{ID: fmt.Sprintf("%c%d", 'a'+i%26, i), Title: fmt.Sprintf("Option %d", i)})
	}
	return c
}

// random is the source of everything that is random.
type random struct{ r *rand.ChaCha8 }

func newRandom(seed uint64) *random {
	return &random{rand.NewChaCha8(sha256.Sum256(fmt.Appendf(nil, "test election %d", seed)))}
}

func (r *random) scalar() point.Scalar {
	var wide [64]byte
	r.r.Read(wide[:])
	return point.ReduceWide(wide)
}

func (r *random) digest() (d [32]byte) {
	r.r.Read(d[:])
	return d
}

// Key is the Ed25519 key of a role and id.
func (c *Config) Key(role, id string) ed25519.PrivateKey {
	seed := sha256.Sum256(fmt.Appendf(nil, "test key %d %s %s", c.Seed, role, id))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(k ed25519.PrivateKey) message.Key { return message.Key(k.Public().(ed25519.PublicKey)) }
