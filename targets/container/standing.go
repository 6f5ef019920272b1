package container

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"scrutineer/targets"
)

// Standing is a topology with an election that stays when the process that made
// it has ended, for work by hand.
type Standing struct {
	// Public is the URL of the authority on this machine, where the host can be
	// reached at a port; Machines are the URLs of all that listens, by role.
	Public   string
	Machines map[string]string
}

// standingPort is the authority's, in its container and on this host.
const standingPort = 8443

// Stand starts machines that stay, and opens an election on them. Into the
// folder dir go the certificates that reach them.
func Stand(ctx context.Context, cfg Config, d targets.Definition, dir string) (s Standing, err error) {
	t := New(cfg)
	if t.engine, err = connect(ctx, true); err != nil {
		return s, err
	}
	others, err := t.engine.objects(ctx, labelKept)
	if err != nil {
		return s, err
	}
	if len(others) > 0 {
		return s, errors.New("machines that stay are up already")
	}
	if err := t.make(ctx); err != nil {
		return s, errors.Join(err, t.Close())
	}
	opened, err := t.Open(ctx, d)
	if err != nil {
		return s, errors.Join(err, t.Close())
	}
	e := opened.(*election) // Open makes no other
	if err := t.top.certificates(dir); err != nil {
		return s, errors.Join(err, t.Close())
	}
	s.Public, s.Machines = fmt.Sprintf("https://127.0.0.1:%d", standingPort), map[string]string{}
	for role, played := range e.all {
		at, err := e.parts[role].at(ctx)
		if err != nil {
			return s, err
		}
		s.Machines[role] = fmt.Sprintf("https://%s:%d", at, played.Manage)
	}
	// The machines stay; we let go of our connections to them alone.
	return s, errors.Join(e.Managed.Close(), t.engine.docker.Close())
}

// certificates writes what reaches the machines.
func (t *topology) certificates(dir string) error {
	own, err := t.managers.certify("manager", nil, nil)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for name, content := range map[string][]byte{"ca.pem": t.servers.pem, "manager.pem": own.cert, "manager-key.pem": own.key} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// Down removes the machines that stay, and says how many there were.
func Down(ctx context.Context) (int, error) {
	e, err := connect(ctx, true)
	if err != nil {
		return 0, err
	}
	defer e.docker.Close()
	all, err := e.objects(ctx, labelKept)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, o := range all {
		if o.kind == "container" {
			n++
		}
	}
	return n, e.remove(ctx, all)
}

// Logs tells what the machines have said, those that stay and those of runs:
// of one that is named, or of all. Lines are as the machines wrote them.
func Logs(ctx context.Context, name string, line func(machine, text string)) error {
	e, err := connect(ctx, true)
	if err != nil {
		return err
	}
	defer e.docker.Close()
	all, err := e.objects(ctx, labelMachine)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(o object) bool {
		return o.kind != "container" || name != "" && o.labels[labelMachine] != name
	})
	if len(all) == 0 {
		return errors.New("there is no such machine")
	}
	slices.SortFunc(all, func(a, b object) int { return strings.Compare(a.labels[labelMachine], b.labels[labelMachine]) })
	for _, o := range all {
		if err := e.logs(ctx, o.id, func(text string) { line(o.labels[labelMachine], text) }); err != nil {
			return err
		}
	}
	return nil
}

// maxLine bounds a line of a log in bytes.
const maxLine = 64 << 10

func (e *engine) logs(ctx context.Context, id string, line func(string)) error {
	raw, err := e.docker.ContainerLogs(ctx, id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Tail: "1000"})
	if err != nil {
		return err
	}
	defer raw.Close()
	r, w := io.Pipe()
	go func() {
		_, err := stdcopy.StdCopy(w, w, raw)
		w.CloseWithError(err)
	}()
	defer r.Close()
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxLine)
	for lines.Scan() {
		line(lines.Text())
	}
	return lines.Err()
}
