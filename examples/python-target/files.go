// Package pythontarget holds the example of an adapter, and the small voting
// service behind it, so that they can be had from the program alone.
package pythontarget

import "embed"

// Files are the example's files.
//
//go:embed adapter.py voting.py group.py README.md
var Files embed.FS
