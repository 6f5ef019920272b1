package crashtest

import "testing"

// What a ballot stands on is told from what is written afterwards: tessera clears
// tiles away once a minute, whatever is cast meanwhile, and its note about that
// lies beside the size of the tree.
func TestPlace(t *testing.T) {
	for path, want := range map[string]bool{
		"box.db": true, "box.db-wal": true, "box.db-shm": true,
		"board/log/tile/entries/000.p/7": true, "board/log/tile/0/000": true, "board/chunk/ab": true,
		"board/log/.state/treeState": true, "board/log/.state/treeState.lock": true,
		"board/log/.state/gcState": false, "board/log/.state/gcState123": false, "board/log/.state/gcState.lock": false,
		"board/log/checkpoint": false, "board/cosigned": false, "heads/opened": false,
	} {
		if got := onWay("1/" + path); got != want {
			t.Errorf("%s: a ballot stands on it: %t, want %t", path, got, want)
		}
	}
}
