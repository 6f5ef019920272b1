package main

import (
	"slices"
	"strings"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

type manifestSuite = suite[vectors.None, vectors.ManifestInput]

// edited is a fresh manifest after some change.
func edited(edit func(m *message.Manifest)) vectors.ManifestInput {
	m := election.Ward()
	edit(&m)
	id, err := transcript.SetupID(&m, 1)
	if err != nil {
		panic("generate: " + err.Error())
	}
	return vectors.ManifestInput{Ceremony: 1, Manifest: m, SetupID: id}
}

func manifestVectors(b *book) {
	s := newSuite[vectors.None, vectors.ManifestInput](b, "manifests",
		"Is this manifest sound, and what is its setupID?",
		"A manifest is accepted where it is sound (V-08). The setupID of every one is given, of those that are not sound too.")
	s.group("sound", vectors.None{})
	soundManifests(s)
	s.group("protocol and lists", vectors.None{})
	headFaults(s)
	s.group("contests and styles", vectors.None{})
	contestFaults(s)
	s.group("trustees, witnesses, keys", vectors.None{})
	keyFaults(s)
	s.finish()
}

func soundManifests(s *manifestSuite) {
	valid := func(comment string, edit func(m *message.Manifest)) { s.valid(comment, edited(edit)) }
	valid("as it is", func(*message.Manifest) {})
	second := edited(func(*message.Manifest) {})
	second.Ceremony = 2
	second.SetupID, _ = transcript.SetupID(&second.Manifest, 2)
	s.valid("second ceremony", second)
	valid("not a test", func(m *message.Manifest) { m.Test = false })
	valid("title beyond ASCII", func(m *message.Manifest) { m.Title = "Wahl \"Zürich\" 😀" })
	valid("title of 1,024 bytes", func(m *message.Manifest) { m.Title = strings.Repeat("a", 1024) })
	valid("with an identity service", func(m *message.Manifest) {
		m.Identity = prover.Public(election.Signing(message.RoleIdentity, ""))
		m.Authorisation = prover.Element(prover.Base(prover.Integer(46)))
	})
	valid("no revotes", func(m *message.Manifest) { m.Revote = message.RevoteNone })
	valid("one trustee", func(m *message.Manifest) { m.Trustees, m.Threshold = m.Trustees[:1], 1 })
	valid("all trustees needed", func(m *message.Manifest) { m.Threshold = 3 })
	valid("one witness", func(m *message.Manifest) { m.Witnesses, m.Quorum = m.Witnesses[:1], 1 })
	valid("an offline channel before the online one", func(m *message.Manifest) {
		m.Channels = append([]message.Channel{{ID: "booth", Kind: message.ChannelOffline, Opens: 1, Closes: 2}}, m.Channels...)
	})
	valid("contest with one option", func(m *message.Manifest) {
		m.Contests[1].Options, m.Contests[1].Max = m.Contests[1].Options[:1], 1
	})
	valid("contest that nobody has on his ballot", func(m *message.Manifest) { m.Styles = m.Styles[1:] })
	valid("largest weight", func(m *message.Manifest) { m.Weights = []uint64{1, 1_000_000} })
	valid("id of 63 characters", func(m *message.Manifest) { m.Units[0].ID = strings.Repeat("a", 63) })
	valid("id of one digit", func(m *message.Manifest) { m.Units[0].ID = "7" })
	valid("origin of 128 characters, capitals and punctuation", func(m *message.Manifest) {
		m.Board.Origin = "Board/~!_" + strings.Repeat("A", 119)
	})
	valid("the same option id in two contests", func(m *message.Manifest) { m.Contests[2].Options[0].ID = "ada" })
}

func headFaults(s *manifestSuite) {
	bad := func(flag, comment string, edit func(m *message.Manifest)) {
		s.invalid("V-08", comment, edited(edit), flag)
	}
	zero := edited(func(*message.Manifest) {})
	zero.Ceremony = 0
	zero.SetupID, _ = transcript.SetupID(&zero.Manifest, 0)
	s.invalid("V-08", "ceremony 0", zero, "UnsoundManifest")
	bad("UnknownVariant", "another protocol", func(m *message.Manifest) { m.Protocol = "scrutineer/0" })
	bad("UnknownVariant", "another suite", func(m *message.Manifest) { m.Suite = "p256-sha256" })
	bad("UnknownVariant", "unknown revote policy", func(m *message.Manifest) { m.Revote = "first-counts" })
	bad("UnknownVariant", "unknown stage", func(m *message.Manifest) { m.Stages = []string{"aggregate", "mix", "decrypt", "count"} })
	bad("UnknownVariant", "no decryption", func(m *message.Manifest) { m.Stages = []string{"aggregate", "count"} })
	bad("UnknownVariant", "unknown kind of channel", func(m *message.Manifest) { m.Channels[0].Kind = "post" })
	bad("UnsoundManifest", "minimum cell 0", func(m *message.Manifest) { m.MinimumCell = 0 })
	bad("UnsoundManifest", "no units", func(m *message.Manifest) { m.Units = []message.Unit{} })
	bad("UnsoundManifest", "no contests", func(m *message.Manifest) { m.Contests, m.Styles = []message.Contest{}, []message.Style{} })
	bad("UnsoundManifest", "no styles", func(m *message.Manifest) { m.Styles = []message.Style{} })
	bad("UnsoundManifest", "no channel", func(m *message.Manifest) { m.Channels = []message.Channel{} })
	bad("UnsoundManifest", "no online channel", func(m *message.Manifest) { m.Channels[0].Kind = message.ChannelOffline })
	bad("UnsoundManifest", "channel that closes when it opens", func(m *message.Manifest) { m.Channels[0].Closes = m.Channels[0].Opens })
	bad("UnsoundManifest", "offline channel after the online one", func(m *message.Manifest) {
		m.Channels = append(m.Channels, message.Channel{ID: "booth", Kind: message.ChannelOffline, Opens: 1, Closes: 2})
	})
	bad("UnsoundManifest", "poll interval 0", func(m *message.Manifest) { m.PollInterval = 0 })
	bad("UnsoundManifest", "title of 1,025 bytes", func(m *message.Manifest) { m.Title = strings.Repeat("a", 1025) })
	bad("UnsoundManifest", "title of a contest of 1,026 bytes in 513 characters", func(m *message.Manifest) {
		m.Contests[0].Title = strings.Repeat("é", 513)
	})
	bad("UnsoundManifest", "no weights", func(m *message.Manifest) { m.Weights = []uint64{} })
	bad("UnsoundManifest", "weights descending", func(m *message.Manifest) { m.Weights = []uint64{3, 1} })
	bad("UnsoundManifest", "weight twice", func(m *message.Manifest) { m.Weights = []uint64{1, 1} })
	bad("UnsoundManifest", "weight zero", func(m *message.Manifest) { m.Weights = []uint64{0, 1} })
	bad("UnsoundManifest", "weight above a million", func(m *message.Manifest) { m.Weights = []uint64{1, 1_000_001} })
	bad("MalformedId", "unit twice", func(m *message.Manifest) { m.Units[1].ID = m.Units[0].ID })
	bad("MalformedId", "empty id", func(m *message.Manifest) { m.Units[0].ID = "" })
	bad("MalformedId", "id in upper case", func(m *message.Manifest) { m.Units[0].ID = "North" })
	bad("MalformedId", "id with a slash", func(m *message.Manifest) { m.Units[0].ID = "north/1" })
	bad("MalformedId", "id that begins with a hyphen", func(m *message.Manifest) { m.Units[0].ID = "-north" })
	bad("MalformedId", "id with a newline at its end", func(m *message.Manifest) { m.Units[0].ID = "north\n" })
	bad("MalformedId", "id of 64 characters", func(m *message.Manifest) { m.Units[0].ID = strings.Repeat("a", 64) })
	bad("MalformedId", "origin of 129 characters", func(m *message.Manifest) { m.Board.Origin = strings.Repeat("a", 129) })
	bad("MalformedId", "empty origin", func(m *message.Manifest) { m.Board.Origin = "" })
	bad("MalformedId", "origin with a space", func(m *message.Manifest) { m.Board.Origin = "the board" })
	bad("MalformedId", "origin with a plus sign", func(m *message.Manifest) { m.Board.Origin = "board+1" })
	bad("MalformedId", "origin beyond ASCII", func(m *message.Manifest) { m.Board.Origin = "zürich.example/board" })
}

func contestFaults(s *manifestSuite) {
	bad := func(flag, comment string, edit func(c *message.Contest)) {
		s.invalid("V-08", comment, edited(func(m *message.Manifest) { edit(&m.Contests[0]) }), flag)
	}
	bad("UnknownVariant", "unknown kind of contest", func(c *message.Contest) { c.Kind = "ranked" })
	bad("UnknownVariant", "unknown method", func(c *message.Contest) { c.Method.Kind = "borda" })
	bad("UnsoundManifest", "no options", func(c *message.Contest) { c.Options = []message.Option{} })
	bad("UnsoundManifest", "minimum above maximum", func(c *message.Contest) { c.Min = 3 })
	bad("UnsoundManifest", "maximum zero", func(c *message.Contest) { c.Min, c.Max = 0, 0 })
	bad("UnsoundManifest", "maximum above the number of options", func(c *message.Contest) { c.Max = 4 })
	bad("UnsoundManifest", "no seats", func(c *message.Contest) { c.Method.Seats = 0 })
	bad("UnsoundManifest", "more seats than options", func(c *message.Contest) { c.Method.Seats = 4 })
	bad("ReservedId", "option called blank", func(c *message.Contest) { c.Options[0].ID = message.BlankOption })
	bad("ReservedId", "option called blank where no blank vote is allowed", func(c *message.Contest) {
		c.Options[0].ID, c.Blank = message.BlankOption, false
	})
	bad("MalformedId", "option twice", func(c *message.Contest) { c.Options[1].ID = c.Options[0].ID })
	all := func(flag, comment string, edit func(m *message.Manifest)) {
		s.invalid("V-08", comment, edited(edit), flag)
	}
	all("MalformedId", "contest twice", func(m *message.Manifest) { m.Contests[1].ID = m.Contests[0].ID })
	all("MalformedId", "style twice", func(m *message.Manifest) { m.Styles[1].ID = m.Styles[0].ID })
	all("UnsoundManifest", "style without contests", func(m *message.Manifest) { m.Styles[0].Contests = []string{} })
	all("UnsoundManifest", "style with an unknown contest", func(m *message.Manifest) { m.Styles[1].Contests = []string{"mayor"} })
	all("UnsoundManifest", "style with a contest twice", func(m *message.Manifest) { m.Styles[1].Contests = []string{"motion", "motion"} })
}

func keyFaults(s *manifestSuite) {
	bad := func(flag, comment string, edit func(m *message.Manifest)) {
		s.invalid("V-08", comment, edited(edit), flag)
	}
	bad("WeakThreshold", "threshold of half the trustees", func(m *message.Manifest) { m.Trustees, m.Threshold = m.Trustees[:2], 1 })
	bad("WeakThreshold", "threshold of less than half", func(m *message.Manifest) { m.Threshold = 1 })
	bad("WeakThreshold", "threshold 0", func(m *message.Manifest) { m.Threshold = 0 })
	bad("WeakThreshold", "threshold above the number of trustees", func(m *message.Manifest) { m.Threshold = 4 })
	bad("WeakThreshold", "no trustees", func(m *message.Manifest) { m.Trustees, m.Threshold = []message.TrusteeLine{}, 0 })
	bad("WeakThreshold", "quorum of half the witnesses", func(m *message.Manifest) { m.Witnesses, m.Quorum = m.Witnesses[:2], 1 })
	bad("WeakThreshold", "quorum 0", func(m *message.Manifest) { m.Quorum = 0 })
	bad("WeakThreshold", "quorum above the number of witnesses", func(m *message.Manifest) { m.Quorum = 4 })
	bad("WeakThreshold", "no witnesses", func(m *message.Manifest) { m.Witnesses, m.Quorum = []message.WitnessLine{}, 0 })
	bad("WrongIndex", "trustees in another order", func(m *message.Manifest) { slices.Reverse(m.Trustees) })
	bad("WrongIndex", "trustee with index 0", func(m *message.Manifest) { m.Trustees[0].Index = 0 })
	bad("WrongIndex", "index twice", func(m *message.Manifest) { m.Trustees[2].Index = 2 })
	bad("WrongIndex", "index left out", func(m *message.Manifest) { m.Trustees[2].Index = 4 })
	bad("SharedKey", "trustee that signs with the authority's key", func(m *message.Manifest) { m.Trustees[1].Signing = m.Authority })
	bad("SharedKey", "two witnesses with one key", func(m *message.Manifest) { m.Witnesses[1].Key = m.Witnesses[0].Key })
	bad("SharedKey", "witness with the board's key", func(m *message.Manifest) { m.Witnesses[0].Key = m.Board.Key })
	bad("SharedKey", "two trustees with one encryption key", func(m *message.Manifest) { m.Trustees[1].Encryption = m.Trustees[0].Encryption })
	bad("SharedKey", "identity service with the registrar's key", func(m *message.Manifest) { m.Identity = m.Registrar })
	service := prover.Public(election.Signing(message.RoleIdentity, ""))
	bad("UnsoundManifest", "identity service without a key of authorisations", func(m *message.Manifest) { m.Identity = service })
	bad("UnsoundManifest", "key of authorisations without an identity service", func(m *message.Manifest) {
		m.Authorisation = prover.Element(prover.Base(prover.Integer(46)))
	})
	bad("SharedKey", "key of authorisations that is a trustee's encryption key", func(m *message.Manifest) {
		m.Identity, m.Authorisation = service, m.Trustees[0].Encryption
	})
	bad("NoElement", "key of authorisations that is no element", func(m *message.Manifest) {
		m.Identity, m.Authorisation = service, message.Element(fromHex(refused()[2].encodings[0]))
	})
	bad("IdentityElement", "encryption key that is the identity", func(m *message.Manifest) { m.Trustees[0].Encryption = message.Element{} })
	bad("NoElement", "encryption key that is no element", func(m *message.Manifest) {
		m.Trustees[0].Encryption = message.Element(fromHex(refused()[2].encodings[0]))
	})
	for _, weak := range weakKeys() {
		bad("WeakKey", "signing key "+weak.comment, func(m *message.Manifest) { m.Registrar = weak.key })
	}
	bad("WeakKey", "witness's key of small order", func(m *message.Manifest) { m.Witnesses[2].Key = message.Key{1} })
	bad("MalformedId", "trustee twice", func(m *message.Manifest) { m.Trustees[1].ID = m.Trustees[0].ID })
	bad("MalformedId", "witness twice", func(m *message.Manifest) { m.Witnesses[1].ID = m.Witnesses[0].ID })
}

// weakKey is no signing key (SPEC.md §1).
type weakKey struct {
	comment string
	key     message.Key
}

// weakKeys are the points of small order, other encodings of points, and what
// is no point.
func weakKeys() []weakKey {
	out := []weakKey{
		{"of order 1", message.Key(fromHex("0100000000000000000000000000000000000000000000000000000000000000"))},
		{"of order 2", message.Key(fromHex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))},
		{"of order 4, the other sign", message.Key(fromHex("0000000000000000000000000000000000000000000000000000000000000080"))},
		{"of order 8", message.Key(fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"))},
		{"of order 8, the other y", message.Key(fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"))},
		{"of order 1 with a sign", message.Key(fromHex("0100000000000000000000000000000000000000000000000000000000000080"))},
		{"of order 4 with y = p", message.Key(fromHex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))},
		{"of large order with y not reduced", message.Key(fromHex("f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"))},
		{"that is no point", message.Key(fromHex("0200000000000000000000000000000000000000000000000000000000000000"))},
	}
	return out
}
