package rolecmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/folder"
)

func newInitCommand(a *shell.App) *cobra.Command {
	var f secretFlags
	var draft string
	var voters int
	var identified bool
	cmd := &cobra.Command{
		Use:   "init FOLDER",
		Short: "make the folder of an election: manifest, roll and keys",
		Long: `Init makes an election from a draft: a manifest without keys and the roll of
those who may vote, in JSON (protocols/manage.Draft). It makes the keys of all
roles, each in a file of its own, which are then carried to where the roles
run. With --seed they all come from the seed instead, and there are no files:
for test elections. Without a draft it is a small test election.`,
		Example: `  scrutineer reference init election --draft draft.json --passphrase-file secret
  scrutineer reference init trial --seed 7 --voters 20`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			secrets, err := f.secrets(cmd)
			if err != nil {
				return err
			}
			d := Trial(voters, uint64(a.Now().Unix()))
			if draft != "" {
				if d, err = folder.Draft(draft); err != nil {
					return classify(err)
				}
			}
			d.Identity = d.Identity || identified
			if err := folder.Create(args[0], d, secrets, a.Random); err != nil {
				return exit.Wrap(exit.Usage, err)
			}
			a.UI.Printf("%s holds the election %q: %d voters, %d trustees, %d witnesses",
				args[0], d.Manifest.Title, len(d.Roll), len(d.Manifest.Trustees), len(d.Manifest.Witnesses))
			return nil
		},
	}
	f.bind(cmd)
	cmd.Flags().StringVar(&draft, "draft", "", "the election, as JSON in this `file` (default: a small test election)")
	cmd.Flags().BoolVar(&identified, "identity", false, "give the election an identity service, as a draft may as well")
	cmd.Flags().IntVar(&voters, "voters", 12, "how many voters the small test election has")
	return cmd
}

// day is in seconds.
const day = 24 * 60 * 60

// Trial is a small test election that opens now, in seconds since 1970.
func Trial(voters int, now uint64) manage.Draft {
	contest := func(id, title string, most, seats uint64, blank bool, options ...message.Option) message.Contest {
		return message.Contest{
			ID: id, Title: title, Kind: message.KindHomomorphic, Max: most, Blank: blank, Options: options,
			Method: message.Method{Kind: message.MethodPlurality, Seats: seats},
		}
	}
	d := manage.Draft{Ceremony: 1, Roll: []manage.RollLine{}, Manifest: message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "A trial in Kleinstadt", Test: true,
		Board:    message.Board{Origin: "kleinstadt.example/board"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: now - 60, Closes: now + day}},
		Contests: []message.Contest{
			contest("council", "Two seats in the council", 2, 2, true,
				message.Option{ID: "amsler", Title: "Amsler"}, message.Option{ID: "brandt", Title: "Brandt"}, message.Option{ID: "christen", Title: "Christen"}),
			contest("bridge", "Shall the old bridge be closed to cars?", 1, 1, false,
				message.Option{ID: "yes", Title: "Yes"}, message.Option{ID: "no", Title: "No"}),
		},
		Styles:      []message.Style{{ID: "town", Contests: []string{"council", "bridge"}}},
		Units:       []message.Unit{{ID: "old-town", Title: "Old town"}, {ID: "hills", Title: "Hills"}},
		Weights:     []uint64{1},
		MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Threshold: 2, Quorum: 2,
		Devices: []message.Device{}, Officers: []message.Officer{},
	}}
	for i := 1; i <= 3; i++ {
		d.Manifest.Trustees = append(d.Manifest.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
		d.Manifest.Witnesses = append(d.Manifest.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
	}
	for i := range voters {
		unit := "old-town"
		if i%3 == 2 {
			unit = "hills"
		}
		d.Roll = append(d.Roll, manage.RollLine{ID: fmt.Sprintf("voter-%02d", i+1), Style: "town", Unit: unit, Weight: 1})
	}
	return d
}
