// Package render writes the reports of a run into its folder, in the formats
// that were asked for. The formats are the packages below reports; this one
// knows their names and files.
package render

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"scrutineer/reports/html"
	"scrutineer/reports/json"
	"scrutineer/reports/junit"
	"scrutineer/reports/markdown"
	"scrutineer/reports/run"
	"scrutineer/reports/sarif"
	"scrutineer/reports/text"
)

// Formats lists the formats, in the order in which they are told.
func Formats() []string { return []string{"html", "text", "json", "junit", "sarif", "markdown"} }

// ErrFormat means that a format has no such name.
var ErrFormat = errors.New("unknown format")

// Check reports the first name that is no format.
func Check(formats []string) error {
	for _, f := range formats {
		if !slices.Contains(Formats(), f) {
			return fmt.Errorf("%w %q", ErrFormat, f)
		}
	}
	return nil
}

// file is the name of a format's report in the folder of a run.
func file(format string) string {
	switch format {
	case "text":
		return "report.txt"
	case "junit":
		return "report.xml"
	case "markdown":
		return "report.md"
	}
	return "report." + format
}

// To renders a run in one format.
func To(w io.Writer, r *run.Run, format string, colour bool) error {
	switch format {
	case "html":
		return html.Write(w, r)
	case "json":
		return json.Write(w, r)
	case "text":
		return text.Write(w, r, text.Options{Colour: colour})
	case "junit":
		return junit.Write(w, r)
	case "sarif":
		return sarif.Write(w, r)
	case "markdown":
		return markdown.Write(w, r)
	}
	return fmt.Errorf("%w %q", ErrFormat, format)
}

// Into writes the reports of a run into its folder and returns their paths.
func Into(dir string, r *run.Run, formats []string) ([]string, error) {
	var out []string
	for _, format := range formats {
		path := filepath.Join(dir, file(format))
		if err := write(path, r, format); err != nil {
			return out, fmt.Errorf("writing %s: %w", path, err)
		}
		out = append(out, path)
	}
	return out, nil
}

// write replaces a report as a whole.
func write(path string, r *run.Run, format string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	if err := errors.Join(To(w, r, format, false), w.Flush(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
