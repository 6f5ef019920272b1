package event

import (
	"fmt"
	"strings"
)

// Measured is how often something came out in the rounds of a game of chance,
// beside what was predicted. Rates are in millionths, so that a line is the
// same on every machine.
type Measured struct {
	// Game is the step that played it, What what was counted.
	Game string `json:"game"`
	What string `json:"what"`
	// Hits of Tries rounds came out so.
	Hits  int64 `json:"hits"`
	Tries int64 `json:"tries"`
	// Low and High bound the rate with Confidence per cent on both sides
	// (Clopper and Pearson 1934).
	Low        int64 `json:"low"`
	High       int64 `json:"high"`
	Confidence int64 `json:"confidence"`
	// Predicted is the rate that was foretold, and Prediction by what.
	Predicted  int64  `json:"predicted"`
	Prediction string `json:"prediction"`
}

// Millionth is one in the rates of [Measured].
const Millionth = 1_000_000

// Rate is the measured rate.
func (m Measured) Rate() int64 {
	if m.Tries == 0 {
		return 0
	}
	return (m.Hits*Millionth + m.Tries/2) / m.Tries
}

// Fits says whether the prediction lies between the bounds.
func (m Measured) Fits() bool { return m.Low <= m.Predicted && m.Predicted <= m.High }

// String is one line for a reader.
func (m Measured) String() string {
	where := "which the interval holds"
	switch {
	case m.Predicted < m.Low:
		where = "which lies below the interval"
	case m.Predicted > m.High:
		where = "which lies above the interval"
	}
	return fmt.Sprintf("%s: %d of %d, %s (%d %% confidence: %s to %s); %s predicts %s, %s", m.What, m.Hits, m.Tries,
		percent(m.Rate()), m.Confidence, percent(m.Low), percent(m.High), m.Prediction, percent(m.Predicted), where)
}

// percent writes millionths as per cent with at most two decimals.
func percent(n int64) string {
	n = (n + 50) / 100
	s := strings.TrimRight(fmt.Sprintf("%d.%02d", n/100, n%100), "0")
	return strings.TrimSuffix(s, ".") + " %"
}

func (m *Measured) check() error {
	if m.Hits < 0 || m.Tries < m.Hits || m.Low > m.High {
		return fmt.Errorf("%w: measured: %d of %d, %d to %d", ErrValue, m.Hits, m.Tries, m.Low, m.High)
	}
	return nil
}
