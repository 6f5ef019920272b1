package verify_test

import (
	"slices"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/point"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// results changes the result of the small election.
func results(change func(r *message.Result)) func() record.Memory {
	return played(edit(0, func(_ *message.Entry, r *message.Result) { change(r) }))
}

// outcome makes the outcome follow the totals again.
func outcome(r *message.Result) {
	c := testelection.Small().Manifest.Contests[0]
	r.Contests[0].Outcome = testelection.Plurality(&c, r.Contests[0].Totals)
}

func tallyMutants() []mutant {
	const a = "authority"
	return []mutant{
		{"channel closed twice", only(verify.Close), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.Append(message.TypeCloseChannel, message.RoleAuthority, "", e.Fingerprint, &message.CloseChannel{Channel: "web"})
				e.PostParticipation()
				tallied(e)
			})
		}, a},
		{"unknown channel closed", only(verify.Close), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Append(message.TypeCloseChannel, message.RoleAuthority, "", e.Fingerprint, &message.CloseChannel{Channel: "fax"})
				e.Close()
				e.PostParticipation()
				tallied(e)
			})
		}, a},
		{"channel never closed", only(verify.Order, verify.Close), func() record.Memory {
			return small(without(message.TypeCloseChannel, 0)).Record()
		}, a},

		{"participants not ascending", only(verify.Participation), played(edit(0, func(_ *message.Entry, p *message.Participation) {
			p.Voters[0], p.Voters[1] = p.Voters[1], p.Voters[0]
		})), "registrar"},
		{"a participant twice", only(verify.Participation), played(edit(0, func(_ *message.Entry, p *message.Participation) {
			p.Voters[1] = p.Voters[0]
		})), "registrar"},
		{"a participant too many", only(verify.Participation), played(edit(0, func(_ *message.Entry, p *message.Participation) {
			p.Voters = append(p.Voters, "voter-zzz")
		})), "registrar"},

		{"another root sealed", only(verify.Seal), played(edit(0, func(_ *message.Entry, s *message.Seal) { s.Root[0] ^= 1 })), a},
		{"another count sealed", only(verify.Seal), played(edit(0, func(_ *message.Entry, s *message.Seal) { s.Count-- })), a},
		{"a second seal", only(verify.Seal), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.Append(message.TypeSeal, message.RoleAuthority, "", e.Fingerprint, &message.Seal{Count: e.Size(), Root: rootOf(e.Entries())})
				e.PostAggregates()
				e.PostShares()
				e.PostResult()
			})
		}, a},

		{"a ballot after the seal", only(verify.AfterSeal), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.CastBallot(7, e.EncryptBallot(7, [][]int{{1}}))
				e.PostAggregates()
				e.PostShares()
				e.PostResult()
			})
		}, a},
		{"a second result", only(verify.AfterSeal), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				tallied(e)
				e.PostResult()
			})
		}, a},

		{"a ballot dropped from the sums", only(verify.Aggregates, verify.Bounds, verify.ResultComplete), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.Forget(2)
				e.PostAggregates()
				e.PostShares()
				e.PostResult()
			})
		}, a},
		{"a ballot exchanged in the sums", only(verify.Aggregates), func() record.Memory {
			return voted(func(e *testelection.Election) {
				x := e.EncryptBallot(2, [][]int{{1}})
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				c := &message.Cast{Ballot: x.Ballot, Decision: e.Decide(2, &x.Ballot, message.None)}
				e.Stand(2, c)
				e.PostAggregates()
				e.PostShares()
				e.PostResult()
			})
		}, a},
		{"superseded ballot counted", only(verify.Aggregates), func() record.Memory {
			e := testelection.New(testelection.Small())
			e.Setup()
			first := e.Cast(0, [][]int{{0}})
			vote2(e)
			e.Cast(0, [][]int{{2}})
			e.Close()
			e.PostParticipation()
			e.PostSeal()
			e.Stand(0, first)
			e.PostAggregates()
			e.PostShares()
			e.PostResult()
			return e.Record()
		}, a},
		{"other units named", only(verify.Aggregates), played(edit(0, func(_ *message.Entry, m *message.Aggregate) {
			m.Units = append(slices.Clone(m.Units), "south")
		})), a},
		{"number of ballots", only(verify.Aggregates), played(edit(0, func(_ *message.Entry, m *message.Aggregate) { m.Ballots++ })), a},
		{"an aggregate twice", only(verify.Aggregates), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.Bytes = func(entry *message.Entry, data []byte) []byte {
					if entry.Type == message.TypeAggregate {
						e.AppendBytes(data)
					}
					return data
				}
				e.PostAggregates()
				e.Bytes = nil
				e.PostShares()
				e.PostResult()
			})
		}, a},
		{"cells too small to decrypt", only(verify.Aggregates, verify.ShareSubject, verify.ResultComplete), func() record.Memory {
			c := testelection.Small()
			c.Manifest.MinimumCell = 4
			e := testelection.New(c)
			e.Setup()
			vote(e)
			e.Close()
			e.PostParticipation()
			e.PostSeal()
			e.Manifest.MinimumCell = 1
			e.PostAggregates()
			e.PostShares()
			e.PostResult()
			return e.Record()
		}, a},

		{"share under another index", only(verify.ShareSubject), thirdShare(func(e *testelection.Election) {
			e.Share = func(s *message.DecryptionShare) { s.Index = 1 }
		}), "trustee t3"},
		{"share for another sealed root", only(verify.ShareSubject), thirdShare(func(e *testelection.Election) {
			e.Share = func(s *message.DecryptionShare) { s.Root[0] ^= 1 }
		}), "trustee t3"},
		{"share for another ciphertext", only(verify.ShareSubject), thirdShare(func(e *testelection.Election) {
			e.Share = func(s *message.DecryptionShare) {
				s.Shares[0].Beta, s.Shares[1].Beta = s.Shares[1].Beta, s.Shares[0].Beta
			}
		}), "trustee t3"},
		{"share for another unit", only(verify.ShareSubject), thirdShare(func(e *testelection.Election) {
			e.Share = func(s *message.DecryptionShare) { s.Unit = "everywhere" }
		}), "trustee t3"},
		{"a factor left out", only(verify.ShareSubject), thirdShare(func(e *testelection.Election) {
			e.Share = func(s *message.DecryptionShare) { s.Shares = s.Shares[:2] }
		}), "trustee t3"},
		{"a share twice", only(verify.ShareSubject), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.PostAggregates()
				e.PostShares()
				e.PostSharesOf(0)
				e.PostResult()
			})
		}, "trustee t1"},

		{"factor of another key", only(verify.ShareProofs), thirdShare(func(e *testelection.Election) {
			e.Share = func(s *message.DecryptionShare) { s.Shares[0].Factor = s.Shares[1].Factor }
		}), "trustee t3"},
		{"proof made for another subject", only(verify.ShareProofs), thirdShare(func(e *testelection.Election) {
			e.Edit = func(_ *message.Entry, body any) {
				if s, ok := body.(*message.DecryptionShare); ok {
					s.Shares[0].Proof = s.Shares[1].Proof
				}
			}
		}), "trustee t3"},

		{"one trustee alone", only(verify.Quorum), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.PostAggregates()
				e.PostSharesOf(2)
				e.PostResult()
			})
		}, a},

		{"a vote moved", only(verify.Totals), results(func(r *message.Result) {
			cell := &r.Contests[0].Cells[0]
			cell.Totals[0], cell.Totals[2] = cell.Totals[0]+1, cell.Totals[2]-1
			r.Contests[0].Totals[0]++
			r.Contests[0].Totals[2]--
			outcome(r)
		}), a},
		{"more votes than ballots", only(verify.Totals, verify.Bounds), results(func(r *message.Result) {
			r.Contests[0].Cells[0].Totals[0] += 1000
			r.Contests[0].Totals[0] += 1000
			outcome(r)
		}), a},
		{"votes where nobody voted", only(verify.Bounds), func() record.Memory {
			c := testelection.Small()
			c.Manifest.Units = append([]message.Unit{{ID: "desert"}}, c.Manifest.Units...)
			return with(c, edit(0, func(_ *message.Entry, r *message.Result) {
				r.Contests[0].Cells[0].Totals[1] += 5
				r.Contests[0].Totals[1] += 5
				outcome(r)
			}), func(*testelection.Election) {})()
		}, a},
		{"impossible totals behind a proof", only(verify.Bounds, verify.Aggregates), func() record.Memory {
			// The sums of a dishonest board decrypt to more than there was.
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.Edit = func(_ *message.Entry, body any) {
					if m, ok := body.(*message.Aggregate); ok && m.Unit == "south" {
						addG(&m.Ciphertexts[0].Beta, 4)
					}
				}
				e.PostAggregates()
				e.Edit = nil
				e.PostShares()
				e.PostResult()
			})
		}, a},

		{"a contest left out", only(verify.ResultComplete), func() record.Memory {
			return rich(edit(0, func(_ *message.Entry, r *message.Result) { r.Contests = r.Contests[:2] })).Record()
		}, a},
		{"cells in another order", only(verify.ResultComplete), results(func(r *message.Result) {
			slices.Reverse(r.Contests[0].Cells)
		}), a},
		{"sums that are none", only(verify.ResultComplete), results(func(r *message.Result) {
			r.Contests[0].Totals[0] += 100
			outcome(r)
		}), a},
		{"a cell withheld", only(verify.ResultComplete), results(func(r *message.Result) {
			c := &r.Contests[0]
			for k, t := range c.Cells[1].Totals {
				c.Totals[k] -= t
			}
			c.Cells[1].Withheld, c.Cells[1].Totals = true, []uint64{}
			outcome(r)
		}), a},

		{"the loser wins", only(verify.Outcome), results(func(r *message.Result) { r.Contests[0].Outcome.Winners = []string{"a0"} }), a},
		{"a tie that is none", only(verify.Outcome), results(func(r *message.Result) {
			r.Contests[0].Outcome.Tied, r.Contests[0].Outcome.Winners = r.Contests[0].Outcome.Winners, []string{}
		}), a},

		{"result of another count", only(verify.ResultBound), results(func(r *message.Result) { r.Root[0] ^= 1 }), a},
		{"result of another version", only(verify.ResultBound), results(func(r *message.Result) { r.Version = 2 }), a},
	}
}

// vote2 casts for everybody but voter 0.
func vote2(e *testelection.Election) {
	for v := 1; v < 6; v++ {
		e.Cast(v, [][]int{{v % 3}})
	}
}

// thirdShare has the third trustee post what change makes of its shares, when
// two honest ones have posted theirs.
func thirdShare(change func(e *testelection.Election)) func() record.Memory {
	return func() record.Memory {
		return voted(func(e *testelection.Election) {
			e.Close()
			e.PostParticipation()
			e.PostSeal()
			e.PostAggregates()
			e.PostShares()
			change(e)
			e.PostSharesOf(2)
			e.Share, e.Edit = nil, nil
			e.PostResult()
		})
	}
}

func addG(beta *message.Element, n uint64) {
	g := point.Generator()
	p, _ := point.Decode(*beta)
	q := point.MulUint(n, &g)
	p.Add(&p, &q)
	*beta = p.Encode()
}
