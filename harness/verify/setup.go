package verify

import (
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// Setup is what the entries up to the opening fix: manifest, keys,
// fingerprint, credentials. With it single ballots and challenges can be
// judged. It is safe for concurrent use.
type Setup struct {
	index        *index
	setupID      [32]byte
	fingerprint  [32]byte
	electionKey  [32]byte
	evaluate     point.Evaluator
	verification []point.Point // X_j of trustee j+1; empty where not known
	electorate   *electorate   // nil where the credentials are not known
	keep         int
}

// NewSetup makes a setup from a manifest, fingerprint and election key that
// are known to be right. It knows no credentials: V-25 is not made.
func NewSetup(m *message.Manifest, fingerprint message.Digest, electionKey message.Element) (*Setup, bool) {
	y, ok := point.Decode(electionKey)
	if !ok || y.IsIdentity() || len(checkManifest(m)) > 0 {
		return nil, false
	}
	return &Setup{
		index: newIndex(m), fingerprint: fingerprint, electionKey: electionKey,
		evaluate: point.NewPair(&y), keep: DefaultFindings,
	}, true
}

// Manifest is the manifest.
func (s *Setup) Manifest() *message.Manifest { return s.index.m }

// Fingerprint is the election's fingerprint.
func (s *Setup) Fingerprint() message.Digest { return s.fingerprint }

// SetupID is the setup's digest; zero where the setup was made by NewSetup.
func (s *Setup) SetupID() message.Digest { return s.setupID }

// ElectionKey is Y.
func (s *Setup) ElectionKey() message.Element { return s.electionKey }

// CheckCast makes the checks that ask nothing of the rest of the board: V-17
// to V-21 and V-23 to V-25. It returns what they found; nothing means that
// the ballot is good by itself.
func (s *Setup) CheckCast(c *message.Cast) []Finding {
	t := tally{keep: s.keep}
	s.checkCast(c, func(f *Finding) *Finding { return f }, &t)
	return values(t.findings)
}

// CheckChallenge is CheckCast for a challenge: V-17 and V-28.
func (s *Setup) CheckChallenge(c *message.Challenge) []Finding {
	t := tally{keep: s.keep}
	s.checkChallenge(c, func(f *Finding) *Finding { return f }, &t)
	return values(t.findings)
}

func values(fs []*Finding) []Finding {
	out := make([]Finding, len(fs))
	for i, f := range fs {
		out[i] = *f
	}
	return out
}
