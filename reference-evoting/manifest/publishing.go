package manifest

import "scrutineer/protocols/message"

// Bounds of a publisher's words, in bytes.
const (
	maxName = 256
	maxURL  = 1024
)

// checkPublishing makes the part of V-08 about the section publishing, where
// there is one. Keys are checkKeys'.
func checkPublishing(m *message.Manifest) error {
	p := m.Publishing
	if p == nil {
		return nil
	}
	if len(m.Officers) != 3 {
		return fault("/officers", "has %d officers, want three of whom two sign", len(m.Officers))
	}
	for _, c := range []struct {
		at   string
		line message.Publisher
	}{{"/publishing/official", p.Official}, {"/publishing/backup", p.Backup}} {
		if c.line.Name == "" || len(c.line.Name) > maxName {
			return fault(c.at+"/name", "has %d bytes, want 1 to %d", len(c.line.Name), maxName)
		}
		if !address(c.line.URL) {
			return fault(c.at+"/url", "want 1 to %d characters from ! to ~", maxURL)
		}
	}
	if p.Official.URL == p.Backup.URL {
		return fault("/publishing/backup/url", "is the official channel's")
	}
	return nil
}

func address(s string) bool {
	for _, b := range []byte(s) {
		if b < '!' || b > '~' {
			return false
		}
	}
	return 1 <= len(s) && len(s) <= maxURL
}

// HasPublishing reports that results are published on channels beside the board.
func (e *Election) HasPublishing() bool { return e.Manifest.Publishing != nil }
