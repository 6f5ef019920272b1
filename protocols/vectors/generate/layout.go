package main

import (
	"bytes"
	"encoding/json"
	"strings"

	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
)

// width is how long a line may be before a value is broken into several: long
// enough for a selection with its proof.
const width = 640

// member is a name with its value in canonical form.
type member struct {
	name  string
	value []byte
}

// layoutFile writes a file for people: what matters first, a line for what
// fits on one, members of messages in canonical order.
func layoutFile[C, I any](f vectors.File[C, I]) []byte {
	groups := [][]byte{}
	for _, g := range f.TestGroups {
		tests := [][]byte{}
		for _, c := range g.Tests {
			tests = append(tests, object(layoutCase(c)))
		}
		groups = append(groups, object([]member{
			{"comment", election.Encode(g.Comment)},
			{"context", election.Encode(g.Context)},
			{"tests", array(tests)},
		}))
	}
	text := object([]member{
		{"kind", election.Encode(f.Kind)},
		{"specification", election.Encode(f.Specification)},
		{"schema", election.Encode(f.Schema)},
		{"numberOfTests", election.Encode(f.NumberOfTests)},
		{"header", election.Encode(f.Header)},
		{"notes", election.Encode(f.Notes)},
		{"testGroups", array(groups)},
	})
	return append(pretty(text), '\n')
}

func layoutCase[I any](c vectors.Case[I]) []member {
	out := []member{
		{"tcId", election.Encode(c.TcID)},
		{"result", election.Encode(c.Result)},
	}
	if c.Check != "" {
		out = append(out, member{"check", election.Encode(c.Check)})
	}
	if len(c.Also) > 0 {
		out = append(out, member{"also", election.Encode(c.Also)})
	}
	return append(out,
		member{"comment", election.Encode(c.Comment)},
		member{"flags", election.Encode(c.Flags)},
		member{"input", election.Encode(c.Input)})
}

func object(members []member) []byte {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range members {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(election.Encode(m.name))
		out.WriteByte(':')
		out.Write(m.value)
	}
	out.WriteByte('}')
	return out.Bytes()
}

func array(items [][]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']')
}

// pretty breaks a compact text into lines. The order of members stays.
func pretty(compact []byte) []byte {
	var out bytes.Buffer
	layout(&out, json.RawMessage(compact), 0)
	return out.Bytes()
}

func layout(out *bytes.Buffer, value json.RawMessage, indent int) {
	if len(value)+2*indent <= width || value[0] != '{' && value[0] != '[' {
		out.Write(value)
		return
	}
	decoder := json.NewDecoder(bytes.NewReader(value))
	opening, err := decoder.Token()
	if err != nil {
		panic("generate: layout: " + err.Error())
	}
	isObject := opening == json.Delim('{')
	out.WriteByte(value[0])
	for first := true; decoder.More(); first = false {
		if !first {
			out.WriteByte(',')
		}
		out.WriteString("\n" + strings.Repeat("  ", indent+1))
		if isObject {
			name, err := decoder.Token()
			if err != nil {
				panic("generate: layout: " + err.Error())
			}
			out.Write(election.Encode(name.(string)))
			out.WriteString(": ")
		}
		var inner json.RawMessage
		if err := decoder.Decode(&inner); err != nil {
			panic("generate: layout: " + err.Error())
		}
		layout(out, inner, indent+1)
	}
	out.WriteString("\n" + strings.Repeat("  ", indent))
	out.WriteByte(value[len(value)-1])
}
