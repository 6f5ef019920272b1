package main

import (
	"context"
	"os"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/cmd/internal/version"
	"scrutineer/targets/container"
)

// engineThere says before anything else is done that there is no engine.
func engineThere(ctx context.Context) error {
	if _, err := container.Probe(ctx); err != nil {
		return ui.WithHint(exit.Wrap(exit.Target, err), "start Docker, or say with DOCKER_HOST where it is; --target embedded needs none")
	}
	return nil
}

// containerConfig is that of machines whose image is this program.
func containerConfig() (container.Config, error) {
	if err := engineThere(context.Background()); err != nil {
		return container.Config{}, err
	}
	program, err := os.Executable()
	if err != nil {
		return container.Config{}, exit.Wrap(exit.Target, err)
	}
	return container.Config{Program: program, Version: version.Current().Version}, nil
}
