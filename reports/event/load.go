package event

import "fmt"

// Load is one stage of a flood: what honest voters got while an adversary asked
// at one rate. Times are counted from when a voter was due.
type Load struct {
	// Flood is the step.
	Flood string `json:"flood"`
	// Capacity is how many voters a thousand seconds the server served before,
	// Attack how many requests of the adversary were due in a thousand seconds.
	Capacity int64 `json:"capacity"`
	Attack   int64 `json:"attack"`
	// Arrivals are honest voters who came, Served those who were served in time.
	Arrivals int64 `json:"arrivals"`
	Served   int64 `json:"served"`
	P50MS    int64 `json:"p50_ms"`
	P99MS    int64 `json:"p99_ms"`
	// Sent are the adversary's requests, Refused those that the server's limits
	// turned away, Held those that did not begin because too many were under way.
	Sent    int64 `json:"sent"`
	Refused int64 `json:"refused"`
	Held    int64 `json:"held"`
	// Missed are arrivals of both that the load generator began late or never.
	Missed int64 `json:"missed"`
}

func (l *Load) check() error {
	if l.Arrivals < 0 || l.Served < 0 || l.Served > l.Arrivals || l.Attack < 0 || l.P99MS < 0 || l.P50MS < 0 {
		return fmt.Errorf("%w: load: %d of %d", ErrValue, l.Served, l.Arrivals)
	}
	return nil
}
