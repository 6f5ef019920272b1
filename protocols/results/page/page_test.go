package page_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/results/page"
)

func publication() (*message.Manifest, message.Publication) {
	m := &message.Manifest{Title: "Who <b>wins</b>", Contests: []message.Contest{{ID: "mayor", Title: "Mayor & more", Blank: true,
		Options: []message.Option{{ID: "ana", Title: "Ana <script>"}, {ID: "bo", Title: "Bo"}}}}}
	p := message.Publication{Approvals: []message.OfficerSignature{}, Units: []message.UnitResult{},
		Statement: message.Statement{Channel: message.ChannelOfficial, Version: 1},
		Result: message.Result{Version: 1, Contests: []message.ContestResult{{Contest: "mayor", Totals: []uint64{7, 3, 1},
			Cells: []message.Cell{}, Outcome: message.Outcome{Kind: "plurality", Winners: []string{"ana"}, Tied: []string{}}}}}}
	return m, p
}

func TestPageIsReadAsItIsWritten(t *testing.T) {
	m, p := publication()
	raw, err := page.Write(m, p)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte("Ana <script>")) {
		t.Error("a title is markup")
	}
	shown, err := page.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(page.TotalsOf(m, p.Result), shown.Totals); d != "" {
		t.Error(d)
	}
	want, _ := codec.Encode(p)
	if !bytes.Equal(want, shown.Publication) {
		t.Errorf("the publication became %s", shown.Publication)
	}
}

func TestReadRefuses(t *testing.T) {
	m, p := publication()
	raw, err := page.Write(m, p)
	if err != nil {
		t.Fatal(err)
	}
	row := []byte(`<tr data-contest="mayor" data-option="bo"><td>Bo</td><td>3</td></tr>`)
	for name, bad := range map[string][]byte{
		"nothing":           nil,
		"no table":          bytes.ReplaceAll(raw, []byte("<tr "), []byte("<p ")),
		"a total twice":     append(bytes.Clone(raw), row...),
		"publication twice": append(bytes.Clone(raw), []byte(`<script type="application/json" id="publication">{}</script>`)...),
		"a large total":     bytes.Replace(raw, []byte("<td>3</td>"), []byte("<td>9999999999999999</td>"), 1),
	} {
		if shown, err := page.Read(bad); !errors.Is(err, page.ErrPage) || shown.Totals != nil || shown.Publication != nil {
			t.Errorf("%s: %v, %+v", name, err, shown)
		}
	}
}
