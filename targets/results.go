package targets

import "context"

// Channels are the ways over which an election publishes its results, beside
// the board. Their names are the dialect's: for ours "official" and "backup".
type Channels interface {
	// ReadChannel asks a channel for a path, as anybody can: for ours "/" is
	// the page, "/result.json" the signed result, "/notices.json" the notices.
	ReadChannel(ctx context.Context, channel, path string) (Response, error)
	// WatchChannels has the target's own watchers look at every channel, and
	// its auditor hold what they saw against the record. No findings is clean.
	// Evidence "capture" is what watchers saw and signed.
	WatchChannels(ctx context.Context) ([]Finding, error)
	// InterposeChannel puts a liar between a channel and everybody who reads
	// it, in test elections only; nil takes it away.
	InterposeChannel(ctx context.Context, channel string, f Liar) error
}

// Announcer posts notices in the name of the electoral body, in test elections
// only: officers of the target sign.
type Announcer interface {
	// PostNotice returns the notice as it was signed.
	PostNotice(ctx context.Context, text string) ([]byte, error)
}

// Informed is a Voter whose client shows notices of the electoral body.
type Informed interface {
	// ShowNotice brings a notice to the client, from wherever, and returns the
	// texts that the client shows the voter because of it, in order.
	ShowNotice(ctx context.Context, notice []byte) (shown []string, err error)
}
