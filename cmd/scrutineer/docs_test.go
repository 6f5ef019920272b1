package main

import (
	"os"
	"path/filepath"
	"testing"

	"scrutineer/cmd/internal/docs"
	"scrutineer/cmd/internal/shell"
	"scrutineer/harness/vocabulary"
)

// The pages under docs/ that are made from the code are those of this code.
func TestGeneratedPagesAreCurrent(t *testing.T) {
	all, err := loadScenarios("")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := docs.Pages(newRootCommand(shell.New()), all, vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join("..", "..", "docs")
	if *update {
		if _, err := docs.Write(folder, pages); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range pages {
		have, err := os.ReadFile(filepath.Join(folder, p.Name))
		if err != nil || string(have) != p.Text {
			t.Errorf("docs/%s is not what make docs writes (%v)", p.Name, err)
		}
	}
}
