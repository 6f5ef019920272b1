package container

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/client"
	tc "github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// ErrEngine is wrapped where there is no container engine, or none that works.
var ErrEngine = errors.New("no container engine")

// The labels of everything that is made on the engine, by which it is found
// again: whose it is, of which run, and which machine.
const (
	labelRun     = "scrutineer.run"
	labelOwner   = "scrutineer.owner"
	labelMachine = "scrutineer.machine"
	labelKept    = "scrutineer.kept" // outlives the process that made it
)

// engine is a Docker engine, and what this run has on it.
type engine struct {
	docker *tc.DockerClient
	arch   string // of the engine: "amd64"
	run    string
	owner  owner
	kept   bool
}

// Probe says whether an engine answers, and which.
func Probe(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c, err := client.New(client.FromEnv)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrEngine, err)
	}
	defer c.Close()
	v, err := c.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return "", fmt.Errorf("%w answers at %s", ErrEngine, c.DaemonHost())
	}
	if v.Os != "linux" {
		return "", fmt.Errorf("%w for Linux: the one at %s runs containers of %s", ErrEngine, c.DaemonHost(), v.Os)
	}
	return fmt.Sprintf("Docker %s at %s, %s/%s", v.Version, c.DaemonHost(), v.Os, v.Arch), nil
}

// connect finds the engine. The library's own cleaner is an image that would
// be pulled, so we clean up ourselves, and it must be told before it first
// looks.
func connect(ctx context.Context, kept bool) (*engine, error) {
	if _, err := Probe(ctx); err != nil {
		return nil, err
	}
	settings := map[string]string{"TESTCONTAINERS_RYUK_DISABLED": "true"}
	if os.Getenv("TESTCONTAINERS_HOST_OVERRIDE") == "" {
		settings["TESTCONTAINERS_HOST_OVERRIDE"] = "127.0.0.1"
	}
	for name, value := range settings {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	log.SetDefault(log.NewNoopLogger())
	docker, err := tc.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEngine, err)
	}
	e := &engine{docker: docker, kept: kept}
	if e.owner, err = self(); err != nil {
		return nil, err
	}
	var id [5]byte
	if _, err := rand.Read(id[:]); err != nil {
		return nil, err
	}
	e.run = hex.EncodeToString(id[:])
	v, err := docker.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrEngine, err)
	}
	e.arch = v.Arch
	return e, nil
}

// labels are those of a new object.
func (e *engine) labels(machine string) map[string]string {
	out := map[string]string{labelRun: e.run, labelOwner: e.owner.String(), labelMachine: machine}
	if e.kept {
		out[labelKept] = "true"
	}
	return out
}

// name is a name on the engine, which everybody shares.
func (e *engine) name(what string) string { return "scrutineer-" + e.run + "-" + what }

// object is something on the engine that bears our labels.
type object struct {
	id, kind string
	labels   map[string]string
}

// objects lists what bears a label, in the order in which it can be removed.
func (e *engine) objects(ctx context.Context, label string) ([]object, error) {
	filter := client.Filters{}.Add("label", label)
	containers, err := e.docker.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: filter})
	if err != nil {
		return nil, err
	}
	var out []object
	for _, c := range containers.Items {
		out = append(out, object{c.ID, "container", c.Labels})
	}
	networks, err := e.docker.NetworkList(ctx, client.NetworkListOptions{Filters: filter})
	if err != nil {
		return nil, err
	}
	for _, n := range networks.Items {
		out = append(out, object{n.ID, "network", n.Labels})
	}
	volumes, err := e.docker.VolumeList(ctx, client.VolumeListOptions{Filters: filter})
	if err != nil {
		return nil, err
	}
	for _, v := range volumes.Items {
		out = append(out, object{v.Name, "volume", v.Labels})
	}
	return out, nil
}

// remove removes objects: containers, then what they used.
func (e *engine) remove(ctx context.Context, list []object) error {
	var errs []error
	for _, kind := range []string{"container", "network", "volume"} {
		of := slices.DeleteFunc(slices.Clone(list), func(o object) bool { return o.kind != kind })
		errs = append(errs, each(of, func(o object) error { return e.removeOne(ctx, o) }))
	}
	return errors.Join(errs...)
}

func (e *engine) removeOne(ctx context.Context, o object) error {
	var err error
	switch o.kind {
	case "container":
		_, err = e.docker.ContainerRemove(ctx, o.id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	case "network":
		_, err = e.docker.NetworkRemove(ctx, o.id, client.NetworkRemoveOptions{})
	case "volume":
		_, err = e.docker.VolumeRemove(ctx, o.id, client.VolumeRemoveOptions{Force: true})
	}
	if err != nil && gone(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove %s %.12s: %w", o.kind, o.id, err)
	}
	return nil
}

// gone says that somebody else has removed it, or is about to.
func gone(err error) bool {
	text := strings.ToLower(err.Error())
	return strings.Contains(text, "no such") || strings.Contains(text, "not found") || strings.Contains(text, "already in progress")
}

// sweep removes what processes left behind that are not there any more.
func (e *engine) sweep(ctx context.Context) error {
	all, err := e.objects(ctx, labelOwner)
	if err != nil {
		return err
	}
	return e.remove(ctx, slices.DeleteFunc(all, func(o object) bool {
		return o.labels[labelKept] != "" || !e.owner.outlived(o.labels[labelOwner])
	}))
}

// removeRun removes all that this run made.
func (e *engine) removeRun(ctx context.Context) error {
	all, err := e.objects(ctx, labelRun+"="+e.run)
	if err != nil {
		return err
	}
	return e.remove(ctx, all)
}
