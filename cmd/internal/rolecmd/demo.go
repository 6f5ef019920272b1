package rolecmd

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/folder"
)

func newDemoCommand(a *shell.App) *cobra.Command {
	var seed uint64
	var voters int
	var keep string
	var identified bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "watch a whole election on one screen",
		Long: `Demo holds a small election with every role in a process of its own: the
authority, three trustees, three witnesses, the registrar and the voting client,
all on the loopback. It shows each step, and ends with the result, its
verification, and what the voters found. With --identity there is an identity
service as well: voters log in with a code, and get a notice of each cast.`,
		Example: `  scrutineer reference demo
  scrutineer reference demo --voters 30 --keep record
  scrutineer reference demo --identity`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if voters < 1 || voters > 500 {
				return exit.Errorf(exit.Usage, "--voters: want 1 to 500")
			}
			if !cmd.Flags().Changed("seed") {
				var fresh [8]byte
				if _, err := io.ReadFull(a.Random, fresh[:]); err != nil {
					return exit.Wrap(exit.Target, err)
				}
				seed = binary.BigEndian.Uint64(fresh[:]) >> 32
			}
			d := &demo{a: a, seed: seed, voters: voters, keep: keep, identified: identified, prefix: prefix(cmd)}
			return d.run(cmd.Context())
		},
	}
	cmd.Flags().Uint64Var(&seed, "seed", 0, "the seed of everything random (default: a fresh one, which is told)")
	cmd.Flags().IntVar(&voters, "voters", 12, "how many voters")
	cmd.Flags().BoolVar(&identified, "identity", false, "with an identity service")
	cmd.Flags().StringVar(&keep, "keep", "", "keep the election record in this new `folder`")
	return cmd
}

// prefix is what stands before a role command in the program that runs this
// one: "reference" in scrutineer, nothing in reference-evoting.
func prefix(cmd *cobra.Command) []string {
	words := strings.Fields(cmd.CommandPath())
	return words[1 : len(words)-1]
}

// demo is one election on the screen.
type demo struct {
	a      *shell.App
	seed   uint64
	voters int
	keep   string
	prefix []string

	identified bool // there is an identity service

	dir       string
	step      int
	public    string
	authority *client.Client
	ports     map[string]*client.Client
	running   []*process // in the order in which they were started
	fail      context.CancelCauseFunc
}

func (d *demo) run(ctx context.Context) (err error) {
	if d.dir, err = os.MkdirTemp("", "reference-demo-"); err != nil {
		return exit.Wrap(exit.Target, err)
	}
	defer os.RemoveAll(d.dir)
	d.ports = map[string]*client.Client{}
	ctx, d.fail = context.WithCancelCause(ctx)
	defer func() {
		// Whoever ended before this is why the demo failed.
		if cause := context.Cause(ctx); err != nil && cause != nil {
			err = classify(cause)
		}
		d.fail(nil)
		ended := d.end()
		if err == nil {
			err = exit.Wrap(exit.Target, ended)
		}
	}()
	for _, part := range []func(context.Context) error{d.begin, d.ceremony, d.vote, d.notices, d.tally, d.verify} {
		if err := part(ctx); err != nil {
			return classify(err)
		}
	}
	return nil
}

// say tells a step.
func (d *demo) say(format string, args ...any) {
	d.step++
	d.a.UI.Printf("%2d  "+format, append([]any{d.step}, args...)...)
}

// note tells what belongs to the step.
func (d *demo) note(format string, args ...any) { d.a.UI.Printf("      "+format, args...) }

// begin makes the election and starts everybody.
func (d *demo) begin(ctx context.Context) error {
	draft := Trial(d.voters, uint64(d.a.Now().Unix()))
	draft.Identity = d.identified
	election := filepath.Join(d.dir, "election")
	secrets := folder.Secrets{Seed: keys.Seed(strconv.FormatUint(d.seed, 10))}
	if err := folder.Create(election, draft, secrets, d.a.Random); err != nil {
		return err
	}
	d.say("An election is defined: %q, %d voters, seed %d.", draft.Manifest.Title, d.voters, d.seed)
	for _, c := range draft.Manifest.Contests {
		var options []string
		for _, o := range c.Options {
			options = append(options, o.Title)
		}
		d.note("%s (%s)", c.Title, strings.Join(options, ", "))
	}
	p, err := d.start(ctx, "authority", []string{"public", "manage"}, "serve", "--listen", "127.0.0.1:0", "--state", filepath.Join(d.dir, "authority"),
		"--rate-factor", "0") // all voters come from one place
	if err != nil {
		return err
	}
	d.public = p.at["public"]
	if d.authority, err = client.New(client.Config{URL: d.public, Transport: &http.Transport{}}); err != nil {
		return err
	}
	d.say("The authority serves at %s (process %d).", d.public, p.cmd.Process.Pid)
	for i := 1; i <= 3; i++ {
		id := fmt.Sprintf("w%d", i)
		if _, err := d.start(ctx, "witness "+id, nil, "witness", id, "--state", filepath.Join(d.dir, id)); err != nil {
			return err
		}
	}
	for i := 1; i <= 3; i++ {
		id := fmt.Sprintf("t%d", i)
		if _, err := d.start(ctx, "trustee "+id, []string{"manage"}, "trustee", id, "--state", filepath.Join(d.dir, id), "--on-command"); err != nil {
			return err
		}
	}
	if _, err := d.start(ctx, "registrar", nil, "registrar"); err != nil {
		return err
	}
	voter := []string{"voter", "--credentials", folder.CredentialsFile(election)}
	if d.identified {
		more, err := d.persons(ctx, draft)
		if err != nil {
			return err
		}
		voter = append(voter, more...)
	}
	if _, err := d.start(ctx, "voter", []string{"manage"}, voter...); err != nil {
		return err
	}
	d.say("Three witnesses, three trustees (any two of them decrypt), the registrar and the voting client have started.")
	return nil
}

// start runs a role. One whose management port is waited for is asked there.
func (d *demo) start(ctx context.Context, name string, words []string, args ...string) (*process, error) {
	all := append(append([]string{}, d.prefix...), args...)
	all = append(all, "--election", filepath.Join(d.dir, "election"), "--seed", strconv.FormatUint(d.seed, 10))
	if d.public != "" {
		all = append(all, "--authority", d.public)
	}
	for _, w := range words {
		if w == "manage" {
			all = append(all, "--manage", "127.0.0.1:0")
		}
	}
	p, err := startProcess(ctx, name, words, all...)
	if err != nil {
		return nil, err
	}
	d.running = append(d.running, p)
	go func() {
		<-p.done
		d.fail(p.failed())
	}()
	if at := p.at["manage"]; at != "" {
		if d.ports[name], err = client.New(client.Config{URL: at, Transport: &http.Transport{}}); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// end stops everybody, the authority last.
func (d *demo) end() error {
	var errs []error
	for _, c := range d.ports {
		c.Close()
	}
	if d.authority != nil {
		d.authority.Close()
	}
	for i := len(d.running) - 1; i >= 0; i-- {
		errs = append(errs, d.running[i].stop())
	}
	return errors.Join(errs...)
}

// phase waits until the election has come to a phase, and tells each on the
// way.
func (d *demo) phase(ctx context.Context, want message.Phase, seen func(message.Status)) (message.Status, error) {
	var last message.Phase
	for {
		st, err := d.authority.Status(ctx)
		if err != nil {
			return st, err
		}
		if st.Phase != last && seen != nil {
			seen(st)
		}
		last = st.Phase
		switch st.Phase {
		case want:
			return st, nil
		case message.PhaseAborted:
			return st, errors.New("the key ceremony was aborted")
		}
		if _, err := d.authority.Await(ctx, st.Size+1); err != nil {
			return st, err
		}
	}
}

// ask asks a role on its management port.
func ask[T any](ctx context.Context, d *demo, role, path string, in any) (T, error) {
	return client.Call[T](ctx, d.ports[role], http.MethodPost, path, in)
}
