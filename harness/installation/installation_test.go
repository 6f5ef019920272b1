package installation_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scrutineer/harness/installation"
	"scrutineer/harness/strictyaml"
)

func example(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "examples", "installation", "nodes.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

func TestExample(t *testing.T) {
	x, err := installation.Parse("vendor/nodes.yaml", []byte(example(t)))
	if err != nil {
		t.Fatal(err)
	}
	if len(x.Nodes) != 3 || x.Nodes[0].Role != "authority" || x.Nodes[0].MemoryMB != 512 {
		t.Errorf("%+v", x)
	}
	if x.Nodes[1].Archive != filepath.Join("vendor", "images", "trustee.tar") || x.Nodes[2].Build != filepath.Join("vendor", "site") {
		t.Errorf("paths: %+v", x.Nodes)
	}
}

// Each fault is told with its place.
func TestFaults(t *testing.T) {
	good := example(t)
	for name, c := range map[string]struct{ old, new, says string }{
		"two sources":     {"image: vendor/box:1.4", "image: vendor/box:1.4\n    build: box", "2 of image, archive and build"},
		"no source":       {"    image: vendor/box:1.4\n", "", "0 of image, archive and build"},
		"no tag":          {"vendor/box:1.4", "vendor/box", "not well-formed"},
		"role":            {"role: authority", "role: boss", "not well-formed"},
		"role twice":      {"role: trustee/1", "role: authority", "both play authority"},
		"name twice":      {"name: trustee\n", "name: box\n", "is there twice"},
		"unknown network": {"networks: [edge, core]", "networks: [edge, cor]", "no network"},
		"port":            {"ports: [8443]", "ports: [84430]", "no port"},
		"health":          {"health: /health", "health: health", "not well-formed"},
		"archive alone":   {"    loads: vendor/trustee:1.4\n", "", "go together"},
		"volume":          {"volumes: [/data]", "volumes: [data]", "no folder"},
		"subnet":          {"subnet: 10.77.1.0/24", "subnet: 8.8.8.0/24", "no private network"},
		"unknown key":     {"health: /health", "healthy: /health", "healthy"},
		"adapter":         {"adapter: python3 adapter.py", `adapter: " "`, "command line is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(good, c.old) {
				t.Fatalf("the example has no %q", c.old)
			}
			_, err := installation.Parse("nodes.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
			var fault *strictyaml.Fault
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), c.says) || !strings.HasPrefix(err.Error(), "nodes.yaml:") {
				t.Errorf("%v", err)
			}
		})
	}
}
