package node

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
)

// The authority of an election lies on a disk of its own:
//
//	DIR/disk  the number of the one in use, from 1
//	DIR/<n>/  its folder
//
// A loss of power leaves another one behind, and the next life of the machine
// begins with it.
const diskFile = "disk"

// disk is the folder of the disk in use.
func (p *part) disk() (number int, dir string, err error) {
	raw, err := os.ReadFile(filepath.Join(p.dir, diskFile))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		number = 1
	case err != nil:
		return 0, "", err
	default:
		if number, err = strconv.Atoi(strings.TrimSpace(string(raw))); err != nil || number < 1 {
			return 0, "", fmt.Errorf("%s: %.20q is no number of a disk", filepath.Join(p.dir, diskFile), raw)
		}
	}
	return number, p.numbered(number), nil
}

func (p *part) numbered(n int) string { return filepath.Join(p.dir, strconv.Itoa(n)) }

// server is the authority of an election.
func (n *Node) server(election string) (*part, error) {
	return n.find(election, string(message.RoleAuthority))
}

func (n *Node) arm(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Arm](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	p, err := n.server(q.Election)
	if err != nil {
		return err
	}
	if err := p.power.Arm(q.Point, q.Torn); err != nil {
		return web.Errorf(http.StatusConflict, "not-armed", "%v", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// reachedTime is how long one question whether a point is reached is held.
const reachedTime = 10 * time.Second

func (n *Node) reached(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.End](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	p, err := n.server(q.Election)
	if err != nil {
		return err
	}
	if !p.power.Armed() {
		return web.Errorf(http.StatusConflict, "not-armed", "no point is armed")
	}
	ctx, cancel := context.WithTimeout(r.Context(), reachedTime)
	defer cancel()
	if err := p.power.Reached(ctx); err != nil {
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// outage leaves the disk as a loss of power at this moment would. Who asks takes
// the power away afterwards.
func (n *Node) outage(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.End](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	p, err := n.server(q.Election)
	if err != nil {
		return err
	}
	number, from, err := p.disk()
	if err != nil {
		return err
	}
	p.line.cut() // nobody hears any more what the server says
	if err := p.power.Leave(r.Context(), from, p.numbered(number+1)); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(p.dir, diskFile), []byte(strconv.Itoa(number+1)), 0o600); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
