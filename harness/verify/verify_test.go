package verify_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// check verifies a record that is expected to give a report.
func check(t testing.TB, src record.Source, o verify.Options) *verify.Report {
	t.Helper()
	r, err := verify.Verify(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// small plays the small election with revotes and a challenge.
func small(hooks testelection.Hooks) *testelection.Election {
	e := testelection.New(testelection.Small())
	e.Hooks = hooks
	e.Setup()
	vote(e)
	e.Finish()
	return e
}

func vote(e *testelection.Election) {
	for v := range 6 {
		e.Cast(v, [][]int{{v % 3}})
	}
	e.Challenge(e.EncryptBallot(6, [][]int{{1}}))
	e.Cast(0, [][]int{{testelection.Blank}})
	e.Cast(0, [][]int{{2}})
	e.Cast(6, [][]int{{testelection.Blank}})
}

// rich plays the election that has everything.
func rich(hooks testelection.Hooks) *testelection.Election {
	e := testelection.New(testelection.Rich())
	e.Hooks = hooks
	e.Setup()
	for v, voter := range e.Voters {
		choices := [][]int{{v % 3}, {v % 5, (v + 2) % 5}, {v % 2}}
		if voter.Style == "village" {
			choices = [][]int{{0, 1}, {v % 3}}
		}
		if v < 8 {
			e.Cast(v, choices)
		}
	}
	e.Challenge(e.EncryptBallot(8, [][]int{{0}, {1}, {}}))
	e.Finish()
	return e
}

func requirePassed(t testing.TB, r *verify.Report) {
	t.Helper()
	for _, f := range r.Findings {
		text, _ := json.Marshal(f)
		t.Errorf("%s", text)
	}
	for _, row := range r.Checks {
		if row.Status != verify.Passed && row.Status != verify.NotPinned {
			t.Errorf("%+v", row)
		}
	}
	if !r.Passed {
		t.Error("not passed")
	}
}

// honestRecords are records that nobody has done anything wrong to.
func honestRecords() map[string]func() record.Memory {
	withheld := testelection.Small()
	withheld.Manifest.MinimumCell = 5
	none := testelection.Small()
	none.Manifest.Revote = message.RevoteNone
	one := testelection.Small()
	one.Trustees, one.Witness, one.Manifest.Threshold, one.Manifest.Quorum = 1, 1, 1, 1
	return map[string]func() record.Memory{
		"small":   func() record.Memory { return small(testelection.Hooks{}).Record() },
		"rich":    func() record.Memory { return rich(testelection.Hooks{}).Record() },
		"chunked": chunked,
		"nobody voted": func() record.Memory {
			e := testelection.New(testelection.Small())
			e.Setup()
			e.Finish()
			return e.Record()
		},
		"withheld":         with(withheld, testelection.Hooks{}, func(*testelection.Election) {}),
		"no revotes":       with(none, testelection.Hooks{}, func(*testelection.Election) {}),
		"one trustee":      with(one, testelection.Hooks{}, func(*testelection.Election) {}),
		"all trustees":     thirdShare(func(*testelection.Election) {}),
		"others of the t":  lastShares,
		"many credentials": crowd,
		"dealer at fault":  func() record.Memory { return complained(true, "t1") },
		"false complaint":  func() record.Memory { return complained(false, "t2") },
		"silent trustee":   silent,
		"late complaint":   lateComplaint,
		"silent registrar": func() record.Memory {
			e := testelection.New(testelection.Small())
			e.PostManifest()
			e.PostCommits()
			e.PostReveals()
			e.PostDealings()
			e.Abort("registrar")
			return e.Record()
		},
		"no confirmation": func() record.Memory {
			e := testelection.New(testelection.Small())
			e.PostManifest()
			e.PostCommits()
			e.PostReveals()
			e.PostDealings()
			e.PostCredentials()
			e.Abort("t2")
			return e.Record()
		},
		"several bundles":   func() record.Memory { return sized(600, 5).Record() },
		"online channels 2": twoChannels,
	}
}

func TestHonestRecordsPass(t *testing.T) {
	if testing.Short() {
		t.Skip("the vectors hold some of these records, made already")
	}
	for name, make := range honestRecords() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rec := make()
			r := check(t, rec, verify.Options{})
			agrees(t, rec, r)
			requirePassed(t, r)
		})
	}
}

// lastShares is decrypted by the second and third trustee.
func lastShares() record.Memory {
	return voted(func(e *testelection.Election) {
		e.Close()
		e.PostParticipation()
		e.PostSeal()
		e.PostAggregates()
		e.PostSharesOf(2)
		e.PostSharesOf(1)
		e.PostResult()
	})
}

// crowd has several chunks of credentials.
func crowd() record.Memory {
	e := testelection.New(testelection.Small())
	for len(e.Voters) < 300 {
		e.Voters = append(e.Voters, e.Voters[len(e.Voters)%8])
	}
	e.Setup()
	vote(e)
	e.Finish()
	return e.Record()
}

// silent is a ceremony that ends because a trustee does not answer.
func silent() record.Memory {
	e := testelection.New(testelection.Small())
	e.Hooks = without(message.TypeDKGReveal, 2)
	e.PostManifest()
	e.PostCommits()
	e.PostReveals()
	e.Abort("t3")
	return e.Record()
}

// lateComplaint comes when a slow trustee has seen the credentials already.
func lateComplaint() record.Memory {
	e := testelection.New(testelection.Small())
	var dealt *message.DKGShares
	e.Edit = func(_ *message.Entry, body any) {
		if m, ok := body.(*message.DKGShares); ok && m.Dealer == 1 {
			m.Shares[2] = e.Encrypt(0, 2, point.ScalarOf(7))
			dealt = m
		}
	}
	e.PostManifest()
	e.PostCommits()
	e.PostReveals()
	e.PostDealings()
	e.PostCredentials()
	e.Complain(0, 2, dealt)
	e.Abort("t1")
	return e.Record()
}

// twoChannels has two online channels; one closes early.
func twoChannels() record.Memory {
	c := testelection.Small()
	c.Manifest.Channels = []message.Channel{
		{ID: "web", Kind: message.ChannelOnline, Opens: testelection.Opens, Closes: testelection.Closes},
		{ID: "app", Kind: message.ChannelOnline, Opens: testelection.Opens, Closes: testelection.Closes}}
	e := testelection.New(c)
	e.Setup()
	e.Cast(0, [][]int{{0}})
	e.Cast(2, [][]int{{0}})
	e.Append(message.TypeCloseChannel, message.RoleAuthority, "", e.Fingerprint, &message.CloseChannel{Channel: "app"})
	e.Cast(1, [][]int{{1}})
	e.Cast(3, [][]int{{1}})
	e.Append(message.TypeCloseChannel, message.RoleAuthority, "", e.Fingerprint, &message.CloseChannel{Channel: "web"})
	e.Now = testelection.Closes
	e.Checkpoint(record.Closed)
	e.PostParticipation()
	tallied(e)
	return e.Record()
}

// sized is an election of one contest with so many ballots and options.
func sized(ballots, options int) *testelection.Election {
	c := testelection.Small()
	c.Manifest.Contests[0] = testelection.Contest("mayor", options, 0, 1, false)
	c.Voters = nil
	for i := range ballots {
		c.Voters = append(c.Voters, testelection.Voter{Style: "all", Unit: []string{"north", "south"}[i%2], Weight: 1})
	}
	e := testelection.New(c)
	e.Setup()
	for v := range ballots {
		e.Cast(v, [][]int{{v % options}})
	}
	e.Finish()
	return e
}

func TestTotals(t *testing.T) {
	r := check(t, rich(testelection.Hooks{}).Record(), verify.Options{})
	want := []verify.ContestTotals{
		{Contest: "mayor", Totals: []uint64{7, 5, 4, 0}, Winners: []string{"a0"}, Tied: []string{}},
		{Contest: "council", Totals: []uint64{1, 4, 5, 3, 5}, Winners: []string{"c2", "e4"}, Tied: []string{}},
		{Contest: "referendum", Totals: []uint64{11, 12}, Winners: []string{"b1"}, Tied: []string{}},
	}
	for i, c := range r.Contests {
		if c.Contest != want[i].Contest || !slices.Equal(c.Totals, want[i].Totals) || !slices.Equal(c.Winners, want[i].Winners) || len(c.Tied) > 0 {
			t.Errorf("got %+v, want %+v", c, want[i])
		}
	}
	if got := r.Counts; got.Counted != 8 || got.Casts != 8 || got.Challenges != 1 || got.Cells != 6 {
		t.Errorf("counts %+v", got)
	}
}

// TestTrueTotals: where the result lies, the report says what the shares
// really decrypt to.
func TestTrueTotals(t *testing.T) {
	honest := check(t, small(testelection.Hooks{}).Record(), verify.Options{})
	lie := check(t, results(func(r *message.Result) {
		r.Contests[0].Cells[0].Totals[0] += 3
		r.Contests[0].Totals[0] += 3
		outcome(r)
	})(), verify.Options{})
	if !reflect.DeepEqual(honest.Contests, lie.Contests) {
		t.Errorf("got %+v, want %+v", lie.Contests, honest.Contests)
	}
}

// TestReportsAreDeterministic: neither the number of workers nor chance shows.
func TestReportsAreDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("a record of 300 ballots, ten times")
	}
	e := sized(300, 3)
	rec := e.Record()
	corrupt := rec.Clone()
	b := corrupt["tile/entries/000"]
	for i := 200_000; i < len(b); i += 3000 {
		b[i] ^= 1
	}
	for name, rec := range map[string]record.Memory{"honest": rec, "corrupt": corrupt} {
		var first string
		for workers := 1; workers <= 5; workers++ {
			data, err := json.Marshal(check(t, rec, verify.Options{Workers: workers}))
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(data)
			} else if string(data) != first {
				t.Fatalf("%s: %d workers give another report", name, workers)
			}
		}
	}
}

func TestPins(t *testing.T) {
	rec := small(testelection.Hooks{}).Record()
	r := check(t, rec, verify.Options{})
	if row := r.Check(verify.Pins); row.Status != verify.NotPinned || row.Note == "" || !r.Passed {
		t.Errorf("without pins: %+v", row)
	}
	id := r.Identity
	r = check(t, rec, verify.Options{PinFingerprint: &id.Fingerprint, PinBoardKey: &id.BoardKey})
	if row := r.Check(verify.Pins); row.Status != verify.Passed || row.Seen != 2 {
		t.Errorf("with pins: %+v", row)
	}
	other := id.Fingerprint
	other[0] ^= 1
	for _, o := range []verify.Options{{PinFingerprint: &other}, {PinBoardKey: &other}} {
		r = check(t, rec, o)
		if got := r.Failed(); !slices.Equal(got, only(verify.Pins)) {
			t.Errorf("with another pin: %v", got)
		}
	}
}

// TestKept: what somebody kept of the board is held against the record.
func TestKept(t *testing.T) {
	e := small(testelection.Hooks{})
	rec := e.Record()
	at := slices.IndexFunc(e.Entries(), func(data []byte) bool { return bytes.Contains(data, []byte(`"type":"cast"`)) })
	entry, err := message.DecodeEntry(e.Entries()[at])
	if err != nil {
		t.Fatal(err)
	}
	cast, err := codec.Decode[message.Cast](entry.Body, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	content := encoded(cast.Decision.Content())
	receipt := func(change func(r *message.Receipt)) verify.Options {
		r := message.Receipt{Credential: cast.Decision.Credential, Decision: challenge.Decision(content),
			Fingerprint: e.Fingerprint, Index: uint64(at), Tracker: cast.Decision.Tracker}
		change(&r)
		digest := challenge.Receipt(&r)
		r.Signature = message.Signature(ed25519.Sign(e.Key("board", e.Manifest.Board.Origin), digest[:]))
		return verify.Options{KeptReceipts: []message.Receipt{r}}
	}
	kept := func(h testelection.Checkpoint) verify.Options {
		h.Origin, h.Times = e.Manifest.Board.Origin, []uint64{1, 2, 3}
		return verify.Options{KeptHeads: [][]byte{e.Sign(&h)}}
	}
	prefix := e.Entries()[:at+1]
	unsigned := receipt(func(*message.Receipt) {})
	unsigned.KeptReceipts[0].Signature[0] ^= 1
	opening := slices.IndexFunc(e.Entries(), func(data []byte) bool { return bytes.Contains(data, []byte(`"type":"open"`)) })
	between := e.Entries()[:opening+1]
	late := small(testelection.Hooks{Head: func(m record.Moment, h *testelection.Checkpoint) {
		if m == record.Opened {
			h.Size, h.Root = uint64(len(prefix)), rootOf(prefix)
		}
	}}).Record()
	passedOver := check(t, late, kept(testelection.Checkpoint{Size: uint64(len(between)), Root: rootOf(between)}))
	if got := passedOver.Failed(); !slices.Equal(got, only(verify.Kept)) {
		t.Errorf("a head that was passed over: rejected by %v", got)
	}
	for name, c := range map[string]struct {
		o      verify.Options
		passes bool
	}{
		"nothing":                          {verify.Options{}, true},
		"the receipt":                      {receipt(func(*message.Receipt) {}), true},
		"a head on the way":                {kept(testelection.Checkpoint{Size: uint64(len(prefix)), Root: rootOf(prefix)}), true},
		"a head of another history":        {kept(testelection.Checkpoint{Size: uint64(len(prefix)), Root: [32]byte{1}}), false},
		"a head of a longer board":         {kept(testelection.Checkpoint{Size: 1000, Root: [32]byte{1}}), false},
		"no head at all":                   {verify.Options{KeptHeads: [][]byte{[]byte("tuesday")}}, false},
		"a receipt for another entry":      {receipt(func(r *message.Receipt) { r.Index++ }), false},
		"a receipt for no entry":           {receipt(func(r *message.Receipt) { r.Index = 1 << 30 }), false},
		"a receipt for another decision":   {receipt(func(r *message.Receipt) { r.Decision[0] ^= 1 }), false},
		"a receipt for another ballot":     {receipt(func(r *message.Receipt) { r.Tracker[0] ^= 1 }), false},
		"a receipt of another election":    {receipt(func(r *message.Receipt) { r.Fingerprint[0] ^= 1 }), false},
		"a receipt that nobody has signed": {unsigned, false},
	} {
		r := check(t, rec, c.o)
		want := []verify.Check(nil)
		if !c.passes {
			want = only(verify.Kept)
		}
		if got := r.Failed(); !slices.Equal(got, want) || r.Passed != c.passes {
			t.Errorf("%s: rejected by %v, want %v", name, got, want)
		}
		if row := r.Check(verify.Kept); row.Expected != uint64(len(c.o.KeptHeads)+len(c.o.KeptReceipts)) || row.Seen != row.Expected {
			t.Errorf("%s: %+v", name, row)
		}
	}
}

func TestFindingsAreBounded(t *testing.T) {
	rec := voting(func(e *testelection.Election) {
		for range 40 {
			x := e.EncryptBallot(5, [][]int{{0, 1}})
			e.CastBallot(5, x)
		}
	})()
	r := check(t, rec, verify.Options{Findings: 7})
	if row := r.Check(verify.Sums); row.Faults != 40 || row.Status != verify.Failed || len(r.Findings) != 7 {
		t.Errorf("%+v with %d findings", row, len(r.Findings))
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := verify.Verify(ctx, small(testelection.Hooks{}).Record(), verify.Options{}); !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("got %v, %v", r, err)
	}
}

func TestFolder(t *testing.T) {
	e := rich(testelection.Hooks{})
	dir := filepath.Join(t.TempDir(), "record")
	for path, data := range e.Record() {
		writeFile(t, dir, path, data)
	}
	src, err := record.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	requirePassed(t, check(t, src, verify.Options{}))
	if err := os.Symlink("checkpoint", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if got := check(t, src, verify.Options{}).Failed(); !slices.Equal(got, only(verify.Files)) {
		t.Errorf("with a link: %v", got)
	}
}

// What an explanation must name: who knows, and who is protected.
var (
	knower    = regexp.MustCompile(`^(anyone|the user|voters|the voter|two readers)\b`)
	protected = regexp.MustCompile(`\b(voters?|candidates|trustees|registrar|everybody|user)\b`)
)

func TestExplain(t *testing.T) {
	said := map[string]verify.Check{}
	for _, c := range verify.Checks() {
		x, ok := verify.Explain(c)
		if !ok || x.Title == "" || x.Counts == "" {
			t.Errorf("%s: %+v", c, x)
		}
		for what, text := range map[string]string{"holds": x.Holds, "proves": x.Proves, "protects": x.Protects, "otherwise": x.Else} {
			if len(strings.Fields(text)) < 3 || strings.HasSuffix(text, ".") || !strings.Contains(x.String(), text) {
				t.Errorf("%s %s: %q", c, what, text)
			}
			if other, twice := said[text]; twice {
				t.Errorf("%s %s what %s says: %q", c, what, other, text)
			}
			said[text] = c
		}
		if !knower.MatchString(x.Proves) {
			t.Errorf("%s does not say to whom it proves: %q", c, x.Proves)
		}
		if !protected.MatchString(x.Protects) {
			t.Errorf("%s does not say whom it protects: %q", c, x.Protects)
		}
		if again, ok := verify.ParseCheck(c.String()); !ok || again != c {
			t.Errorf("%s parses as %s", c, again)
		}
	}
	if _, ok := verify.Explain(0); ok {
		t.Error("check 0 is explained")
	}
	if c, ok := verify.ParseCheck("v7"); !ok || c != verify.Signatures {
		t.Errorf("v7 is %s", c)
	}
}

func writeFile(t testing.TB, dir, path string, data []byte) {
	t.Helper()
	name := filepath.Join(dir, filepath.FromSlash(path))
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o755), os.WriteFile(name, data, 0o644)); err != nil {
		t.Fatal(err)
	}
}
