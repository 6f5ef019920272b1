package device

import (
	"fmt"

	"scrutineer/protocols/card"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// Deck is what a test deck showed: how many ballots were made, opened and
// compared, and how many cards were drawn and read back.
type Deck struct {
	Ballots uint64
	Cards   uint64
}

// TestDeck makes a ballot for each option of each contest of each style, opens
// it, and reads its card back from drawing and picture. Nothing of it is kept:
// its ballots bear the number 0, which no ballot of the election has.
func (d *Device) TestDeck() (Deck, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.within(PhaseInstalled, "the test deck comes before the opening"); err != nil {
		return Deck{}, err
	}
	var out Deck
	for _, style := range d.election.Manifest.Styles {
		for _, choices := range d.trials(style) {
			if err := d.tryOut(style.ID, choices, &out); err != nil {
				return Deck{}, fmt.Errorf("%w: test deck, style %s: %w", ErrBroken, style.ID, err)
			}
		}
	}
	return out, d.note(message.Event{Kind: message.EventTest, Detail: fmt.Sprintf("%d ballots, %d cards", out.Ballots, out.Cards)})
}

// trials are choices in which every option of the style occurs once, in as few
// ballots as its longest contest has options.
func (d *Device) trials(style message.Style) []voter.Choices {
	var out []voter.Choices
	for i, more := 0, true; more; i++ {
		more = false
		choices := voter.Choices{}
		for _, id := range style.Contests {
			contest, _, _ := d.election.Contest(id)
			n := len(contest.Options)
			more = more || i+1 < n
			for j := range max(contest.Min, 1) {
				choices[id] = append(choices[id], contest.Options[(i+int(j))%n].ID)
			}
		}
		out = append(out, choices)
	}
	return out
}

func (d *Device) tryOut(style string, choices voter.Choices, out *Deck) error {
	m := &d.election.Manifest
	e, err := d.make(0, style, d.place().Units[0], m.Weights[0], choices)
	if err != nil {
		return err
	}
	opened := e.Open()
	voting := &rules.Voting{Election: d.election, Fingerprint: d.print, Key: d.encrypt, Weak: weakness.View{}, Memory: d.cfg.Recall}
	if err := voter.AuditOpened(voting, opened, e.Tracker, choices); err != nil {
		return err
	}
	out.Ballots++
	paper, err := d.paper(e.Ballot, choices)
	if err != nil {
		return err
	}
	text, drawn, err := card.ReadSVG(m, paper.SVG)
	if err != nil {
		return err
	}
	read, err := card.ReadPNG(paper.PNG)
	if err != nil {
		return err
	}
	for _, c := range []message.Card{drawn, read} {
		if err := card.Check(m, d.print, c); err != nil {
			return err
		}
		if differs := text.Differs(c); differs != "" {
			return fmt.Errorf("card: %s", differs)
		}
	}
	out.Cards++
	return nil
}
