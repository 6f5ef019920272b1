package main

import (
	"context"
	"os"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/cmd/internal/version"
	"scrutineer/targets/container"
)

// newContainers makes the target in containers, of which this program is the
// image. Without an engine it says so before anything else is done.
func newContainers() (*container.Target, error) {
	if _, err := container.Probe(context.Background()); err != nil {
		return nil, ui.WithHint(exit.Wrap(exit.Target, err), "start Docker, or say with DOCKER_HOST where it is; --target embedded needs none")
	}
	program, err := os.Executable()
	if err != nil {
		return nil, exit.Wrap(exit.Target, err)
	}
	return container.New(container.Config{Program: program, Version: version.Current().Version}), nil
}
