package rolecmd

import (
	"context"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.dedis.ch/kyber/v3"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/keystore"
)

// recoverFlags are those of recover.
type recoverFlags struct {
	record      string
	shares      []string
	passphrases []string
	fingerprint string
	out         string
}

func newRecoverCommand(a *shell.App) *cobra.Command {
	var f recoverFlags
	cmd := &cobra.Command{
		Use:   "recover",
		Short: "compute the verified result from the record and trustees' media",
		Long: `Recover is for the day on which the authority is gone, or a trustee, or both: on a
clean machine it verifies the public record as far as it goes, opens with the key
files of enough trustees what was dealt to them, and computes the result. The
board must be sealed; nothing else is needed. Each --share is a trustee's key file
(trustee-t1.key) from his medium. A key that is not the one by which the board
knows its trustee is refused by name.

Where the record has a result of its own, it must be the same: status 1 if not.`,
		Example: `  scrutineer reference recover --record record --share usb1/trustee-t1.key --share usb2/trustee-t3.key
  scrutineer reference recover --record record --share usb1/trustee-t1.key --share usb2/trustee-t3.key --media-passphrase one --media-passphrase three`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return recoverResult(cmd.Context(), a, &f) },
	}
	cmd.Flags().StringVar(&f.record, "record", "", "the `folder` of the public record")
	cmd.Flags().StringArrayVar(&f.shares, "share", nil, "a trustee's key `file`; once for each trustee")
	cmd.Flags().StringArrayVar(&f.passphrases, "media-passphrase", nil, "the `file` with the passphrase of the key file at the same place; one for all, or one for each")
	cmd.Flags().StringVar(&f.fingerprint, "fingerprint", "", "the election's fingerprint, in hex, as you know it")
	cmd.Flags().StringVar(&f.out, "out", "", "write the result to this new `file`, as the board would have it")
	return cmd
}

func recoverResult(ctx context.Context, a *shell.App, f *recoverFlags) error {
	switch {
	case f.record == "":
		return needs("record")
	case len(f.shares) == 0:
		return needs("share")
	}
	var pin message.Digest
	if f.fingerprint != "" {
		var err error
		if pin, err = codec.ParseHex32(strings.ToLower(f.fingerprint)); err != nil {
			return exit.Errorf(exit.Usage, "--fingerprint: %w", err)
		}
	}
	decryption, err := f.media()
	if err != nil {
		return classify(err)
	}
	source, err := record.OpenFolder(f.record)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	defer source.Close()
	out, err := results.Recover(ctx, source, pin, decryption)
	switch {
	case errors.Is(err, results.ErrRecord):
		return exit.Wrap(exit.Finding, err)
	case errors.Is(err, rules.ErrNotHis), errors.Is(err, rules.ErrTooFew), errors.Is(err, rules.ErrNotSealed):
		return exit.Wrap(exit.Usage, err)
	case err != nil:
		return exit.Wrap(exit.Target, err)
	}
	return printRecovered(a, f, out)
}

// media opens the key files, by trustee.
func (f *recoverFlags) media() (map[string]kyber.Scalar, error) {
	if n := len(f.passphrases); n > 1 && n != len(f.shares) {
		return nil, exit.Errorf(exit.Usage, "%d passphrase files for %d key files: give one, or one for each", n, len(f.shares))
	}
	out := map[string]kyber.Scalar{}
	for i, share := range f.shares {
		passphrase := ""
		if n := len(f.passphrases); n > 0 {
			raw, err := os.ReadFile(f.passphrases[min(i, n-1)])
			if err != nil {
				return nil, exit.Wrap(exit.Usage, err)
			}
			passphrase = strings.TrimRight(string(raw), "\r\n")
		}
		name := strings.TrimSuffix(filepath.Base(share), ".key")
		id, ok := strings.CutPrefix(name, string(message.RoleTrustee)+"-")
		if !ok || name == filepath.Base(share) {
			return nil, exit.Errorf(exit.Usage, "%s: a trustee's key file is called trustee-ID.key", share)
		}
		secret, err := keystore.New(filepath.Dir(share), passphrase).Load(name)
		if err != nil {
			return nil, err
		}
		out[id] = keys.Seed(hex.EncodeToString(secret)).Decryption(id)
	}
	return out, nil
}

func printRecovered(a *shell.App, f *recoverFlags, out results.Recovered) error {
	if f.out != "" {
		raw, err := codec.Encode(out.Result)
		if err != nil {
			return err
		}
		file, err := os.OpenFile(f.out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return exit.Wrap(exit.Usage, err)
		}
		_, err = file.Write(append(raw, '\n'))
		if err := errors.Join(err, file.Close()); err != nil {
			return exit.Wrap(exit.Target, err)
		}
	}
	a.UI.Printf("%s", out.Manifest.Title)
	a.UI.Printf("fingerprint  %s", out.Fingerprint)
	for i, c := range out.Result.Contests {
		a.UI.Printf("%s", c.Contest)
		for j, t := range c.Totals {
			option := message.BlankOption
			if options := out.Manifest.Contests[i].Options; j < len(options) {
				option = options[j].ID
			}
			a.UI.Printf("  %-24s %8d", option, t)
		}
		a.UI.Printf("  elected: %s", strings.Join(c.Outcome.Winners, ", "))
	}
	if out.Published == nil {
		a.UI.Printf("the record has no result of its own")
		return nil
	}
	if why := results.Differs(out.Result, *out.Published); why != "" {
		a.UI.Printf("the record's own result DIFFERS: it %s", why)
		return exit.Status(exit.Finding)
	}
	a.UI.Printf("the record's own result is the same")
	return nil
}
