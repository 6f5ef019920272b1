// Package scenarios holds the scenarios that come with the tool, as files:
// one for each attack, named after its id in the catalogue. Users add their
// own from a folder; see package scenario.
package scenarios

import (
	"embed"
	"fmt"

	"scrutineer/harness/scenario"
)

// Files are the scenario files.
//
//go:embed *.yaml
var Files embed.FS

// All returns the scenarios sorted by id.
func All(words scenario.Vocabulary) ([]*scenario.Scenario, error) {
	all, err := scenario.Load(Files, words)
	if err != nil {
		return nil, fmt.Errorf("scenarios of the tool: %w", err)
	}
	return all, nil
}
