package scrutineer

import (
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func parliament() Description {
	return Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("v", "u"),
		Units: []string{"north", "south"}}
}

// A ballot in V's name is as good as V's own, once V has signed its tracker.
func TestSubstitute(t *testing.T) {
	d := parliament()
	w := opened(t, d)
	e, v := w.view.Election, w.voter("v")
	mine, err := v.Prepare(Choices{"c": {"a"}})
	w.must(err)
	other, err := e.Substitute(&mine.Ballot, Choices{"c": {"b"}}, w.seed.Stream("server"))
	w.must(err)
	raw, err := w.authority.Accepted(&mine.Ballot, other.Tracker)
	w.must(err)
	named, err := codec.Decode[message.Accepted](raw, codec.Limits{})
	w.must(err)
	if named.Tracker != other.Tracker || other.Tracker == mine.Tracker {
		t.Error("the answer does not name the other ballot")
	}
	w.must(w.cast(v.Credential, other.Ballot, named.Tracker))
	w.must(w.view.Sound())
}

// The unit is in neither tracker nor proofs: the list of credentials alone
// tells.
func TestInUnit(t *testing.T) {
	w := opened(t, parliament())
	e, v := w.view.Election, w.voter("v")
	mine, err := v.Prepare(Choices{"c": {"a"}})
	w.must(err)
	unit := "south"
	if mine.Ballot.Unit == unit {
		unit = "north"
	}
	moved, err := e.InUnit(&mine.Ballot, unit)
	w.must(err)
	if moved.Tracker != mine.Tracker {
		t.Error("the voter would see another tracker")
	}
	if w.cast(v.Credential, moved.Ballot, mine.Tracker) == nil {
		t.Error("it was taken")
	}
	w.wantFaults("V-25")
	if _, err := e.InUnit(&mine.Ballot, "west"); err == nil {
		t.Error("a unit that is not there")
	}
}
