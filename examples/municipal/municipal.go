// Package municipal is the example of an ordinary election: three contests,
// two ballot styles, three districts, 100 voters. Runs hold it as their honest
// election.
package municipal

import _ "embed"

// File is the election, in the form that scenarios have it.
//
//go:embed municipal.yaml
var File []byte

// Name is the file's name, for errors.
const Name = "municipal.yaml"

// ParishFile is a small election for systems of which a ballot costs more.
//
//go:embed parish.yaml
var ParishFile []byte

// Parish is the file's name in error messages.
const Parish = "parish.yaml"
