// Package entry has the entry points of byte fuzzers: one function a file,
// each taking bytes and returning 1 where they were accepted, 0 where they
// were refused, as go-fuzz wants it; native fuzzing drives the same ones. A
// violated property panics.
//
// It is a leaf: nothing imports it, and it imports nothing that a fuzzer
// cannot instrument.
package entry
