package targets

import "context"

// Faulty is an election whose server can lose its power. It starts again by
// itself, from what was on its disk.
type Faulty interface {
	// Points names the moments of the server's work at which it can be made to
	// stop, in the order of an election: what it is writing, a slash, and how
	// far it has come. For ours "cast/append", "cast/appended", "cast/settled"
	// and the same for other entries that end a batch.
	Points() []string
	// Arm has the server stop the next time it comes to a point. Where torn is
	// true it stops in the middle of writing there, with part of that on the disk.
	Arm(ctx context.Context, point string, torn bool) error
	// Reached waits until it has stopped. Whom it had answered before, it has;
	// nobody is answered any more.
	Reached(ctx context.Context) error
	// Crash takes the power away: connections are cut, what was not durable is
	// lost. It returns when the server serves again.
	Crash(ctx context.Context) error
}

// Failure is how somebody fails those who ask him.
type Failure string

// The failures. NoFailure mends.
const (
	NoFailure Failure = ""
	Refuses   Failure = "refuse"  // takes no connection
	Hangs     Failure = "hang"    // and answers when it is mended, if anybody waits so long
	Garbage   Failure = "garbage" // answers what is no answer
	Errors    Failure = "errors"  // breaks one request in twenty
)

// Dependent is an election whose identity service can fail those who ask it:
// voters' clients and Submit.
type Dependent interface {
	Fail(ctx context.Context, how Failure) error
}
