package scenario

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	"scrutineer/harness/strictyaml"
)

// schemaNode is the part of a JSON schema that the comparison needs.
type schemaNode struct {
	Ref        string                 `json:"$ref"`
	Type       string                 `json:"type"`
	Properties map[string]*schemaNode `json:"properties"`
	// Closed is false where additionalProperties is false.
	Closed   json.RawMessage        `json:"additionalProperties"`
	Required []string               `json:"required"`
	Items    *schemaNode            `json:"items"`
	Enum     []string               `json:"enum"`
	Minimum  *int                   `json:"minimum"`
	Defs     map[string]*schemaNode `json:"$defs"`
	Desc     string                 `json:"description"`
}

func (n *schemaNode) deref(root *schemaNode) *schemaNode {
	if n.Ref == "" {
		return n
	}
	return root.Defs[strings.TrimPrefix(n.Ref, "#/$defs/")]
}

// Every key of the structs is in the schema with the same type, words and
// need, and the schema has no other.
func TestSchemaMatchesStructs(t *testing.T) {
	var root schemaNode
	if err := json.Unmarshal(Schema, &root); err != nil {
		t.Fatal(err)
	}
	compare(t, &root, "", reflect.TypeFor[Scenario](), &root, map[reflect.Type]bool{})
}

func compare(t *testing.T, root *schemaNode, path string, typ reflect.Type, n *schemaNode, seen map[reflect.Type]bool) {
	n = n.deref(root)
	if n == nil {
		t.Errorf("%s: dangling $ref", path)
		return
	}
	if w, ok := reflect.Zero(typ).Interface().(strictyaml.Worded); ok {
		if !slices.Equal(w.Words(), n.Enum) {
			t.Errorf("%s: the schema has words %v, the code %v", path, n.Enum, w.Words())
		}
		return
	}
	switch typ.Kind() {
	case reflect.Pointer:
		compare(t, root, path, typ.Elem(), n, seen)
	case reflect.Slice:
		if n.Type != "array" {
			t.Errorf("%s: %q for a list", path, n.Type)
			return
		}
		compare(t, root, path+"[]", typ.Elem(), n.Items, seen)
	case reflect.Map:
		if n.Type != "object" || n.Properties != nil {
			t.Errorf("%s: not an open object", path)
		}
	case reflect.Struct:
		if !seen[typ] {
			seen[typ] = true
			compareStruct(t, root, path, typ, n, seen)
		}
	default:
		want := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Uint64: "integer"}[typ.Kind()]
		if n.Type != want {
			t.Errorf("%s: schema says %q, code %q", path, n.Type, want)
		}
	}
}

func compareStruct(t *testing.T, root *schemaNode, path string, typ reflect.Type, n *schemaNode, seen map[reflect.Type]bool) {
	if string(n.Closed) != "false" {
		t.Errorf("%s: the schema allows further keys", path)
	}
	var keys, needed []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		key := f.Tag.Get("yaml")
		if key == "" {
			continue
		}
		keys = append(keys, key)
		if f.Tag.Get("need") == "yes" {
			needed = append(needed, key)
		}
		p := n.Properties[key]
		if p == nil {
			t.Errorf("%s.%s is not in the schema", path, key)
			continue
		}
		if d := p.deref(root); d != nil && p.Desc == "" && d.Desc == "" {
			t.Errorf("%s.%s has no description", path, key)
		}
		if f.Tag.Get("min") == "1" && (p.Minimum == nil || *p.Minimum != 1) {
			t.Errorf("%s.%s: the schema has no minimum of 1", path, key)
		}
		compare(t, root, path+"."+key, f.Type, p, seen)
	}
	for key := range n.Properties {
		if !slices.Contains(keys, key) {
			t.Errorf("%s.%s is in the schema alone", path, key)
		}
	}
	slices.Sort(needed)
	slices.Sort(n.Required)
	if diff := cmp.Diff(needed, slices.Clone(n.Required), cmp.Transformer("empty", func(l []string) string { return strings.Join(l, " ") })); diff != "" {
		t.Errorf("%s: needed keys differ: %s", path, diff)
	}
}

// compiled returns the schema as the validator that tests share.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON turns YAML into the values that the validator takes.
func asJSON(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := yaml.Load(data, &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return out
}
