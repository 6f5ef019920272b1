package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/harness/results"
	"scrutineer/harness/verify"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/results/page"
)

func newResultsCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "results",
		Short: "compare published results with the record",
		Long: `Results leave an election over several channels. The record decides which of them
is right; the sub-commands hold them against it.`,
		Example: `  scrutineer results compare record https://results.example/ archive/result.json`,
	}
	cmd.AddCommand(newCompareCommand(a))
	return cmd
}

func newCompareCommand(a *app) *cobra.Command {
	var asJSON bool
	var fingerprint string
	cmd := &cobra.Command{
		Use:   "compare RECORD CHANNEL...",
		Short: "tell which channel does not show what the record gives",
		Long: `Compare verifies the record, and then looks at what each channel shows: a page or
a signed file, at an address or on the disk. Whose channel it is, the publication
says itself; official=ADDRESS or backup=FILE says it beforehand. Of each it tells
that it agrees with the record, or where it does not. No channel is right because
another agrees. Any deviation is status 1.`,
		Example: `  scrutineer results compare record https://results.example/ https://archive.example/result.json
  scrutineer results compare record official=page.html backup=result.json`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return compareResults(cmd.Context(), a, args[0], args[1:], fingerprint, asJSON)
		},
	}
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "the election's fingerprint, in `hex`, as you know it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func compareResults(ctx context.Context, a *app, dir string, sources []string, fingerprint string, asJSON bool) error {
	options, err := verifyFlags{fingerprint: fingerprint}.pins()
	if err != nil {
		return err
	}
	folder, err := record.OpenFolder(dir)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	defer folder.Close()
	var shown []results.Shown
	for _, source := range sources {
		s, err := fetchChannel(ctx, source)
		if err != nil {
			return err
		}
		shown = append(shown, s)
	}
	return printComparison(ctx, a, folder, options, shown, asJSON)
}

func printComparison(ctx context.Context, a *app, folder record.Source, o verify.Options, shown []results.Shown, asJSON bool) error {
	answers, err := results.Compare(ctx, folder, o, shown)
	switch {
	case errors.Is(err, results.ErrRecord):
		return ui.WithHint(exit.Wrap(exit.Finding, err), "`scrutineer verify` tells what is wrong with a record")
	case err != nil:
		return exit.Wrap(exit.Target, err)
	}
	deviating := 0
	for _, x := range answers {
		if x.Deviates != "" {
			deviating++
		}
	}
	if asJSON {
		if err := writeJSON(a.Stdout, answers); err != nil {
			return err
		}
	} else {
		for _, x := range answers {
			if x.Deviates == "" {
				a.UI.Printf("%s agrees with the record (%s)", x.Channel, x.Source)
			} else {
				a.UI.Printf("%s DEVIATES from the record: %s (%s)", x.Channel, x.Deviates, x.Source)
			}
		}
	}
	if deviating > 0 {
		return exit.Status(exit.Finding)
	}
	return nil
}

// fetchChannel reads a page or a file, from an address or the disk.
func fetchChannel(ctx context.Context, source string) (results.Shown, error) {
	s := results.Shown{Source: source}
	at := source
	if name, rest, named := strings.Cut(source, "="); named && (name == message.ChannelOfficial || name == message.ChannelBackup) {
		s.Channel, at = name, rest
	}
	var err error
	if strings.HasPrefix(at, "http://") || strings.HasPrefix(at, "https://") {
		s.Body, err = fetchURL(ctx, at)
		err = exit.Wrap(exit.Target, err)
	} else {
		s.Body, err = readBounded(at)
		err = exit.Wrap(exit.Usage, err)
	}
	if err != nil {
		return s, err
	}
	if s.Channel == "" {
		s.Channel = claimed(s.Body)
	}
	if s.Channel == "" {
		return s, ui.WithHint(exit.Errorf(exit.Usage, "%s does not say which channel it is of", source), "say it: official=%s or backup=%s", at, at)
	}
	return s, nil
}

// claimed is the channel that a publication says it is of.
func claimed(body []byte) string {
	raw := body
	if shown, err := page.Read(body); err == nil {
		raw = shown.Publication
	}
	p, err := codec.Decode[message.Publication](raw, codec.Limits{Size: page.MaxSize})
	if err != nil {
		return ""
	}
	switch p.Statement.Channel {
	case message.ChannelOfficial, message.ChannelBackup:
		return p.Statement.Channel
	}
	return ""
}

func fetchURL(ctx context.Context, at string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
	if err != nil {
		return nil, err
	}
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	r, err := c.Do(q)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	// Whatever it answers is what it shows.
	return io.ReadAll(io.LimitReader(r.Body, page.MaxSize+1))
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, page.MaxSize+1))
	if err == nil && len(b) > page.MaxSize {
		err = fmt.Errorf("%s is above %d bytes", name, page.MaxSize)
	}
	return b, err
}
