package linear_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"scrutineer/harness/history"
	"scrutineer/harness/linear"
	"scrutineer/reports/event"
)

// told is a history that is told call by call.
type told struct {
	r       *history.Recorder
	pending []*history.Pending
}

func (h *told) begin(voter, op, tracker, after string) int {
	o := event.Operation{Election: "e", Actor: voter, Role: history.RoleVoter, Op: op}
	if tracker != "" {
		o.Ballot = &event.Ballot{Tracker: tracker, Predecessor: after}
	}
	h.pending = append(h.pending, h.r.Invoke(o))
	return len(h.pending) - 1
}

func (h *told) ok(i int, index int64) {
	h.pending[i].OK(func(o *event.Operation) {
		if o.Ballot != nil {
			o.Ballot.Index = &index
		}
	})
}

func (h *told) refused(i int, reason string) {
	h.pending[i].Refused(func(o *event.Operation) { o.Code = reason })
}

func (h *told) broken(t *testing.T) bool {
	t.Helper()
	r := linear.Check(linear.Calls(h.r.History(), "e"), 10*time.Second)
	if !r.Decided {
		t.Fatal("undecided")
	}
	return r.Broken()
}

func TestModel(t *testing.T) {
	for name, c := range map[string]struct {
		tell   func(h *told)
		broken bool
	}{
		"two after another": {func(h *told) {
			h.ok(h.begin("v", "cast", "a", "none"), 4)
			h.ok(h.begin("v", "cast", "b", "a"), 5)
			h.ok(h.begin("close", "seal", "", ""), 0)
		}, false},
		"two children of one predecessor": {func(h *told) {
			i, j := h.begin("v", "cast", "a", "none"), h.begin("v", "cast", "b", "none")
			h.ok(i, 4)
			h.ok(j, 5)
		}, true},
		"the second of them refused, whoever was first": {func(h *told) {
			i, j := h.begin("v", "cast", "a", "none"), h.begin("v", "cast", "b", "none")
			h.refused(i, "not-head")
			h.ok(j, 5)
		}, false},
		"refused although nothing stood": {func(h *told) {
			h.refused(h.begin("v", "cast", "a", "none"), "not-head")
		}, true},
		"the same decision, the same answer": {func(h *told) {
			i, j := h.begin("v", "cast", "a", "none"), h.begin("v", "cast", "a", "none")
			h.ok(i, 4)
			h.ok(j, 4)
		}, false},
		"the same decision, two places": {func(h *told) {
			i, j := h.begin("v", "cast", "a", "none"), h.begin("v", "cast", "a", "none")
			h.ok(i, 4)
			h.ok(j, 5)
		}, true},
		"taken after it was refused for good": {func(h *told) {
			h.ok(h.begin("v", "cast", "x", "none"), 3)
			h.refused(h.begin("v", "cast", "a", "none"), "not-head")
			h.ok(h.begin("v", "cast", "a", "none"), 4)
		}, true},
		"cast after a challenge": {func(h *told) {
			h.ok(h.begin("v", "challenge", "a", ""), 4)
			h.ok(h.begin("v", "cast", "a", "none"), 5)
		}, true},
		"after the close": {func(h *told) {
			h.ok(h.begin("close", "seal", "", ""), 0)
			h.ok(h.begin("v", "cast", "a", "none"), 4)
		}, true},
		"while it closes": {func(h *told) {
			c, i, j := h.begin("close", "seal", "", ""), h.begin("v", "cast", "a", "none"), h.begin("w", "cast", "b", "none")
			h.ok(i, 4)
			h.refused(j, "closed")
			h.ok(c, 0)
		}, false},
		"closed, and then not": {func(h *told) {
			c := h.begin("close", "seal", "", "")
			h.refused(h.begin("v", "cast", "a", "none"), "closed")
			h.ok(h.begin("v", "cast", "b", "none"), 4)
			h.ok(c, 0)
		}, true},
		"an answer lost, and the ballot there": {func(h *told) {
			h.begin("v", "cast", "a", "none")
			h.ok(h.begin("v", "cast", "b", "a"), 5)
		}, false},
		"an answer lost, and the ballot not there": {func(h *told) {
			h.begin("v", "cast", "a", "none")
			h.ok(h.begin("v", "cast", "b", "none"), 5)
		}, false},
		"an acknowledged ballot forgotten": {func(h *told) {
			h.ok(h.begin("v", "cast", "a", "none"), 4)
			h.ok(h.begin("v", "cast", "b", "none"), 5)
		}, true},
		"one place for two voters": {func(h *told) {
			h.ok(h.begin("v", "cast", "a", "none"), 4)
			h.ok(h.begin("w", "cast", "b", "none"), 4)
		}, true},
		"a place before one that was filled": {func(h *told) {
			h.ok(h.begin("v", "cast", "a", "none"), 5)
			h.ok(h.begin("w", "cast", "b", "none"), 4)
		}, true},
	} {
		h := &told{r: history.NewRecorder(nil)}
		c.tell(h)
		if got := h.broken(t); got != c.broken {
			t.Errorf("%s: broken = %v", name, got)
		}
	}
}

func TestPictureShowsWhereItBreaks(t *testing.T) {
	h := &told{r: history.NewRecorder(nil)}
	i, j := h.begin("vera", "cast", "a", "none"), h.begin("vera", "cast", "b", "none")
	h.ok(i, 4)
	h.ok(j, 5)
	var page bytes.Buffer
	if err := linear.Check(linear.Calls(h.r.History(), "e"), time.Second).Picture(&page); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(page.String(), "vera: cast b after none: ok at 5") {
		t.Error("the page does not show the second cast")
	}
}
