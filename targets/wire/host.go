package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// Host is a client of who sets up elections on request (manage.Host).
type Host struct{ c *client }

// NewHost connects to nobody yet.
func NewHost(p Port, limits Limits) (*Host, error) {
	c, err := newClient(p, limits.withDefaults(), nil)
	if err != nil {
		return nil, err
	}
	return &Host{c: c}, nil
}

// Close lets go of connections.
func (h *Host) Close() { h.c.close() }

// Describe asks what the host says of itself. The error is ErrUnable where
// there is a server, and no host.
func (h *Host) Describe(ctx context.Context) (manage.Host, error) {
	out, err := ask[manage.Host](ctx, h.c, request{path: manage.PathHost}, nil)
	var p *problemError
	if errors.As(err, &p) && p.status == http.StatusNotFound {
		err = fmt.Errorf("%w: %s: it hosts no elections", targets.ErrUnable, manage.PathHost)
	}
	out.Name, out.Version, out.Dialect = printable(out.Name), printable(out.Version), printable(out.Dialect)
	for i := range out.Lacks {
		out.Lacks[i].Why = printable(out.Lacks[i].Why)
	}
	return out, err
}

// Start asks for an election. Where the host will not set it up so, the error
// is ErrSetup.
func (h *Host) Start(ctx context.Context, q manage.Hosting) (manage.Hosted, error) {
	out, err := ask[manage.Hosted](ctx, h.c, request{path: manage.PathElections, limit: maxManaged, timeout: h.c.limits.Await}, q)
	var p *problemError
	if errors.As(err, &p) && p.code == manage.CodeNotSetUp {
		err = fmt.Errorf("%w: %s", targets.ErrSetup, p.detail)
	}
	return out, err
}

// End ends an election.
func (h *Host) End(ctx context.Context, election string) error {
	return h.c.tell(ctx, manage.PathEnd, manage.End{Election: election})
}

// PortStatus asks a management port what it is.
func PortStatus(ctx context.Context, p Port, limits Limits) (manage.Status, error) {
	c, err := newClient(p, limits.withDefaults(), nil)
	if err != nil {
		return manage.Status{}, err
	}
	defer c.close()
	st, err := ask[manage.Status](ctx, c, request{path: manage.PathStatus}, nil)
	st.Fault, st.ID, st.Role = printable(st.Fault), printable(st.ID), message.Role(printable(string(st.Role)))
	return st, err
}

// Reachable says whether anything that answers in HTTP listens at a port, and
// knows a path. A body is sent that no sound server takes.
func Reachable(ctx context.Context, p Port, path string, limits Limits) (known bool, err error) {
	c, err := newClient(p, limits.withDefaults(), nil)
	if err != nil {
		return false, err
	}
	defer c.close()
	a, err := c.do(ctx, request{path: path, post: true, body: []byte("{}")})
	return err == nil && a.status != http.StatusNotFound, err
}
