package text

import (
	"strings"

	"scrutineer/reports/event"
)

// games tells what games of chance measured, beside what was predicted.
func (p *printer) games() {
	first := true
	for _, s := range p.run.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				for _, m := range e.Verdict.Measured {
					if first {
						p.line("")
						p.line("  GAMES OF CHANCE")
						first = false
					}
					p.game(e.Verdict, m)
				}
			}
		}
	}
}

func (p *printer) game(v event.Verdict, m event.Measured) {
	kind := map[event.RunKind]string{event.Attack: "attack on the sound system", event.Planted: "attack with its weakness", event.Twin: "honest twin"}[v.Run]
	if v.Run == event.Twin && len(v.Planted) > 0 {
		kind += " on the weak system"
	}
	p.line("  %s", strings.Join([]string{v.Scenario, v.SubCase + ",", kind}, " "))
	p.wrap(m.String())
}
