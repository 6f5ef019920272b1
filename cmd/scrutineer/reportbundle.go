package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
	"github.com/spf13/cobra"
	"golang.org/x/crypto/ssh"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/reports/bundle"
)

func newBundleCommand(a *app) *cobra.Command {
	var keyFile, out string
	cmd := &cobra.Command{
		Use:   "bundle RUN",
		Short: "pack a run for a laboratory, with digests and a signature",
		Long: `Bundle writes a zip with every file of a run and a manifest, signed: tool and
commit, target, specification, seed, rules of engagement, and the digest of every
file. The key is one of OpenSSH's without a passphrase (ssh-keygen -t ed25519);
ssh-keygen -Y verify checks the signature, and check-bundle all of it.`,
		Example: `  scrutineer report bundle runs/latest --key lab_ed25519
  scrutineer report check-bundle latest.zip --signer lab_ed25519.pub`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return writeBundle(a, args[0], keyFile, out)
		},
	}
	cmd.Flags().StringVar(&keyFile, "key", "", "sign with the OpenSSH key in this `file`")
	cmd.Flags().StringVarP(&out, "output", "o", "", "write this `file` (default: the name of the run and .zip)")
	_ = cmd.MarkFlagRequired("key") // the flag is there
	return cmd
}

func writeBundle(a *app, dir, keyFile, out string) error {
	raw, err := a.ReadFile(keyFile)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	signer, err := ssh.ParsePrivateKey(raw)
	if err != nil {
		return ui.WithHint(exit.Wrap(exit.Usage, fmt.Errorf("%s: %w", keyFile, err)), "ssh-keygen -t ed25519 -N '' -f %s makes a key", keyFile)
	}
	if out == "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return exit.Wrap(exit.Usage, err)
		}
		if real, err := filepath.EvalSymlinks(abs); err == nil {
			abs = real // runs/latest is a link
		}
		out = filepath.Base(abs) + ".zip"
	}
	if inside(dir, out) {
		return ui.WithHint(exit.Wrap(exit.Usage, fmt.Errorf("%s would be packed into itself", out)), "-o names a file outside of the run")
	}
	f, err := renameio.NewPendingFile(out, renameio.WithPermissions(0o644))
	if err != nil {
		return exit.Wrap(exit.Target, err)
	}
	defer f.Cleanup()
	w := bufio.NewWriter(f)
	m, err := bundle.Write(w, dir, signer, a.Now())
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	if err := errors.Join(w.Flush(), f.CloseAtomicallyReplace()); err != nil {
		return exit.Wrap(exit.Target, err)
	}
	a.UI.Printf("bundle: %s, %d files, signed by %s", out, len(m.Files), ssh.FingerprintSHA256(signer.PublicKey()))
	return nil
}

// inside says whether a file lies below a folder.
func inside(dir, file string) bool {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(abs, absolute(file))
	return err == nil && filepath.IsLocal(rel)
}

func absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

func newCheckBundleCommand(a *app) *cobra.Command {
	var signers []string
	cmd := &cobra.Command{
		Use:   "check-bundle FILE",
		Short: "check the signature and every digest of a bundle",
		Long: `Check-bundle reads a bundle without unpacking it: the signature must be by one of
the keys given, and the files those of the manifest, no more and no less. It says
what ran, against what, by whose leave. Status 1 means that it does not hold.`,
		Example: `  scrutineer report check-bundle latest.zip --signer lab_ed25519.pub`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return checkBundle(a, args[0], signers)
		},
	}
	cmd.Flags().StringSliceVar(&signers, "signer", nil, "a `file` with the public key of who may sign (more than one: comma, or again)")
	_ = cmd.MarkFlagRequired("signer") // the flag is there
	return cmd
}

func checkBundle(a *app, path string, signers []string) error {
	var allowed []ssh.PublicKey
	for _, file := range signers {
		raw, err := a.ReadFile(file)
		if err != nil {
			return exit.Wrap(exit.Usage, err)
		}
		for len(bytes.TrimSpace(raw)) > 0 {
			key, _, _, rest, err := ssh.ParseAuthorizedKey(raw)
			if err != nil {
				return ui.WithHint(exit.Wrap(exit.Usage, fmt.Errorf("%s: %w", file, err)), "it should hold a line as in lab_ed25519.pub")
			}
			allowed, raw = append(allowed, key), rest
		}
	}
	f, err := os.Open(path)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	m, signer, err := bundle.Check(f, info.Size(), allowed)
	if err != nil {
		return exit.Wrap(exit.Finding, fmt.Errorf("%s: %w", path, err))
	}
	tellBundle(a, m, ssh.FingerprintSHA256(signer))
	return nil
}

func tellBundle(a *app, m *bundle.Manifest, signer string) {
	a.UI.Printf("%d files as signed by %s on %s", len(m.Files), signer, m.Created.Format("2006-01-02 15:04:05Z"))
	s := m.Started
	a.UI.Printf("run %s of %s %s against %s %s, seed %s", m.Run, "scrutineer", s.Version, s.Target, s.TargetVersion, s.Seed)
	if e := s.Engagement; e != nil {
		a.UI.Printf("allowed by %s until %s: %s", e.AllowedBy, e.Until.Format("2006-01-02"), e.Scope)
	}
	switch f := m.Finished; {
	case f == nil:
		a.UI.Printf("the run did not end")
	default:
		a.UI.Printf("%d of %d verdicts as expected, exit %d", f.AsExpected, f.AsExpected+f.Unexpected, f.ExitCode)
	}
}
