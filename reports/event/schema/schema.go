// Package schema publishes the JSON schemas of events.jsonl and history.jsonl,
// one line each. They are generated from the declarations of package event by
// this package's test (go test ./reports/event/schema -update).
package schema

import _ "embed"

//go:embed events.schema.json
var events []byte

//go:embed history.schema.json
var history []byte

// Events returns the JSON schema (2020-12) of a line of events.jsonl.
func Events() []byte { return append([]byte(nil), events...) }

// History returns the JSON schema (2020-12) of a line of history.jsonl.
func History() []byte { return append([]byte(nil), history...) }
