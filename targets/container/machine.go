package container

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	tc "github.com/testcontainers/testcontainers-go"

	"scrutineer/targets/wire"
)

// row is a line of the table of machines: what it is called, which roles it
// plays, and to which networks it is connected. A new machine is a row here and
// an actor of reference-evoting/service/node.
type row struct {
	name     string
	plays    string // a role, or a kind of role of which there are several machines
	networks []string
	memory   int64   // bytes
	cpus     float64 // 0: as many as there are
	// durable machines have a disk that outlives them. The others' is in memory:
	// nothing that happens to them is to be survived, and their fsyncs would be
	// much of the time of a run.
	durable bool
	// published machines can be reached at a port of this host's loopback.
	published bool
}

// The networks. Only the edge leads anywhere.
const (
	edge     = "edge"
	core     = "core"
	trustees = "trustees"
)

// table is the topology that elections share.
func table() []row {
	rows := []row{
		{name: "authority", plays: "authority", networks: []string{edge, core, trustees}, memory: 2 << 30},
		{name: "identity", plays: "identity", networks: []string{edge, core}},
		{name: "registrar", plays: "registrar", networks: []string{core}},
		{name: "mirror", plays: "mirror", networks: []string{edge, core}},
		{name: "voters", plays: "voter", networks: []string{edge}, memory: 1 << 30},
		{name: "auditor", plays: "auditor", networks: []string{core}, memory: 1 << 30},
	}
	for i := 1; i <= 3; i++ {
		n := strconv.Itoa(i)
		rows = append(rows,
			row{name: "trustee-" + n, plays: "trustee", networks: []string{trustees}, memory: 1 << 30},
			row{name: "witness-" + n, plays: "witness", networks: []string{core}})
	}
	return rows
}

// Bounds of a machine.
const (
	defaultMemory = 512 << 20 // bytes
	processes     = 256       // threads of the program included
)

// bytes is the memory of the machine.
func (r row) bytes() int64 {
	if r.memory == 0 {
		return defaultMemory
	}
	return r.memory
}

// controlPort is where a machine is told what to play.
const controlPort = 9000

// machine is a container that runs our program as a node.
type machine struct {
	row
	top     *topology
	ctr     *tc.DockerContainer
	node    *wire.Node
	mu      sync.Mutex
	address netip.Addr // invalid where it must be asked for
}

// start makes the container of a row and waits until it answers.
func (t *topology) start(ctx context.Context, r row) (*machine, error) {
	m := &machine{row: r, top: t}
	secrets, err := t.secrets(r.name)
	if err != nil {
		return nil, err
	}
	nets := make([]string, len(r.networks))
	aliases := map[string][]string{}
	for i, n := range r.networks {
		nets[i] = t.engine.name(n)
		aliases[nets[i]] = []string{r.name}
	}
	volume := t.engine.name(r.name + "-data")
	words := []string{"reference", "node", "--name", r.name, "--state", "/data", "--tls", secretsVariable, "--control", ":" + strconv.Itoa(controlPort)}
	if t.engine.kept {
		words = append(words, "--log", "info") // somebody may want to read what happens
	}
	var exposed []string
	if r.published {
		exposed = append(exposed, portOf(standingPort).String())
	}
	m.ctr, err = tc.Run(ctx, t.image,
		tc.WithCmd(words...),
		tc.WithExposedPorts(exposed...),
		tc.WithEnv(map[string]string{
			secretsVariable: secrets,
			// Much garbage is made and little is kept; the limit is below the machine's.
			"GOGC": "400", "GOMEMLIMIT": strconv.FormatInt(r.bytes()*3/4, 10),
		}),
		tc.WithLabels(t.engine.labels(r.name)),
		tc.WithName(t.engine.name(r.name)),
		tc.CustomizeRequestOption(func(q *tc.GenericContainerRequest) error {
			q.Networks, q.NetworkAliases = nets, aliases
			return nil
		}),
		tc.WithConfigModifier(func(c *container.Config) { c.Hostname = r.name }),
		tc.WithHostConfigModifier(func(h *container.HostConfig) { t.harden(h, r, volume) }),
	)
	if err != nil {
		return nil, fmt.Errorf("container %s: %w", r.name, err)
	}
	if m.node, err = wire.NewNode(m.managed(controlPort), t.limits); err != nil {
		return nil, err
	}
	return m, m.ready(ctx)
}

// harden takes away what a machine does not need.
func (t *topology) harden(h *container.HostConfig, r row, volume string) {
	pids := int64(processes)
	h.ReadonlyRootfs, h.CapDrop, h.SecurityOpt = true, []string{"ALL"}, []string{"no-new-privileges"}
	h.Memory, h.PidsLimit = r.bytes(), &pids
	h.MemorySwap, h.NanoCPUs = h.Memory, int64(r.cpus*1e9)
	h.Tmpfs = map[string]string{"/tmp": "size=64m,mode=1777,noexec,nosuid,nodev"}
	h.LogConfig = container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": "8m", "max-file": "2"}}
	if r.published {
		h.PortBindings = network.PortMap{portOf(standingPort): {{HostIP: netip.AddrFrom4([4]byte{127, 0, 0, 1}), HostPort: strconv.Itoa(standingPort)}}}
	}
	disk := &mount.VolumeOptions{Labels: t.engine.labels(r.name)}
	if !r.durable {
		disk.DriverConfig = &mount.Driver{Name: "local", Options: map[string]string{
			"type": "tmpfs", "device": "tmpfs", "o": "size=384m,uid=65532,gid=65532,mode=0700",
		}}
	}
	h.Mounts = append(h.Mounts, mount.Mount{Type: mount.TypeVolume, Source: volume, Target: "/data", VolumeOptions: disk})
}

// secretsVariable is where a machine finds its part of the run's TLS. A file
// would need a disk that is there before the machine is.
const secretsVariable = "NODE_TLS"

// secrets is what a machine has of the run's TLS.
func (t *topology) secrets(name string) (string, error) {
	own, err := t.servers.certify(name, []string{name, "localhost"}, []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})})
	if err != nil {
		return "", err
	}
	raw, err := json.Marshal(map[string]string{
		"cert": string(own.cert), "key": string(own.key), "ca": string(t.servers.pem), "managers": string(t.managers.pem),
	})
	return string(raw), err
}

func portOf(number int) network.Port { return network.MustParsePort(strconv.Itoa(number) + "/tcp") }

// upTime bounds how long a machine may take to answer.
const upTime = 20 * time.Second

// ready waits until the machine answers at its control port.
func (m *machine) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, upTime)
	defer cancel()
	for {
		_, err := m.node.About(ctx)
		if err == nil {
			return nil
		}
		if state, other := m.ctr.State(ctx); other == nil && !state.Running {
			return fmt.Errorf("container %s ended with status %d: %s", m.name, state.ExitCode, m.lastWords(ctx))
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("container %s does not answer: %w", m.name, err)
		}
	}
}

// lastWords is the end of a machine's log.
func (m *machine) lastWords(ctx context.Context) string {
	log, err := m.ctr.Logs(ctx)
	if err != nil {
		return ""
	}
	defer log.Close()
	var b bytes.Buffer
	_, _ = b.ReadFrom(log)
	text := bytes.TrimSpace(b.Bytes())
	return fmt.Sprintf("%.500q", text[max(0, len(text)-500):])
}

// at is where the machine is now. Addresses change when one is started again.
func (m *machine) at(ctx context.Context) (netip.Addr, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.address.IsValid() {
		return m.address, nil
	}
	found, err := m.ctr.Inspect(ctx)
	if err != nil {
		return netip.Addr{}, err
	}
	for _, n := range m.networks {
		if s := found.NetworkSettings.Networks[m.top.engine.name(n)]; s != nil && s.IPAddress.IsValid() {
			m.address = s.IPAddress
			return m.address, nil
		}
	}
	return netip.Addr{}, errors.New(m.name + " has no address")
}

// forget has the address asked for again.
func (m *machine) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.address = netip.Addr{}
}

// dial connects to the machine, whatever host is named: certificates say who it
// is.
func (m *machine) dial(ctx context.Context, _, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	at, err := m.at(ctx)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: 5 * time.Second}
	return d.DialContext(ctx, "tcp", net.JoinHostPort(at.String(), port))
}

func (m *machine) url(port uint64) string {
	return "https://" + net.JoinHostPort(m.name, strconv.FormatUint(port, 10))
}

// public is a port of the machine that strangers may use.
func (m *machine) public(port uint64) wire.Port {
	return wire.Port{URL: m.url(port), Dial: m.dial, TLS: &tls.Config{RootCAs: m.top.servers.pool(), MinVersion: tls.VersionTLS13}}
}

// managed is a port for who runs the election.
func (m *machine) managed(port uint64) wire.Port {
	p := m.public(port)
	p.TLS.Certificates = []tls.Certificate{m.top.manager}
	return p
}

// pid is the machine's process on this host.
func (m *machine) pid(ctx context.Context) (int, error) {
	s, err := m.ctr.State(ctx)
	if err != nil {
		return 0, err
	}
	if s.Pid == 0 {
		return 0, errors.New(m.name + " does not run")
	}
	return s.Pid, nil
}
