package html

import (
	"strings"
	"testing"

	"scrutineer/reports/event"
)

func TestLoadIsDrawn(t *testing.T) {
	l := newLoad([]event.Load{
		{Arrivals: 10, Served: 10, P99MS: 50}, {Attack: 100_000, Arrivals: 10, Served: 9, P99MS: 500},
		{Attack: 400_000, Arrivals: 10, Served: 0, P99MS: 10_000}, {Attack: 800_000},
	})
	if l == nil || len(l.Dots) != 6 || len(strings.Fields(l.Goodput)) != 3 || l.Slowest != "10 s" {
		t.Fatalf("%+v", l)
	}
	if all, none := l.Dots[0].Y, l.Dots[4].Y; all != loadTop || none != loadBase || l.Dots[5].Y != loadTop {
		t.Errorf("all served at %d, none at %d, slowest at %d", all, none, l.Dots[5].Y)
	}
	if newLoad(nil) != nil || newLoad(make([]event.Load, 65)) != nil {
		t.Error("drawn although there is nothing, or far too much")
	}
}
