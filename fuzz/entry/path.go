package entry

import (
	"fmt"
	"strings"

	"scrutineer/protocols/record"
)

// Path parses data as a path of a record. What is accepted must be written
// the same, and must stay inside the record.
func Path(data []byte) int {
	p, err := record.Parse(string(data))
	if err != nil {
		return 0
	}
	if p.String() != string(data) || strings.Contains(p.String(), "..") || strings.HasPrefix(p.String(), "/") {
		panic(fmt.Sprintf("path %q was accepted as %q", data, p))
	}
	return 1
}
