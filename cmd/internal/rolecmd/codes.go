package rolecmd

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/ui"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/folder"
)

// The files of codes.
const (
	personsFile = "persons.json" // in the state folder: ids and hashes
	codesFile   = "codes.json"   // among the letters: ids and codes
)

func newCodesCommand(a *shell.App) *cobra.Command {
	var election, voters, state, letters string
	cmd := &cobra.Command{
		Use:   "codes",
		Short: "make the codes that voters log in with, and the letters that tell them",
		Long: `Codes draws a code for each voter. Into the state folder of the identity service
goes persons.json: voter ids and the argon2id hashes of their codes, as PHC
strings. Into a new folder go the letters, one text for each voter, and
codes.json with all of them for a printing house; once they are sent, delete it.
The two folders must not lie in one another, and the codes are nowhere else:
whoever loses his letter is given new ones with everybody else.

The voters are those on the roll of the election, or the lines of a file, so
that the identity service need not see the roll.`,
		Example: `  scrutineer reference codes --election election --state persons --letters letters
  scrutineer reference codes --ids ids.txt --state persons --letters /media/stick/letters`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			switch {
			case (election == "") == (voters == ""):
				return exit.Errorf(exit.Usage, "give either --election or --ids")
			case state == "":
				return needs("state")
			case letters == "":
				return needs("letters")
			}
			ids, err := voterIDs(election, voters)
			if err != nil {
				return classify(err)
			}
			if err := makeCodes(ids, state, letters); err != nil {
				return classify(err)
			}
			a.UI.Printf("%s holds the hashes of %d codes, %s the letters", filepath.Join(state, personsFile), len(ids), letters)
			return nil
		},
	}
	cmd.Flags().StringVar(&election, "election", "", "for the voters on the roll of the election in this `folder`")
	cmd.Flags().StringVar(&voters, "ids", "", "for the voters in this `file`, an id in each line")
	cmd.Flags().StringVar(&state, "state", "", "keep the hashes in this `folder`, that of the identity service")
	cmd.Flags().StringVar(&letters, "letters", "", "write the letters into this new `folder`")
	return cmd
}

func voterIDs(election, voters string) ([]string, error) {
	if election != "" {
		f, err := folder.Open(election, folder.Secrets{})
		if err != nil {
			return nil, err
		}
		return f.Voters()
	}
	file, err := os.Open(voters)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var ids []string
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if id := strings.TrimSpace(lines.Text()); id != "" {
			ids = append(ids, id)
		}
	}
	return ids, lines.Err()
}

// makeCodes writes hashes and letters, or neither: hashes come last.
func makeCodes(ids []string, state, letters string) error {
	if err := apart(state, letters); err != nil {
		return err
	}
	path := filepath.Join(state, personsFile)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return ui.WithHint(exit.Errorf(exit.Usage, "%s is there already", path), "new codes make all letters void: move the file away first")
	}
	persons, sent, err := identity.Enrol(ids, ristretto.Stream(nil), identity.Cost{})
	if err != nil {
		return err
	}
	raw, err := persons.Encode()
	if err != nil {
		return err
	}
	if err := writeLetters(letters, sent); err != nil {
		return err
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return err
	}
	return private(path, append(raw, '\n'))
}

// apart refuses folders of which one lies in the other: codes in clear do not
// lie beside their hashes.
func apart(state, letters string) error {
	one, err := filepath.Abs(state)
	if err != nil {
		return err
	}
	two, err := filepath.Abs(letters)
	if err != nil {
		return err
	}
	within := func(outer, inner string) bool {
		rel, err := filepath.Rel(outer, inner)
		return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
	}
	if within(one, two) || within(two, one) {
		return exit.Errorf(exit.Usage, "--letters and --state lie in one another: codes must not lie beside their hashes")
	}
	return nil
}

// letter is what a voter gets.
const letter = `To the voter %s

To vote you log in with two things: your voter id, and this code.

    voter id   %s
    code       %s %s

Type the code without the space. Nobody but you has it; we keep only what it
takes to check it, and will never ask you for it. After each ballot that is cast
with it a notice tells you. If you get one for a ballot that is not yours, tell
the election office at once.
`

func writeLetters(dir string, sent []identity.Sent) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	all := manage.Codes{Voters: []manage.Code{}}
	for i, s := range sent {
		half := len(s.Code) / 2
		// Not by voter id: that may be no name of a file.
		name := filepath.Join(dir, fmt.Sprintf("%06d.txt", i+1))
		if err := os.WriteFile(name, fmt.Appendf(nil, letter, s.Voter, s.Voter, s.Code[:half], s.Code[half:]), 0o600); err != nil {
			return err
		}
		all.Voters = append(all.Voters, manage.Code{Code: s.Code, Voter: s.Voter})
	}
	raw, err := codec.Encode(all)
	if err != nil {
		return err
	}
	return private(filepath.Join(dir, codesFile), append(raw, '\n'))
}

// private writes a file that only its owner reads, at once and for good.
func private(path string, raw []byte) error {
	return renameio.WriteFile(path, raw, 0o600, renameio.WithTempDir(filepath.Dir(path)), renameio.WithStaticPermissions(0o600))
}
