// Command samerun compares two run folders and tells where they differ once
// times, ports, board indices and the winners of races are taken out: two runs
// of one seed must not.
//
//	go run ./scripts/samerun RUN RUN
package main

import (
	"fmt"
	"os"

	"scrutineer/reports/run"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: samerun RUN RUN")
		os.Exit(64)
	}
	differences, err := run.Compare(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "samerun:", err)
		os.Exit(3)
	}
	for _, d := range differences {
		fmt.Printf("%+v\n", d)
	}
	fmt.Printf("%d differences\n", len(differences))
	if len(differences) > 0 {
		os.Exit(1)
	}
}
