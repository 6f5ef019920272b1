// Command generate writes the test vectors of protocols/vectors, their
// schemas and the tables of their README again. Run it from the root of the
// repository:
//
//	go run ./protocols/vectors/generate
//
// Everything follows from one fixed seed, so that a run changes nothing unless
// the code changed. The numbers of cases are kept in generate/ids.txt: a case
// keeps its number as long as it keeps its comment, and the number of one that
// is gone is not used again.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	dir := flag.String("dir", filepath.Join("protocols", "vectors"), "folder of package vectors")
	flag.Parse()
	if err := run(*dir); err != nil {
		fmt.Fprintln(os.Stderr, "generate:", err)
		os.Exit(1)
	}
}

func run(dir string) error {
	files, err := build(dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, f.path)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.path), f.data, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// file is one that the command writes, below the folder of package vectors.
type file struct {
	path string
	data []byte
}

// build makes all files, in the order of their kinds.
func build(dir string) ([]file, error) {
	book, err := openBook(dir)
	if err != nil {
		return nil, err
	}
	for _, write := range kinds() {
		write(book)
	}
	return book.close()
}

// kinds lists the writers of all kinds of vectors.
func kinds() []func(*book) {
	return []func(*book){
		codecVectors, elementVectors, scalarVectors, transcriptVectors,
		manifestVectors, knowledgeVectors, revealVectors, dealingVectors, shareVectors, complaintVectors,
		electorateVectors,
		signatureVectors, selectionVectors, sumVectors, trackerVectors,
		submissionVectors, castVectors, challengeVectors, receiptVectors, refusalVectors,
		entryVectors, checkpointVectors, decryptionVectors, totalsVectors, recordVectors,
	}
}
