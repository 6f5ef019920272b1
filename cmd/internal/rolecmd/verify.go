package rolecmd

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/ui"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/weakness"
)

// verifyFlags are those of verify.
type verifyFlags struct {
	fingerprint string
	keep        string
	ca          string
	weak        []string
	asJSON      bool
}

func newVerifyCommand(a *shell.App) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify RECORD",
		Short: "check an election record with the system's own verifier",
		Long: `Verify checks a published record, a folder or the URL of an authority, by the
rules that every role of the system follows. It shares their code and with it
their mistakes: ` + "`scrutineer verify`" + ` shares neither. Any fault is status 1.

Give the fingerprint that you got elsewhere: otherwise you learn that the record
is in itself consistent, and not that it is of your election.`,
		Example: `  scrutineer reference verify record
  scrutineer reference verify https://vote.example --keep record --fingerprint 5f…`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return verifyRecord(cmd.Context(), a, args[0], &f)
		},
	}
	cmd.Flags().StringVar(&f.fingerprint, "fingerprint", "", "the election's fingerprint, in hex")
	cmd.Flags().StringVar(&f.keep, "keep", "", "keep the record that was fetched in this new `folder`")
	cmd.Flags().StringVar(&f.ca, "ca", "", "trust the TLS certificates in this PEM `file`, instead of the system's")
	cmd.Flags().StringSliceVar(&f.weak, "weak", nil, "plant these weaknesses in the verifier")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print JSON")
	return cmd
}

func verifyRecord(ctx context.Context, a *shell.App, place string, f *verifyFlags) error {
	weak, err := weakness.Parse(f.weak)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	var pin message.Digest
	if f.fingerprint != "" {
		if pin, err = codec.ParseHex32(f.fingerprint); err != nil || pin == (message.Digest{}) {
			return exit.Errorf(exit.Usage, "--fingerprint: want 64 lower-case hex digits, not all zero")
		}
	}
	source, done, err := fetch(ctx, place, f)
	if err != nil {
		return err
	}
	defer done()
	verdict, err := roles.Audit(ctx, source, pin, weak)
	if err != nil {
		return exit.Wrap(exit.Target, err)
	}
	return tell(a, verdict, f.asJSON)
}

// fetch opens a record in a folder, or reads it from an authority. done lets
// go of it.
func fetch(ctx context.Context, place string, f *verifyFlags) (source record.Source, done func(), err error) {
	if !strings.HasPrefix(place, "http://") && !strings.HasPrefix(place, "https://") {
		if f.keep != "" {
			return nil, nil, exit.Errorf(exit.Usage, "--keep is for a record that is fetched")
		}
		return openRecord(place)
	}
	c, err := (&clientFlags{authority: place, ca: f.ca}).client()
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	export, err := c.Export(ctx)
	if err != nil {
		return nil, nil, exit.Wrap(exit.Target, err)
	}
	if f.keep == "" {
		m, _, err := export.Memory()
		return m, func() {}, exit.Wrap(exit.Target, err)
	}
	if _, err := export.Folder(f.keep); err != nil {
		return nil, nil, exit.Wrap(exit.Target, err)
	}
	return openRecord(f.keep)
}

func openRecord(dir string) (record.Source, func(), error) {
	r, err := record.OpenFolder(dir)
	if err != nil {
		return nil, nil, exit.Wrap(exit.Usage, err)
	}
	return r, func() { r.Close() }, nil
}

func tell(a *shell.App, v manage.Verdict, asJSON bool) error {
	if asJSON {
		raw, err := codec.Encode(v)
		if err != nil {
			return err
		}
		fmt.Fprintf(a.Stdout, "%s\n", raw)
	} else if v.Accepted {
		a.UI.Printf("accepted: %d entries, nothing found", v.Size)
	} else {
		for _, f := range v.Findings {
			where := ""
			if f.Entry != nil {
				where = fmt.Sprintf(" at entry %d", *f.Entry)
			}
			a.UI.Printf("%s%s: %s (%s)", f.Check, where, f.Detail, f.Culprit)
		}
		a.UI.Printf("rejected: %d findings", len(v.Findings))
	}
	if v.Accepted {
		return nil
	}
	return exit.Status(exit.Finding)
}

func newHealthCommand(a *shell.App) *cobra.Command {
	var c clientFlags
	var live bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "ask an authority whether it is ready",
		Long: `Health asks whether the authority takes ballots and entries, and where its
election stands. The status is 3 where it does not, or does not answer: it is
made for the health check of a container.`,
		Example: `  scrutineer reference health --authority http://127.0.0.1:8080`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			authority, err := c.client()
			if err != nil {
				return err
			}
			defer authority.Close()
			ask := authority.Ready
			if live {
				ask = authority.Healthy
			}
			if err := ask(cmd.Context()); err != nil {
				return ui.WithHint(exit.Wrap(exit.Target, err), "is --authority right? it is %s", c.authority)
			}
			st, err := authority.Status(cmd.Context())
			if err != nil {
				return exit.Wrap(exit.Target, err)
			}
			a.UI.Printf("ready: phase %s, %d entries", string(st.Phase), st.Size)
			return nil
		},
	}
	c.bind(cmd)
	cmd.Flags().BoolVar(&live, "live", false, "ask only whether it answers")
	return cmd
}
