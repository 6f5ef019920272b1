// Package doctor looks at the machine and says what it can and cannot do:
// which checks hold, and what is left out where one does not. It looks only;
// it installs and changes nothing.
package doctor

import (
	"fmt"
	"slices"
)

// Status is how a check came out.
type Status string

const (
	OK      Status = "ok"
	Limited Status = "limited" // something works less well, or not at all
	Failed  Status = "failed"  // nothing works
)

// Check is one thing that was looked at.
type Check struct {
	Name    string `json:"name"`
	Status  Status `json:"status"`
	Detail  string `json:"detail"`            // what was found
	Without string `json:"without,omitempty"` // what is left out where it is not ok
}

// Report is the whole examination, in a fixed order.
type Report struct {
	Able   bool    `json:"able"` // no check failed
	Checks []Check `json:"checks"`
}

// Needs is what the examination is about, beside the machine itself.
type Needs struct {
	Out  string // the folder for runs
	Data string // the folder with real election data
}

const (
	leastCores  = 2
	leastMemory = 2 << 30 // bytes
)

// Examine looks at everything. A check that cannot be made is Limited.
func Examine(m Machine, needs Needs) Report {
	r := Report{Able: true, Checks: []Check{
		system(m),
		cores(m),
		memory(m),
		writable(m, "runs folder", needs.Out),
		writable(m, "temporary folder", m.TempDir()),
		loopback(m),
		docker(m),
		chromium(m),
		data(m, needs.Data),
		perf(m),
	}}
	for _, c := range r.Checks {
		r.Able = r.Able && c.Status != Failed
	}
	return r
}

// system: the platforms that are built and tested.
func system(m Machine) Check {
	c := Check{Name: "system", Status: OK, Detail: m.OS() + "/" + m.Arch()}
	if !slices.Contains([]string{"linux/amd64", "linux/arm64"}, c.Detail) {
		c.Status = Limited
		c.Without = "containers, and reading the coverage of other processes: these are for linux"
	}
	return c
}

func cores(m Machine) Check {
	c := Check{Name: "cores", Status: OK, Detail: fmt.Sprint(m.Cores())}
	if m.Cores() < leastCores {
		c.Status = Limited
		c.Without = fmt.Sprintf("speed: the documented figures are for %d cores", leastCores)
	}
	return c
}

func memory(m Machine) Check {
	c := Check{Name: "memory", Status: OK}
	total, err := m.Memory()
	switch {
	case err != nil:
		c.Status, c.Detail = Limited, err.Error()
		c.Without = "nothing, as long as there is enough"
	case total < leastMemory:
		c.Status, c.Detail = Limited, gibibytes(total)
		c.Without = "many elections at once: lower --parallel"
	default:
		c.Detail = gibibytes(total)
	}
	return c
}

func gibibytes(n uint64) string { return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30)) }

func writable(m Machine, name, folder string) Check {
	c := Check{Name: name, Status: OK, Detail: folder}
	if err := m.TryWrite(folder); err != nil {
		c.Status, c.Detail = Failed, err.Error()
		c.Without = "every command that runs an election"
		if name == "runs folder" {
			c.Without += ": name another folder with --out"
		}
	}
	return c
}

func loopback(m Machine) Check {
	c := Check{Name: "loopback", Status: OK, Detail: "127.0.0.1 can be listened on"}
	if err := m.TryListen(); err != nil {
		c.Status, c.Detail = Limited, err.Error()
		c.Without = "roles as processes of their own; the embedded target needs no network"
	}
	return c
}

func docker(m Machine) Check {
	c := Check{Name: "containers", Status: OK}
	address, err := m.Docker()
	if err != nil {
		c.Status, c.Detail = Limited, err.Error()
		c.Without = "--target container, and faults of networks and machines"
		return c
	}
	c.Detail = address
	return c
}

// browsers are the names under which Chromium is installed.
func browsers() []string {
	return []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}
}

func chromium(m Machine) Check {
	for _, name := range browsers() {
		if path, err := m.LookPath(name); err == nil {
			return Check{Name: "chromium", Status: OK, Detail: path}
		}
	}
	return Check{
		Name: "chromium", Status: Limited, Detail: "not found",
		Without: "our own tests of the HTML report; reading one needs any browser",
	}
}

func data(m Machine, folder string) Check {
	c := Check{Name: "election data", Status: OK, Detail: folder}
	if err := m.TryFolder(folder); err != nil {
		c.Status, c.Detail = Limited, err.Error()
		c.Without = "tests and examples on real elections: SCRUTINEER_DATA names the folder"
	}
	return c
}

// perf: level 2 lets a process measure itself, a higher one nothing.
func perf(m Machine) Check {
	c := Check{Name: "performance counters", Status: OK}
	level, err := m.PerfParanoia()
	switch {
	case err != nil:
		c.Status, c.Detail = Limited, err.Error()
	case level > 2 && !m.Root():
		c.Status, c.Detail = Limited, fmt.Sprintf("kernel.perf_event_paranoid is %d", level)
	default:
		c.Detail = fmt.Sprintf("kernel.perf_event_paranoid is %d", level)
	}
	if c.Status != OK {
		c.Without = "cycle counts in benchmarks; times are measured all the same"
	}
	return c
}
