package action

// ballotBox are the attacks between a voter's client and the box.
func (s *Session) ballotBox() map[string]handler {
	return map[string]handler{
		"cast-and-challenge": s.castAndChallenge,
		"cast-opened":        s.castOpened,
		"substitute-ballot":  s.substituteBallot,
		"read-boxes":         s.readBoxes,
		"reorder-ballots":    s.reorderBallots,
		"split-view":         s.splitView,
	}
}
