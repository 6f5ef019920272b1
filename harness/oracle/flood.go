package oracle

import "fmt"

// Visit is an honest voter who came to vote on a schedule while a server was
// under attack.
type Visit struct {
	Flood  string
	Most   bool // the adversary did his most then
	Served bool // in time, retries included
}

// Bars of [Serve], in per cent of the honest voters who came while the adversary
// did his most.
const (
	served   = 90 // and more: they were served
	unserved = 50 // and less: they were not
	fewest   = 10 // of fewer nothing can be said
)

// Serve is O.serve: fewer than half of the honest voters were served while the
// adversary did his most. Between half and nine tenths the machine at hand has
// not shown either.
func Serve(e Evidence) Report {
	came, got := 0, 0
	for _, v := range e.Visits {
		if v.Most {
			came++
			if v.Served {
				got++
			}
		}
	}
	switch {
	case len(e.Visits) == 0:
		return Report{}
	case came < fewest:
		return Report{Undecided: fmt.Sprintf("only %d honest voters came while the adversary did his most", came)}
	case got*100 < came*unserved:
		r := Report{}
		r.Damage = append(r.Damage, damage("O.serve", "honest voters were not served while the server was under attack"))
		return r
	case got*100 < came*served:
		return Report{Undecided: fmt.Sprintf("%d of %d honest voters were served: neither enough nor few", got, came)}
	}
	return Report{}
}
