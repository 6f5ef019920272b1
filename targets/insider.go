package targets

import "context"

// Corruptible is help for an adversary who has corrupted the server, in test
// elections only.
type Corruptible interface {
	// Keys returns the private keys of a role, in the dialect's format: for
	// ours, an Ed25519 seed of 32 bytes. Roles are "board" and "authority", and
	// where they are the target's "registrar", "witness/w1", "trustee/2", and
	// of elections with channels "publisher/official" and "publisher/backup".
	Keys(ctx context.Context, role string) ([]byte, error)
	// Interpose puts a liar between the clients of this election and its
	// server: every request of the target's own clients, and of Submit and
	// Race, goes through f from now on. Nil takes it away. The liar holds what
	// Keys gave and may pass a request on.
	Interpose(ctx context.Context, f Liar) error
}

// Importer is a Corruptible whose board can be replaced while it runs. To
// write on the live board as the server itself would, import the entries that
// stand, and those to add.
type Importer interface {
	// Import replaces the board by one with these entries, in order, and
	// returns its size: the target builds the tree anew and signs it with the
	// same keys. The server goes on from there by its own rules, and what it
	// owes next it posts at once. What its box knew of bodies that wait and of
	// decisions is forgotten; decisions that stand among the entries are read
	// again. Chunks are those that the entries name and the board lacks. What
	// arrives between reading the entries and importing them is lost.
	Import(ctx context.Context, entries, chunks [][]byte) (size uint64, err error)
}

// Request is one message to the server, in no transport's terms.
type Request struct {
	// From is who asks, as far as a server tells its clients apart, by address
	// or cookie: "voter" for the target's voting client, "witness/w1",
	// "trustee/2"; empty for strangers.
	From   string
	Method string
	Path   string // with query
	Body   []byte
}

// Response is the server's, or the liar's, answer.
type Response struct {
	Status      int
	ContentType string
	Body        []byte
}

// Next passes a request on to the real server.
type Next func(ctx context.Context, r Request) (Response, error)

// Liar answers in the server's place.
type Liar func(ctx context.Context, r Request, next Next) (Response, error)

// Inspectable names the process and executable behind an election, so that its
// coverage can be read from outside.
type Inspectable interface {
	Inspect(ctx context.Context) (pid int, executable string, err error)
}
