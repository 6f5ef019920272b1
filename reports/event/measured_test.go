package event

import (
	"errors"
	"testing"
)

func TestMeasured(t *testing.T) {
	m := Measured{Game: "g", What: "right guesses", Hits: 13, Tries: 20, Low: 347_105, High: 883_950, Confidence: 99, Predicted: 500_000, Prediction: "chance"}
	if err := m.check(); err != nil || !m.Fits() || m.Rate() != 650_000 {
		t.Errorf("%+v %v", m, err)
	}
	for _, c := range []struct {
		predicted int64
		fits      bool
		want      string
	}{
		{500_000, true, "right guesses: 13 of 20, 65 % (99 % confidence: 34.71 % to 88.4 %); chance predicts 50 %, which the interval holds"},
		{100_000, false, "right guesses: 13 of 20, 65 % (99 % confidence: 34.71 % to 88.4 %); chance predicts 10 %, which lies below the interval"},
		{900_049, false, "right guesses: 13 of 20, 65 % (99 % confidence: 34.71 % to 88.4 %); chance predicts 90 %, which lies above the interval"},
	} {
		m.Predicted = c.predicted
		if got := m.String(); got != c.want || m.Fits() != c.fits {
			t.Errorf("%s", got)
		}
	}
	for _, bad := range []Measured{{Hits: 2, Tries: 1}, {Hits: -1}, {Low: 2, High: 1}} {
		if err := bad.check(); !errors.Is(err, ErrValue) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if (Measured{}).Rate() != 0 {
		t.Error("no rounds have no rate")
	}
}
