package verify_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/merkle"
	"scrutineer/harness/verify/point"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// files plays the small election and changes files afterwards.
func files(change func(m record.Memory)) func() record.Memory {
	return func() record.Memory {
		m := small(testelection.Hooks{}).Record()
		change(m)
		return m
	}
}

// heads changes one checkpoint before it is signed.
func heads(at record.Moment, change func(h *testelection.Checkpoint)) func() record.Memory {
	return played(testelection.Hooks{Head: func(m record.Moment, h *testelection.Checkpoint) {
		if m == at {
			change(h)
		}
	}})
}

func fileMutants() []mutant {
	stranger := "— stranger " + base64.StdEncoding.EncodeToString(make([]byte, 68)) + "\n"
	return []mutant{
		{"extra file", only(verify.Files), files(func(m record.Memory) { m["notes.txt"] = nil }), ""},
		{"narrower tile beside the widest", only(verify.Files), files(func(m record.Memory) { m["tile/0/000.p/1"] = m["tile/0/000.p/36"][:32] }), ""},
		{"chunk that no entry names", only(verify.Files), files(func(m record.Memory) { m[record.ChunkPath(sha256.Sum256(nil))] = []byte{} }), ""},
		{"tile missing", only(verify.Files), files(func(m record.Memory) { delete(m, "tile/0/000.p/36") }), ""},
		{"earlier checkpoint missing", only(verify.Files), files(func(m record.Memory) { delete(m, "checkpoints/closed") }), ""},
		{"sidecar in the record", only(verify.Files), files(func(m record.Memory) { m["hints"] = []byte{1} }), ""},

		{"too few cosignatures", only(verify.Heads), heads(record.Final, func(h *testelection.Checkpoint) { h.Times = []uint64{h.Times[0], 0, 0} }), ""},
		{"line of a stranger", only(verify.Heads), heads(record.Opened, func(h *testelection.Checkpoint) { h.Unverified = stranger }), ""},
		{"another origin", only(verify.Heads), heads(record.Sealed, func(h *testelection.Checkpoint) { h.Origin = "other.example" }), ""},
		{"cosignature of another time", only(verify.Heads), files(func(m record.Memory) { m["checkpoint"] = retime(m["checkpoint"]) }), ""},
		{"line twice", only(verify.Heads), files(func(m record.Memory) {
			lines := bytes.SplitAfter(m["checkpoint"], []byte("\n"))
			m["checkpoint"] = append(m["checkpoint"], lines[len(lines)-2]...)
		}), ""},
		{"extension line", only(verify.Heads), files(func(m record.Memory) {
			m["checkpoints/opened"] = bytes.Replace(m["checkpoints/opened"], []byte("\n\n"), []byte("\nextension\n\n"), 1)
		}), ""},

		{"tile of other hashes", only(verify.Tree), files(func(m record.Memory) { m["tile/0/000.p/36"][40] ^= 1 }), ""},
		{"root of another tree", only(verify.Tree), heads(record.Final, func(h *testelection.Checkpoint) { h.Root[0] ^= 1 }), ""},

		{"another history at the opening", only(verify.Prefixes), heads(record.Opened, func(h *testelection.Checkpoint) { h.Root[0] ^= 1 }), "board"},
		{"opening not covered", only(verify.Prefixes), func() record.Memory {
			e := testelection.New(testelection.Small())
			e.Head = func(m record.Moment, h *testelection.Checkpoint) {
				if m == record.Opened {
					h.Size--
					h.Root = rootOf(e.Entries()[:h.Size])
				}
			}
			e.Setup()
			vote(e)
			e.Finish()
			return e.Record()
		}, "board"},
		{"close is larger than seal", only(verify.Prefixes), func() record.Memory {
			e := small(testelection.Hooks{})
			now := e.Now
			e.Now = testelection.Closes
			e.Checkpoint(record.Closed)
			e.Now = now
			return e.Record()
		}, "board"},

		{"opened too early", only(verify.Times), heads(record.Opened, times(testelection.Opens-61)), "board"},
		{"closed too late", only(verify.Times), func() record.Memory {
			e := testelection.New(testelection.Small())
			e.Setup()
			vote(e)
			e.Now = testelection.Closes + 61
			e.Finish()
			return e.Record()
		}, "board"},
		{"closed too early in a real election", only(verify.Times), func() record.Memory {
			c := testelection.Small()
			c.Manifest.Test = false
			e := testelection.New(c)
			e.Head = func(m record.Moment, h *testelection.Checkpoint) {
				if m == record.Closed {
					times(testelection.Closes - 61)(h)
				}
			}
			e.Setup()
			vote(e)
			e.Finish()
			return e.Record()
		}, "board"},
		{"sealed before closed", only(verify.Times), heads(record.Sealed, times(testelection.Opens+30)), "board"},
	}
}

func times(t uint64) func(*testelection.Checkpoint) {
	return func(h *testelection.Checkpoint) {
		for i := range h.Times {
			h.Times[i] = t
		}
	}
}

func rootOf(entries [][]byte) [32]byte {
	var r merkle.Range
	for _, e := range entries {
		r.Append(merkle.Leaf(e))
	}
	return r.Root()
}

// retime changes the time of the last cosignature.
func retime(note []byte) []byte {
	lines := strings.Split(strings.TrimSuffix(string(note), "\n"), "\n")
	fields := strings.Split(lines[len(lines)-1], " ")
	sig, _ := base64.StdEncoding.DecodeString(fields[2])
	sig[11]++
	fields[2] = base64.StdEncoding.EncodeToString(sig)
	lines[len(lines)-1] = strings.Join(fields, " ")
	return []byte(strings.Join(lines, "\n") + "\n")
}

// rebuilt changes the bytes of the first entry of a type after signing.
func rebuilt(typ message.Type, change func(e message.Entry, data []byte) []byte) func() record.Memory {
	done := false
	return played(testelection.Hooks{Bytes: func(e *message.Entry, data []byte) []byte {
		if e.Type != typ || done {
			return data
		}
		done = true
		return change(*e, data)
	}})
}

func encoded(v any) []byte {
	data, err := codec.Encode(v)
	if err != nil {
		panic(err)
	}
	return data
}

func setupMutants() []mutant {
	m := []mutant{
		{"another version", only(verify.Entries), played(edit(0, func(e *message.Entry, _ *message.Participation) { e.Version = 2 })), "authority"},
		{"unknown type", only(verify.Entries), rebuilt(message.TypeChallenge, func(e message.Entry, _ []byte) []byte {
			e.Type = "referendum"
			return encoded(e)
		}), "authority"},
		{"space in the text", only(verify.Entries), rebuilt(message.TypeChallenge, func(_ message.Entry, data []byte) []byte {
			return bytes.Replace(data, []byte(`,"version":1`), []byte(`, "version":1`), 1)
		}), "authority"},
		{"challenge with a role", only(verify.Entries), played(edit(0, func(e *message.Entry, _ *message.Challenge) { e.Role = message.RoleAuthority })), "authority"},
		{"unknown member", only(verify.Entries), rebuilt(message.TypeChallenge, func(_ message.Entry, data []byte) []byte {
			return bytes.Replace(data, []byte(`,"version":1`), []byte(`,"version":1,"x":1`), 1)
		}), "authority"},
		{"long body inline", only(verify.Entries), rebuilt(message.TypeChallenge, func(e message.Entry, _ []byte) []byte {
			e.Body = codec.Raw(`{"` + strings.Repeat("a", message.MaxInline) + `":1}`)
			return encoded(e)
		}), "authority"},
		{"short body in chunks", only(verify.Entries), rebuilt(message.TypeChallenge, func(e message.Entry, _ []byte) []byte {
			e.Chunks, e.Size, e.Body = []message.Digest{sha256.Sum256(e.Body)}, uint64(len(e.Body)), nil
			return encoded(e)
		}), "authority"},
		{"chunk of other bytes", only(verify.Entries), func() record.Memory {
			rec := chunked()
			for path := range rec {
				if strings.HasPrefix(path, "chunk/") {
					rec[path][100] ^= 1
				}
			}
			return rec
		}, ""},

		{"a second confirmation", only(verify.Order), func() record.Memory {
			return setupWith(func(e *testelection.Election) {
				e.PostManifest()
				e.PostCommits()
				e.PostReveals()
				e.PostDealings()
				e.PostCredentials()
				e.PostConfirmations()
				e.Append(message.TypeConfirm, message.RoleTrustee, "t1", e.SetupID, &message.Confirm{ElectionKey: e.ElectionKey, Fingerprint: e.Fingerprint})
				e.PostOpening()
			})
		}, "trustee t1"},
		{"a second participation list", only(verify.Order), func() record.Memory {
			return voted(func(e *testelection.Election) { e.Close(); e.PostParticipation(); e.PostParticipation(); tallied(e) })
		}, "authority"},
		{"a confirmation missing", only(verify.Order), func() record.Memory {
			return small(without(message.TypeConfirm, 1)).Record()
		}, "authority"},
		{"no result", only(verify.NothingVacuous), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				e.PostAggregates()
				e.PostShares()
			})
		}, "authority"},
		{"shares before an aggregate", only(verify.Order, verify.Aggregates, verify.ShareSubject, verify.Quorum), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.PostParticipation()
				e.PostSeal()
				var late func()
				e.Bytes = func(entry *message.Entry, data []byte) []byte {
					if entry.Type == message.TypeAggregate && late == nil {
						late = func() { e.AppendBytes(data) }
						return nil
					}
					return data
				}
				e.PostAggregates()
				e.PostSharesOf(1)
				late()
				e.PostResult()
			})
		}, "authority"},

		{"forged signature", only(verify.Signatures), rebuilt(message.TypeParticipation, func(e message.Entry, _ []byte) []byte {
			e.Signature[3] ^= 1
			return encoded(e)
		}), "authority"},
		{"signed by another role", only(verify.Signatures), played(edit(0, func(e *message.Entry, _ *message.Participation) { e.Role = message.RoleAuthority })), "authority"},
		{"signed by nobody of the manifest", only(verify.Signatures), played(edit(0, func(e *message.Entry, _ *message.Participation) { e.ID = "somebody" })), "authority"},
		{"context of another setup", only(verify.Signatures), played(edit(0, func(e *message.Entry, _ *message.Electorate) { e.Context[0] ^= 1 })), "authority"},

		{"a minority decrypts", only(verify.Manifest), configured(func(c *testelection.Config) { c.Manifest.Threshold = 1 }), "authority"},
		{"a minority of witnesses", only(verify.Manifest), configured(func(c *testelection.Config) { c.Manifest.Quorum = 1 }), "authority"},
		{"an option called blank", only(verify.Manifest), configured(func(c *testelection.Config) {
			c.Manifest.Contests[0].Options[1].ID = message.BlankOption
		}), "authority"},
		{"a key of small order", only(verify.Manifest), played(edit(0, func(_ *message.Entry, b *message.ManifestBody) {
			b.Manifest.Officers = append(b.Manifest.Officers, message.Officer{ID: "o1", Key: message.Key{1}})
		})), "authority"},
		{"a key in another encoding", only(verify.Manifest), played(edit(0, func(_ *message.Entry, b *message.ManifestBody) {
			key := message.Key{0: 0xf0, 31: 0x7f} // y = p + 3
			for i := 1; i < 31; i++ {
				key[i] = 0xff
			}
			b.Manifest.Officers = append(b.Manifest.Officers, message.Officer{ID: "o1", Key: key})
		})), "authority"},
		{"one key for two roles", only(verify.Manifest), played(edit(0, func(_ *message.Entry, b *message.ManifestBody) {
			b.Manifest.Officers = append(b.Manifest.Officers, message.Officer{ID: "o1", Key: b.Manifest.Registrar})
		})), "authority"},
		{"channel closes before it opens", only(verify.Manifest, verify.Times), configured(func(c *testelection.Config) {
			c.Manifest.Channels = []message.Channel{{ID: "web", Kind: message.ChannelOnline, Opens: testelection.Opens, Closes: testelection.Opens}}
		}), "authority"},
	}
	return append(m, ceremonyMutants()...)
}

func ceremonyMutants() []mutant {
	return []mutant{
		{"reveal does not match its hash", only(verify.DKGCommitments), played(edit(1, func(_ *message.Entry, b *message.DKGCommit) { b.Hash[0] ^= 1 })), "trustee t2"},
		{"hash under another index", only(verify.DKGCommitments), played(edit(1, func(_ *message.Entry, b *message.DKGCommit) { b.Index = 1 })), "trustee t2"},
		{"reveal under another index", only(verify.DKGCommitments), played(testelection.Hooks{Reveal: func(i int, r *message.DKGReveal) {
			if i == 1 {
				r.Index = 1
			}
		}}), "trustee t2"},

		{"one coefficient more", only(verify.Coefficients), played(testelection.Hooks{Reveal: func(i int, r *message.DKGReveal) {
			if i == 0 {
				r.Commitments, r.Proofs = append(r.Commitments, r.Commitments[1]), append(r.Proofs, r.Proofs[1])
			}
		}}), "trustee t1"},
		{"constant term is the identity", only(verify.Coefficients), played(testelection.Hooks{Polynomial: func(i int, a []point.Scalar) {
			if i == 2 {
				a[0] = point.Scalar{}
			}
		}}), "trustee t3"},
		{"constant term is another's", only(verify.Coefficients), played(polynomials(func(all [][]point.Scalar, i int, a []point.Scalar) {
			if i == 2 {
				a[0] = all[0][0]
			}
		})), "trustee t3"},

		{"proof of knowledge fails", only(verify.Knowledge), played(testelection.Hooks{Reveal: func(i int, r *message.DKGReveal) {
			if i == 1 {
				r.Proofs[1].Response[0] ^= 1
			}
		}}), "trustee t2"},
		{"proof of another coefficient", only(verify.Knowledge), played(testelection.Hooks{Reveal: func(i int, r *message.DKGReveal) {
			if i == 1 {
				r.Proofs[1], r.Proofs[0] = r.Proofs[0], r.Proofs[1]
			}
		}}), "trustee t2"},

		{"recipients out of order", only(verify.Dealing), played(edit(2, func(_ *message.Entry, b *message.DKGShares) {
			b.Shares[0].Recipient, b.Shares[1].Recipient = 2, 1
		})), "trustee t3"},
		{"a recipient left out", only(verify.Dealing), played(edit(2, func(_ *message.Entry, b *message.DKGShares) { b.Shares = b.Shares[:2] })), "trustee t3"},
		{"dealt in another's name", only(verify.Dealing), played(edit(2, func(_ *message.Entry, b *message.DKGShares) { b.Dealer = 1 })), "trustee t3"},
		{"abort blames the victim", only(verify.Dealing), func() record.Memory { return complained(true, "t2") }, "authority"},
		{"abort blames the honest dealer", only(verify.Dealing), func() record.Memory { return complained(false, "t1") }, "authority"},
		{"abort blames one who has answered", only(verify.Dealing), func() record.Memory {
			e := testelection.New(testelection.Small())
			e.Hooks = without(message.TypeDKGReveal, 2)
			e.PostManifest()
			e.PostCommits()
			e.PostReveals()
			e.Abort("t1")
			return e.Record()
		}, "authority"},
		{"nobody is eligible", only(verify.Credentials), func() record.Memory {
			c := testelection.Small()
			c.Voters = nil
			e := testelection.New(c)
			e.Setup()
			e.Finish()
			return e.Record()
		}, "registrar"},
		{"a complaint and then credentials", only(verify.Order), func() record.Memory {
			e := testelection.New(testelection.Small())
			var dealt *message.DKGShares
			e.Edit = func(_ *message.Entry, body any) {
				if m, ok := body.(*message.DKGShares); ok && m.Dealer == 1 {
					dealt = m
				}
			}
			e.PostManifest()
			e.PostCommits()
			e.PostReveals()
			e.PostDealings()
			e.Complain(0, 1, dealt)
			e.PostCredentials()
			e.Abort("t2")
			return e.Record()
		}, "authority"},
		{"abort blames somebody without reason", only(verify.Dealing), func() record.Memory {
			e := testelection.New(testelection.Small())
			e.PostManifest()
			e.PostCommits()
			e.PostReveals()
			e.PostDealings()
			e.Abort("t1")
			return e.Record()
		}, "authority"},

		{"opened with another key", only(verify.ElectionKey), played(edit(0, func(_ *message.Entry, b *message.Open) {
			g := point.Generator()
			b.ElectionKey = g.Encode()
		})), "authority"},
		{"another key confirmed", only(verify.ElectionKey), played(edit(1, func(_ *message.Entry, b *message.Confirm) {
			g := point.Generator()
			b.ElectionKey = g.Encode()
		})), "trustee t2"},
		{"keys cancel", only(verify.ElectionKey), played(polynomials(func(all [][]point.Scalar, i int, a []point.Scalar) {
			if i == 2 {
				sum := all[0][0].Add(&all[1][0])
				a[0] = sum.Negate()
			}
		})), "authority"},

		{"credentials out of order", only(verify.Credentials), played(edit(0, func(_ *message.Entry, b *message.Credentials) {
			b.List[0], b.List[1] = b.List[1], b.List[0]
		})), "registrar"},
		{"the identity is a credential", only(verify.Credentials), with(testelection.Small(), edit(0, func(_ *message.Entry, b *message.Credentials) {
			b.List = append([]message.Credential{{Style: "all", Unit: "north", Weight: 1}}, b.List...)
		}), func(*testelection.Election) {}), "registrar"},
		{"unknown unit", only(verify.Credentials), played(edit(0, func(_ *message.Entry, b *message.Credentials) { b.List[0].Unit = "nowhere" })), "registrar"},
		{"another root", only(verify.Credentials), played(edit(0, func(_ *message.Entry, b *message.Electorate) { b.Root[0] ^= 1 })), "registrar"},
		{"another count", only(verify.Credentials), played(edit(0, func(_ *message.Entry, b *message.Electorate) { b.Count++ })), "registrar"},
		{"another weight", only(verify.Credentials), played(edit(0, func(_ *message.Entry, b *message.Electorate) { b.Weight++ })), "registrar"},
		{"another number of chunks", only(verify.Credentials), played(edit(0, func(_ *message.Entry, b *message.Electorate) { b.Chunks++ })), "registrar"},
		{"too much weight", only(verify.Credentials), heavy, "registrar"},

		{"another fingerprint confirmed", only(verify.Fingerprint), played(edit(2, func(_ *message.Entry, b *message.Confirm) { b.Fingerprint[0] ^= 1 })), "trustee t3"},
		{"opened for another election", only(verify.Fingerprint), played(edit(0, func(e *message.Entry, _ *message.Open) { e.Context[0] ^= 1 })), "authority"},
		{"close for another election", only(verify.Fingerprint), played(edit(0, func(e *message.Entry, _ *message.CloseChannel) { e.Context[0] ^= 1 })), "authority"},
		{"cast for another election, and counted", only(verify.Fingerprint, verify.Participation, verify.Aggregates, verify.Bounds, verify.ResultComplete), played(edit(1, func(e *message.Entry, _ *message.Cast) { e.Context[0] ^= 1 })), "authority"},
	}
}

func polynomials(change func(all [][]point.Scalar, i int, a []point.Scalar)) testelection.Hooks {
	var all [][]point.Scalar
	return testelection.Hooks{Polynomial: func(i int, a []point.Scalar) {
		change(all, i, a)
		all = append(all, a)
	}}
}

// setupWith plays another setup and the rest of the small election.
func setupWith(setup func(e *testelection.Election)) record.Memory {
	e := testelection.New(testelection.Small())
	setup(e)
	vote(e)
	e.Finish()
	return e.Record()
}

// voted plays the small election up to the close and lets f do the rest.
func voted(f func(e *testelection.Election)) record.Memory {
	e := testelection.New(testelection.Small())
	e.Setup()
	vote(e)
	f(e)
	return e.Record()
}

// tallied does what comes after participation.
func tallied(e *testelection.Election) {
	e.PostSeal()
	e.PostAggregates()
	e.PostShares()
	e.PostResult()
}

// without leaves out the nth entry of a type.
func without(typ message.Type, n int) testelection.Hooks {
	seen := -1
	return testelection.Hooks{Bytes: func(e *message.Entry, data []byte) []byte {
		if e.Type == typ {
			if seen++; seen == n {
				return nil
			}
		}
		return data
	}}
}

// complained is an aborted ceremony: trustee 2 complains about dealer 1,
// which really sent it another share or not.
func complained(guilty bool, culprit string) record.Memory {
	e := testelection.New(testelection.Small())
	var dealt *message.DKGShares
	e.Edit = func(_ *message.Entry, body any) {
		if m, ok := body.(*message.DKGShares); ok && m.Dealer == 1 {
			if guilty {
				m.Shares[1] = e.Encrypt(0, 1, point.ScalarOf(7))
			}
			dealt = m
		}
	}
	e.PostManifest()
	e.PostCommits()
	e.PostReveals()
	e.PostDealings()
	e.Complain(0, 1, dealt)
	e.Abort(culprit)
	return e.Record()
}

// heavy has 101 voters of a million each.
func heavy() record.Memory {
	c := testelection.Small()
	c.Manifest.Weights = []uint64{1_000_000}
	c.Manifest.MinimumCell = 1000
	c.Voters = nil
	for range 101 {
		c.Voters = append(c.Voters, testelection.Voter{Style: "all", Unit: "north", Weight: 1_000_000})
	}
	e := testelection.New(c)
	e.Setup()
	e.Finish()
	return e.Record()
}

// chunked is a record whose manifest lies in chunks.
func chunked() record.Memory {
	c := testelection.Small()
	c.Manifest.Contests[0].Options[0].Title = strings.Repeat("A very long title. ", 4000)
	e := testelection.New(c)
	e.Setup()
	vote(e)
	e.Finish()
	return e.Record()
}
