// Package installation reads the YAML file in which a vendor lists the
// machines of his own system: for each its image (one that is there, an archive
// to load, or a folder to build from), ports, health path, networks, and which
// role it plays, so that a fault can be put into the machine that a scenario
// means. It reads and checks; it starts nothing.
package installation

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"scrutineer/harness/strictyaml"
)

// Limits of a file.
const (
	maxNodes    = 64
	maxNetworks = 16
)

// Installation is one system on containers.
type Installation struct {
	// Name stands in reports and in the names of containers.
	Name     string    `yaml:"name" need:"yes"`
	Networks []Network `yaml:"networks"`
	Nodes    []Node    `yaml:"nodes" need:"yes"`
	// Adapter is the command line of the program that drives the system; see
	// docs/command-protocol.md. In its environment NODE_<NAME> has the address
	// of each node's first port.
	Adapter string `yaml:"adapter" need:"yes"`
}

// Network joins nodes. An internal one has no way out of the machine, which is
// the default.
type Network struct {
	Name string `yaml:"name" need:"yes"`
	// Public says that the network may reach other machines.
	Public bool `yaml:"public"`
	// Subnet is in CIDR notation; the engine chooses one where it is absent.
	Subnet string `yaml:"subnet"`
}

// Node is a machine. Exactly one of Image, Archive and Build is given.
type Node struct {
	Name string `yaml:"name" need:"yes"`
	// Role is what it plays: authority, identity, registrar, trustee/2, mirror,
	// witness/w1, results, backup, device/d1, poll-book/d1, count-centre, or
	// other.
	Role string `yaml:"role" need:"yes"`
	// Image is one that the engine has; nothing is ever pulled.
	Image string `yaml:"image"`
	// Archive is a file as `docker save` writes it, and Loads the image in it.
	Archive string `yaml:"archive"`
	Loads   string `yaml:"loads"`
	// Build is a folder with a Dockerfile.
	Build       string            `yaml:"build"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	// Ports are those that the node listens on, in the container.
	Ports []int `yaml:"ports"`
	// Health is a path on the first port that answers 200 when the node serves;
	// without it the node serves as soon as that port takes connections.
	Health string `yaml:"health"`
	// Networks are names of Networks; a node without any is on none.
	Networks []string `yaml:"networks"`
	// Volumes are folders in the container that survive a restart.
	Volumes []string `yaml:"volumes"`
	// MemoryMB and CPUs bound the node; 512 and 1 where they are absent.
	MemoryMB int `yaml:"memory-mb" min:"1"`
	CPUs     int `yaml:"cpus" min:"1"`
}

// Forms of names.
var (
	nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	roleForm = regexp.MustCompile(`^(authority|identity|registrar|mirror|results|backup|count-centre|other|trustee/[1-9][0-9]?|(witness|device|poll-book)/[a-z0-9-]{1,32})$`)
	// imageForm is a reference with a tag or digest: what is there without
	// either is what happens to be latest.
	imageForm  = regexp.MustCompile(`^[a-z0-9][a-z0-9._/:-]*(:[A-Za-z0-9._-]+|@sha256:[0-9a-f]{64})$`)
	variable   = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	healthForm = regexp.MustCompile(`^/[A-Za-z0-9._~/?=&-]*$`)
)

// Parse reads a file; name stands in errors, and paths in it are relative to
// the folder of name. The error is a *strictyaml.Fault.
func Parse(name string, data []byte) (*Installation, error) {
	x := new(Installation)
	doc, err := strictyaml.Decode(name, data, x)
	if err != nil {
		return nil, err
	}
	c := checker{doc: doc, x: x, folder: filepath.Dir(name)}
	c.check()
	if err := doc.First(); err != nil {
		return nil, err
	}
	return x, nil
}

type checker struct {
	doc    *strictyaml.Document
	x      *Installation
	folder string
}

func (c *checker) check() {
	c.form("name", c.x.Name, nameForm, "lower-case letters, digits and hyphens, a letter first")
	if strings.TrimSpace(c.x.Adapter) == "" {
		c.doc.Add("adapter", "the command line is empty", "name the program that speaks the command protocol")
	}
	if len(c.x.Networks) > maxNetworks {
		c.doc.Add("networks", fmt.Sprintf("there are %d networks, the limit is %d", len(c.x.Networks), maxNetworks), "")
	}
	for i, n := range c.x.Networks {
		at := fmt.Sprintf("networks[%d]", i)
		c.form(at+".name", n.Name, nameForm, "lower-case letters, digits and hyphens, a letter first")
		if slices.ContainsFunc(c.x.Networks[:i], func(o Network) bool { return o.Name == n.Name }) {
			c.doc.Add(at+".name", fmt.Sprintf("network %q is there twice", n.Name), "give it another name")
		}
		if p, err := netip.ParsePrefix(n.Subnet); n.Subnet != "" && (err != nil || p != p.Masked() || !p.Addr().IsPrivate()) {
			c.doc.Add(at+".subnet", fmt.Sprintf("%q is no private network", n.Subnet), "write one as 10.77.0.0/24")
		}
	}
	switch n := len(c.x.Nodes); {
	case n == 0:
		c.doc.Add("nodes", "the list is empty", "a system has at least one node")
	case n > maxNodes:
		c.doc.Add("nodes", fmt.Sprintf("there are %d nodes, the limit is %d", n, maxNodes), "")
	}
	for i := range c.x.Nodes {
		c.node(i)
	}
}

func (c *checker) node(i int) {
	n, at := &c.x.Nodes[i], fmt.Sprintf("nodes[%d]", i)
	c.form(at+".name", n.Name, nameForm, "lower-case letters, digits and hyphens, a letter first")
	c.form(at+".role", n.Role, roleForm, "one of authority, identity, registrar, trustee/NUMBER, mirror, witness/ID, results, backup, device/ID, poll-book/ID, count-centre, other")
	for _, o := range c.x.Nodes[:i] {
		if o.Name == n.Name {
			c.doc.Add(at+".name", fmt.Sprintf("node %q is there twice", n.Name), "give it another name")
		}
		if o.Role == n.Role && n.Role != "other" {
			c.doc.Add(at+".role", fmt.Sprintf("%s and %s both play %s", o.Name, n.Name, n.Role), "a fault is put into one machine: give the second the role other")
		}
	}
	c.source(at, n)
	for j, p := range n.Ports {
		if p < 1 || p > 65535 || slices.Contains(n.Ports[:j], p) {
			c.doc.Add(fmt.Sprintf("%s.ports[%d]", at, j), fmt.Sprintf("%d is no port, or is there twice", p), "1 to 65535, each once")
		}
	}
	if n.Health != "" {
		c.form(at+".health", n.Health, healthForm, "a path as /health")
		if len(n.Ports) == 0 {
			c.doc.Add(at+".health", "the node has no port to ask", "add ports: [8080]")
		}
	}
	for j, name := range n.Networks {
		if !slices.ContainsFunc(c.x.Networks, func(o Network) bool { return o.Name == name }) {
			c.doc.Add(fmt.Sprintf("%s.networks[%d]", at, j), fmt.Sprintf("there is no network %q", name), "add it to networks")
		}
	}
	for j, v := range n.Volumes {
		if !strings.HasPrefix(v, "/") || strings.Contains(v, "..") || v == "/" {
			c.doc.Add(fmt.Sprintf("%s.volumes[%d]", at, j), fmt.Sprintf("%q is no folder in a container", v), "an absolute path as /data")
		}
	}
	for name := range n.Environment {
		if !variable.MatchString(name) {
			c.doc.Add(at+".environment."+name, fmt.Sprintf("%q is no variable", name), "letters, digits and underscores")
		}
	}
	n.MemoryMB, n.CPUs = cmp.Or(n.MemoryMB, 512), cmp.Or(n.CPUs, 1)
}

// source checks where a node's image comes from, and makes paths absolute or
// relative to where we are.
func (c *checker) source(at string, n *Node) {
	given := 0
	for _, s := range []string{n.Image, n.Archive, n.Build} {
		if s != "" {
			given++
		}
	}
	if given != 1 {
		c.doc.Add(at, fmt.Sprintf("node %q has %d of image, archive and build", n.Name, given), "give exactly one")
	}
	if n.Image != "" {
		c.form(at+".image", n.Image, imageForm, "a name with its tag or digest, as vendor/box:1.4")
	}
	if (n.Archive != "") != (n.Loads != "") {
		c.doc.Add(at, "archive and loads go together", "say which image the archive holds: loads: vendor/box:1.4")
	}
	if n.Loads != "" {
		c.form(at+".loads", n.Loads, imageForm, "a name with its tag or digest, as vendor/box:1.4")
	}
	for _, p := range []*string{&n.Archive, &n.Build} {
		if *p != "" && !filepath.IsAbs(*p) {
			*p = filepath.Join(c.folder, *p)
		}
	}
}

func (c *checker) form(at, value string, form *regexp.Regexp, mend string) {
	if !form.MatchString(value) {
		c.doc.Add(at, fmt.Sprintf("%q is not well-formed", value), mend)
	}
}
