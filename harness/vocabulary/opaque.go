package vocabulary

// Form is how an action is played on ballots that only the target can read.
type Form struct {
	// Needs are the abilities that it takes there, instead of the action's.
	Needs []string
	// LeftOut says that such a target has nobody who would do it: the step is
	// left out.
	LeftOut bool
}

// opaque are the actions that can be played on a target that speaks no dialect
// of ours, as far as bytes, order, time, identity and availability go. What
// needs the mathematics is not among them.
var opaque = map[string]Form{
	"setup":              {Needs: []string{"open"}},
	"setup-replayed":     {Needs: []string{"open"}}, // a second election, honestly set up
	"vote":               {},
	"check":              {Needs: []string{"board"}},
	"follow":             {LeftOut: true},
	"close":              {Needs: []string{"close"}},
	"decrypt":            {Needs: []string{"tally"}},
	"publish":            {Needs: []string{"publish"}},
	"verify":             {}, // where the target has a verifier
	"make-ballot":        {},
	"cast-body":          {},
	"repeat-decision":    {},
	"race-decisions":     {},
	"forge-sum-ballot":   {},
	"copy-ballots":       {},
	"cast-as":            {}, // but for headers
	"replay-ballots":     {},
	"reorder-ballots":    {Needs: []string{"board"}},
	"close-then-cast":    {Needs: []string{"close"}},
	"drop-after-receipt": {Needs: []string{"board"}},
	"crash":              {Needs: []string{"fault", "board"}},
	"guess-from-totals":  {Needs: []string{"publish"}},
	Judge:                {LeftOut: true},
}

// withForms adds to actions how they are played on opaque ballots.
func withForms(actions []Action) []Action {
	for i, a := range actions {
		if f, ok := opaque[a.Name]; ok {
			f.Needs = append([]string{"opaque"}, f.Needs...)
			actions[i].Opaque = &f
		}
	}
	return actions
}
