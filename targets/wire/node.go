package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/targets"
)

// Node is a client of a machine that plays roles on request (manage.Node).
type Node struct{ c *client }

// NewNode connects to nobody yet.
func NewNode(p Port, limits Limits) (*Node, error) {
	c, err := newClient(p, limits.withDefaults(), nil)
	if err != nil {
		return nil, err
	}
	return &Node{c: c}, nil
}

// Close lets go of connections.
func (n *Node) Close() { n.c.close() }

// About asks what it plays.
func (n *Node) About(ctx context.Context) (manage.Node, error) {
	out, err := ask[manage.Node](ctx, n.c, request{path: manage.PathNode, limit: maxManaged}, nil)
	for i := range out.Parts {
		out.Parts[i].Fault = printable(out.Parts[i].Fault)
	}
	return out, err
}

// Play has it take a part. Where the node will not, the error is ErrSetup.
func (n *Node) Play(ctx context.Context, q manage.Play) (manage.Played, error) {
	out, err := ask[manage.Played](ctx, n.c, request{path: manage.PathPlay, timeout: n.c.limits.Await}, q)
	var p *problemError
	if errors.As(err, &p) && p.code == manage.CodeNotSetUp {
		err = fmt.Errorf("%w: %s", targets.ErrSetup, p.detail)
	}
	return out, err
}

// Via leads a part's way to the authority through a URL.
func (n *Node) Via(ctx context.Context, q manage.Via) error { return n.c.tell(ctx, manage.PathVia, q) }

// Reach has it knock at a URL; an error says that nobody answers it there.
func (n *Node) Reach(ctx context.Context, url string) error {
	return n.c.tell(ctx, manage.PathReach, manage.Reach{URL: url})
}

// Arm has the server of an election stand still at a point.
func (n *Node) Arm(ctx context.Context, q manage.Arm) error { return n.c.tell(ctx, manage.PathArm, q) }

// Reached waits until it stands still.
func (n *Node) Reached(ctx context.Context, election string) error {
	body, err := codec.Encode(manage.End{Election: election})
	if err != nil {
		return err
	}
	for {
		a, err := n.c.do(ctx, request{path: manage.PathReached, body: body})
		switch {
		case err != nil:
			return err
		case a.status == http.StatusNoContent:
			return nil
		case a.status != http.StatusAccepted:
			return a.unexpected(manage.PathReached)
		}
	}
}

// Outage has the disk left as a loss of power leaves it.
func (n *Node) Outage(ctx context.Context, election string) error {
	return n.c.tell(ctx, manage.PathOutage, manage.End{Election: election})
}

// Leave ends its parts in an election.
func (n *Node) Leave(ctx context.Context, election string) error {
	return n.c.tell(ctx, manage.PathLeave, manage.End{Election: election})
}
