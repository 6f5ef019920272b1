package history

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scrutineer/reports/event"
)

func clock() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }

// What is recorded and written can be read again and is the same.
func TestRecorderRoundTrip(t *testing.T) {
	var buf bytes.Buffer
	r := NewRecorder(event.NewWriter(&buf, event.History, clock))
	cast := r.Invoke(event.Operation{Actor: "vera", Role: RoleVoter, Op: OpCast,
		Params: []event.Param{{Name: "oddity", Value: "retry"}},
		Ballot: &event.Ballot{Choices: []event.Choice{{Contest: "c", Options: []string{"a"}}}}})
	lost := r.Invoke(event.Operation{Actor: "lost", Role: RoleVoter, Op: OpCast})
	r.Find(event.Finding{Kind: event.Alarm, Check: "V-21", Role: "voter", Message: "index taken"})
	cast.OK(func(o *event.Operation) { o.Ballot.Tracker = "t1" })
	cast.Refused(nil) // too late
	no := r.Invoke(event.Operation{Actor: "mallory", Op: OpSeal})
	no.Refused(func(o *event.Operation) { o.Code = "closed"; o.ID = "forged"; o.Type = event.OpOK })
	_ = lost

	live := r.History()
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	saved, err := Read(&buf, "history.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(live, saved); diff != "" {
		t.Error(diff)
	}
	o := saved.Ops
	if len(o) != 3 || o[0].Type != event.OpOK || o[0].Ballot.Tracker != "t1" || len(o[0].Params) != 1 || !o[0].Completed {
		t.Errorf("first operation: %+v", o[0])
	}
	if o[1].Type != event.OpUnknown || o[1].Completed {
		t.Errorf("an operation that never ended: %+v", o[1])
	}
	if o[2].Type != event.OpRefused || o[2].Code != "closed" || o[2].ID != "op-3" {
		t.Errorf("a refused operation: %+v", o[2])
	}
	if len(saved.Findings) != 1 || len(saved.Casts()) != 2 {
		t.Error("findings or casts are missing")
	}
	if s, ok := saved.Last(OpSeal); !ok || s.Actor != "mallory" {
		t.Error("Last does not find the seal")
	}
	if _, ok := saved.Last(OpPublish); ok {
		t.Error("Last finds what is not there")
	}
}

// The invocation that a recorder was given is not changed by the completion.
func TestCompletionDoesNotChangeInvocation(t *testing.T) {
	r := NewRecorder(nil)
	b := &event.Ballot{Style: "s"}
	r.Invoke(event.Operation{Actor: "v", Op: OpCast, Ballot: b}).OK(func(o *event.Operation) { o.Ballot.Tracker = "t" })
	if b.Tracker != "" {
		t.Error("changed")
	}
}

func TestRecorderConcurrently(t *testing.T) {
	var buf bytes.Buffer
	r := NewRecorder(event.NewWriter(&buf, event.History, clock))
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			p := r.Invoke(event.Operation{Actor: fmt.Sprint("v", i), Role: RoleVoter, Op: OpCast})
			defer p.Unknown(nil)
			if i%2 == 0 {
				p.OK(nil)
			}
		})
	}
	wg.Wait()
	h, err := Read(&buf, "h")
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	ok := 0
	for _, o := range h.Ops {
		if o.Type == event.OpOK && o.Completed {
			ok++
		}
	}
	if len(h.Ops) != 50 || ok != 25 {
		t.Errorf("%d operations, %d ok", len(h.Ops), ok)
	}
}

type fullDisk struct{}

func (fullDisk) Write(event.Event) error { return errors.New("disk full") }

func TestSinkErrorIsKept(t *testing.T) {
	r := NewRecorder(fullDisk{})
	r.Invoke(event.Operation{Actor: "v", Op: OpCast}).OK(nil)
	if r.Err() == nil || len(r.History().Ops) != 1 {
		t.Error("the error is lost, or the history")
	}
}

func TestReadRejects(t *testing.T) {
	line := func(seq int, id, typ string) string {
		return fmt.Sprintf(`{"operation":{"actor":"a","id":"%s","op":"cast","type":"%s"},"schema":1,"seq":%d,"time":"2026-03-02T09:00:00Z"}`+"\n", id, typ, seq)
	}
	for _, c := range []struct {
		name, in string
		want     error
		at       string
	}{
		{"invoked twice", line(1, "x", "invoke") + line(2, "x", "invoke"), ErrInvocation, "h:2"},
		{"never invoked", line(1, "x", "ok"), ErrInvocation, "h:1"},
		{"completed twice", line(1, "x", "invoke") + line(2, "x", "ok") + line(3, "x", "refused"), ErrCompletion, "h:3"},
		{"cut off", strings.TrimSuffix(line(1, "x", "invoke"), "\n"), event.ErrTruncated, "h:1"},
	} {
		if _, err := Read(strings.NewReader(c.in), "h"); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.at) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestIn(t *testing.T) {
	h := History{Ops: []Op{{Operation: event.Operation{Election: "a"}}, {Operation: event.Operation{Election: "b"}}, {}}}
	if got := h.In("b"); len(got.Ops) != 2 || got.Ops[0].Election != "b" {
		t.Errorf("%+v", got)
	}
}

func TestLawful(t *testing.T) {
	e := &Electorate{
		Contests: []Contest{{ID: "c", Options: []string{"a", "b", "x"}, Min: 1, Max: 2, Blank: true}, {ID: "d", Options: []string{"a"}, Max: 1}},
		Styles:   map[string][]string{"s": {"c"}},
	}
	for _, c := range []struct {
		vote Vote
		want string
	}{
		{Vote{"c": {Options: []string{"a"}}}, ""},
		{Vote{"c": {Blank: true}}, ""},
		{Vote{"c": {}}, "at least 1"},
		{Vote{}, "at least 1"},
		{Vote{"c": {Options: []string{"a", "b", "x"}}}, "at most 2"},
		{Vote{"c": {Options: []string{"a", "a"}}}, "twice"},
		{Vote{"c": {Options: []string{"q"}}}, `no option "q"`},
		{Vote{"c": {Options: []string{"a"}, Blank: true}}, "selects options"},
		{Vote{"c": {Options: []string{"a"}}, "d": {}}, "not on a ballot"},
	} {
		err := e.Lawful("s", c.vote)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v, want %q", c.vote, err, c.want)
		}
	}
	if e.Lawful("none", nil) == nil || (Contest{Options: []string{"a"}}).Lawful(Selection{Blank: true}) == nil {
		t.Error("an unknown style or a forbidden blank vote is lawful")
	}
}
