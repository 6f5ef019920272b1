// Package version says which build of the program this is. The Makefile
// stamps it through -ldflags -X; a build without it is told from what the Go
// tool recorded.
package version

import (
	"runtime"
	"runtime/debug"
)

// Set by the linker only: that is why they are variables.
var (
	version = ""
	commit  = ""
	date    = ""
)

// Build is what is known of this build.
type Build struct {
	Version  string `json:"version"`
	Commit   string `json:"commit"`
	Date     string `json:"date"` // of the commit, RFC 3339
	Go       string `json:"go"`
	Platform string `json:"platform"`
}

// Current returns the build that is running. What is not known is "unknown",
// and an unstamped version is "dev".
func Current() Build {
	b := Build{
		Version: version, Commit: commit, Date: date,
		Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision" && b.Commit == "":
				b.Commit = s.Value
			case s.Key == "vcs.time" && b.Date == "":
				b.Date = s.Value
			}
		}
	}
	b.Version = orElse(b.Version, "dev")
	b.Commit = orElse(b.Commit, "unknown")
	b.Date = orElse(b.Date, "unknown")
	return b
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
