package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/harness/verify"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/record"
)

// verifyFlags are those of verify.
type verifyFlags struct {
	fingerprint string
	boardKey    string
	heads       []string
	receipts    []string
	explain     string
	asJSON      bool
	all         bool
}

func newVerifyCommand(a *app) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify RECORD",
		Short: "check a published election record",
		Long: `Verify makes every check of the protocol's specification over the folder of an
election record. It shares no verification code with the system that produced
the record. Of each check it tells how many objects there had to be, how many it
saw, and what is wrong. Any fault is status 1.

Give the fingerprint, or the board's key, that you got elsewhere: otherwise you
know that the record is sound, and not that it is your election's. Give also the
checkpoints and receipts that you kept while it ran: the record must agree.

A copy that is not what the board signed is told at once, and the other checks
are left; --all makes them nevertheless.`,
		Example: `  scrutineer verify runs/latest/record
  scrutineer verify record --fingerprint 5f2a… --json
  scrutineer verify record --head tuesday.checkpoint --receipt my-receipt.json
  scrutineer verify --explain V-21`,
		Args: func(cmd *cobra.Command, args []string) error {
			if f.explain != "" {
				return cobra.NoArgs(cmd, args)
			}
			return cobra.ExactArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.explain != "" {
				return explain(a, f.explain)
			}
			return verifyRecord(cmd, a, f, args[0])
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.fingerprint, "fingerprint", "", "the election's fingerprint, in `hex`, as you know it")
	flags.StringVar(&f.boardKey, "board-key", "", "the board's key, in `hex`, as you know it")
	flags.StringArrayVar(&f.heads, "head", nil, "a `file` with a checkpoint that you kept")
	flags.StringArrayVar(&f.receipts, "receipt", nil, "a `file` with a receipt that you kept")
	flags.StringVar(&f.explain, "explain", "", "tell what a `check` is for, and verify nothing")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON")
	flags.BoolVar(&f.all, "all", false, "make every check even if the copy is damaged")
	return cmd
}

func explain(a *app, name string) error {
	checks := verify.Checks()
	c, ok := verify.ParseCheck(name)
	x, known := verify.Explain(c)
	if !ok || !known {
		return ui.WithHint(exit.Errorf(exit.Usage, "there is no check %q", name), "the checks are V-01 to %s", checks[len(checks)-1])
	}
	for _, line := range strings.Split(x.String(), "\n") {
		a.UI.Printf("%s", line)
	}
	return nil
}

func verifyRecord(cmd *cobra.Command, a *app, f verifyFlags, dir string) error {
	options, err := f.pins()
	if err != nil {
		return err
	}
	folder, err := record.OpenFolder(dir)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	defer folder.Close()
	report, err := verify.Verify(cmd.Context(), folder, options)
	if err != nil {
		if cmd.Context().Err() != nil {
			return err
		}
		return exit.Wrap(exit.Target, err)
	}
	if f.asJSON {
		if err := writeJSON(a.Stdout, report); err != nil {
			return err
		}
	} else {
		printReport(a.UI, report)
	}
	if !report.Passed {
		return exit.Status(exit.Finding)
	}
	return nil
}

// pins reads what the user got elsewhere.
func (f verifyFlags) pins() (verify.Options, error) {
	o := verify.Options{Intact: !f.all}
	for _, pin := range []struct {
		flag, text string
		set        **codec.Hex32
	}{
		{"fingerprint", f.fingerprint, &o.PinFingerprint},
		{"board-key", f.boardKey, &o.PinBoardKey},
	} {
		if pin.text == "" {
			continue
		}
		v, err := codec.ParseHex32(strings.ToLower(pin.text))
		if err != nil {
			return o, exit.Errorf(exit.Usage, "--%s: %w", pin.flag, err)
		}
		*pin.set = &v
	}
	return o, f.kept(&o)
}

// maxKept bounds what a kept file may hold.
const maxKept = 1 << 20

// kept reads what the user kept while the election ran.
func (f verifyFlags) kept(o *verify.Options) error {
	for _, name := range f.heads {
		data, err := readKept(name)
		if err != nil {
			return exit.Wrap(exit.Usage, err)
		}
		o.KeptHeads = append(o.KeptHeads, data)
	}
	for _, name := range f.receipts {
		data, err := readKept(name)
		if err != nil {
			return exit.Wrap(exit.Usage, err)
		}
		r, err := verify.ParseReceipt(bytes.TrimSuffix(data, []byte("\n")))
		if err != nil {
			return exit.Errorf(exit.Usage, "%s: %w", name, err)
		}
		o.KeptReceipts = append(o.KeptReceipts, r)
	}
	return nil
}

func readKept(name string) ([]byte, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxKept))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return data, nil
}

func printReport(out *ui.UI, r *verify.Report) {
	out.Printf("%s", r.Identity.Title)
	if r.Identity.Test {
		out.Printf("a test election")
	}
	out.Printf("fingerprint  %s", r.Identity.Fingerprint)
	out.Printf("board key    %s", r.Identity.BoardKey)
	out.Printf("")
	for _, row := range r.Checks {
		out.Printf("%s  %-10s  %-18s  %8d of %d%s", row.Check, string(row.Status), row.Title, row.Seen, row.Expected, note(row.Note))
	}
	out.Printf("")
	for _, f := range r.Findings {
		out.Printf("%s  %s%s", f.Check, f.Message, blamed(f))
	}
	for _, c := range r.Contests {
		out.Printf("%s", c.Contest)
		for i, o := range c.Options {
			if i < len(c.Totals) {
				out.Printf("  %-24s %8d", o, c.Totals[i])
			}
		}
		out.Printf("  elected: %s%s", strings.Join(c.Winners, ", "), tied(c.Tied))
	}
	verdict := "the record passes every check"
	switch {
	case !r.Passed:
		verdict = "the record FAILS"
	case r.Check(verify.Pins).Status == verify.NotPinned:
		verdict += "; compare the fingerprint with the one that you got elsewhere"
	}
	out.Printf("%s", verdict)
}

func note(s string) string {
	if s == "" {
		return ""
	}
	return "  (" + s + ")"
}

func tied(options []string) string {
	if len(options) == 0 {
		return ""
	}
	return "; tied: " + strings.Join(options, ", ")
}

func blamed(f verify.Finding) string {
	if len(f.Blame) == 0 {
		return ""
	}
	return " (to blame: " + strings.Join(f.Blame, ", ") + ")"
}
