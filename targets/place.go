package targets

import "context"

// Polling places, their devices and the count centre. A device has no network:
// what passes between it, the poll book and the count centre is carried, and
// whoever carries it may be the adversary. All that is carried is in the
// dialect's format.

// Places drives the target's own polling places.
type Places interface {
	// CheckIn has the poll book of a device's place check a voter in; Body is
	// the activation for the device.
	CheckIn(ctx context.Context, voter, device string) (Answer, error)
	// Strike takes back the check-in whose activation a device gave back.
	Strike(ctx context.Context, device string, cancelled []byte) (Answer, error)
	// PlaceDevice is a device, installed and open.
	PlaceDevice(ctx context.Context, id string) (PlaceDevice, error)
	// Minutes are a place's account after its polls closed, signed by two of
	// its officers.
	Minutes(ctx context.Context, place string) ([]byte, error)
}

// PlaceDevice is a device with a voter, or somebody of the place, before it.
type PlaceDevice interface {
	// Begin shows it an activation.
	Begin(ctx context.Context, activation []byte) (Answer, error)
	// Mark makes a ballot with these choices; the voter is shown a tracker and
	// a confirmation code before the decision.
	Mark(ctx context.Context, choices map[string][]string) (tracker, code string, err error)
	// Cast confirms it, and draws the voter's card.
	Cast(ctx context.Context) (Answer, Card, error)
	// Challenge opens it instead; Body is the opening, signed.
	Challenge(ctx context.Context) (Answer, error)
	// Cancel ends the session without a ballot; Body is for Strike.
	Cancel(ctx context.Context) (Answer, error)
	// ClosePolls ends the voting on it.
	ClosePolls(ctx context.Context) (Answer, error)
	// Export makes the next pack, with the check-ins that the poll book signs
	// for it; it is the last one once the polls are closed. Body is the archive.
	Export(ctx context.Context) (Answer, error)
}

// Card is a ballot card: a drawing with text and code, a picture of the code.
type Card struct{ SVG, PNG []byte }

// CountCentre takes what is carried to it. OK means that it is kept, and goes
// to the board as soon as nothing that must come before it is missing.
type CountCentre interface {
	TakeMinutes(ctx context.Context, minutes []byte) (Answer, error)
	TakePack(ctx context.Context, archive []byte) (Answer, error)
}
