package container

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/moby/moby/client"

	"scrutineer/protocols/manage"
	"scrutineer/targets/wire"
)

// topology is the machines of a run, on networks of their own.
type topology struct {
	engine   *engine
	image    string
	limits   wire.Limits
	servers  *certifier // certifies machines
	managers *certifier // certifies us, so that nobody else manages a machine
	manager  tls.Certificate
	gateways map[string]netip.Addr // where this host is on each network
	door     tls.Certificate       // of what listens there
	machines []*machine
	fixed    manage.Play   // where an authority that stays listens
	crashing chan struct{} // one for each election that may crash
	// near says that machines reach what listens on this host; else why not.
	near error
}

// up makes the networks and starts all machines at once.
func (e *engine) up(ctx context.Context, image string, limits wire.Limits) (*topology, error) {
	t := &topology{engine: e, image: image, limits: limits, gateways: map[string]netip.Addr{}, crashing: make(chan struct{}, crashes)}
	var err error
	if t.servers, err = newCertifier("scrutineer machines"); err != nil {
		return nil, err
	}
	if t.managers, err = newCertifier("scrutineer managers"); err != nil {
		return nil, err
	}
	own, err := t.managers.certify("manager", nil, nil)
	if err != nil {
		return nil, err
	}
	if t.manager, err = own.tls(); err != nil {
		return nil, err
	}
	for _, n := range []string{edge, core, trustees} {
		if err := t.network(ctx, n); err != nil {
			return nil, err
		}
	}
	rows := table()
	if e.kept {
		t.fixed.Public = standingPort
		for i := range rows {
			rows[i].durable, rows[i].published = true, rows[i].plays == "authority"
		}
	}
	t.machines = make([]*machine, len(rows))
	places := make([]int, len(rows))
	for i := range rows {
		places[i] = i
	}
	err = each(places, func(i int) (err error) {
		t.machines[i], err = t.start(ctx, rows[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	t.near = t.knock(ctx)
	return t, nil
}

// network makes a network and learns where this host is on it.
func (t *topology) network(ctx context.Context, n string) error {
	name := t.engine.name(n)
	_, err := t.engine.docker.NetworkCreate(ctx, name, client.NetworkCreateOptions{
		Driver: "bridge", Internal: n != edge, Labels: t.engine.labels(n),
	})
	if err != nil {
		return fmt.Errorf("network %s: %w", n, err)
	}
	found, err := t.engine.docker.NetworkInspect(ctx, name, client.NetworkInspectOptions{})
	if err != nil {
		return fmt.Errorf("network %s: %w", n, err)
	}
	for _, c := range found.Network.IPAM.Config {
		if c.Gateway.IsValid() {
			t.gateways[n] = c.Gateway
		}
	}
	return nil
}

// machine is where a role is played; several share one where there are more
// of them than machines.
func (t *topology) machine(role string) (*machine, error) {
	kind, id, _ := strings.Cut(role, "/")
	var fit []*machine
	for _, m := range t.machines {
		if m.plays == kind {
			fit = append(fit, m)
		}
	}
	if len(fit) == 0 {
		return nil, fmt.Errorf("no machine plays %q", role)
	}
	n, err := strconv.Atoi(strings.TrimLeft(id, "abcdefghijklmnopqrstuvwxyz"))
	if err != nil || n < 1 {
		n = 1
	}
	return fit[(n-1)%len(fit)], nil
}

// knock tries whether every network's machines reach what listens here.
func (t *topology) knock(ctx context.Context) error {
	var all []netip.Addr
	for _, n := range []string{edge, core, trustees} {
		if !t.gateways[n].IsValid() {
			return fmt.Errorf("this host has no address on the network %s", n)
		}
		all = append(all, t.gateways[n])
	}
	own, err := t.servers.certify("door", nil, all)
	if err != nil {
		return err
	}
	if t.door, err = own.tls(); err != nil {
		return err
	}
	return each([]string{edge, core, trustees}, func(n string) error {
		l, err := t.listen(n)
		if err != nil {
			return fmt.Errorf("nothing can listen where this host is on the network %s: %w", n, err)
		}
		defer l.Close()
		go answer(l)
		i := slices.IndexFunc(t.machines, func(m *machine) bool { return m.networks[0] == n })
		if i < 0 {
			return nil
		}
		if err := t.machines[i].node.Reach(ctx, "https://"+l.Addr().String()); err != nil {
			return fmt.Errorf("%s does not reach this host on the network %s: %w", t.machines[i].name, n, err)
		}
		return nil
	})
}

// answer is the least that a knock wants to hear.
func answer(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go func() {
			defer c.Close()
			_, _ = c.Write([]byte("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))
		}()
	}
}

// listen listens on this host for the machines of a network alone.
func (t *topology) listen(n string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(t.gateways[n].String(), "0"))
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{t.door}, MinVersion: tls.VersionTLS13}), nil
}

// down removes all that the run made.
func (t *topology) down(ctx context.Context) error {
	var errs []error
	for _, m := range t.machines {
		if m != nil && m.node != nil {
			m.node.Close()
		}
	}
	errs = append(errs, t.engine.removeRun(ctx))
	return errors.Join(errs...)
}
