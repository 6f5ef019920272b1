package main

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/vectors"
)

// docs are the comments of types and of their fields, by "package.Type" and
// "package.Type.Field".
type docs map[string]string

// readDocs reads the comments of the packages in some folders.
func readDocs(folders ...string) (docs, error) {
	out := docs{}
	for _, folder := range folders {
		names, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return nil, fmt.Errorf("comments of %s: %w", folder, err)
		}
		for _, name := range names {
			source, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				return nil, fmt.Errorf("comments: %w", err)
			}
			out.read(source)
		}
	}
	return out, nil
}

func (d docs) read(source *ast.File) {
	for _, decl := range source.Decls {
		types, ok := decl.(*ast.GenDecl)
		if !ok || types.Tok != token.TYPE {
			continue
		}
		for _, s := range types.Specs {
			d.add(source.Name.Name, types.Doc, s.(*ast.TypeSpec))
		}
	}
}

func (d docs) add(pkg string, doc *ast.CommentGroup, spec *ast.TypeSpec) {
	name := pkg + "." + spec.Name.Name
	d[name] = oneLine(doc)
	fields, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range fields.Fields.List {
		for _, id := range f.Names {
			d[name+"."+id.Name] = oneLine(f.Comment)
		}
	}
}

func oneLine(c *ast.CommentGroup) string { return strings.Join(strings.Fields(c.Text()), " ") }

// schema is a JSON schema, draft 2020-12.
type schema = map[string]any

// schemaOf is the schema of a file of vectors. Inputs have the form of their
// messages, whatever they say: that a value is wrong is not for a schema.
func schemaOf[C, I any](f vectors.File[C, I], d docs) []byte {
	g := schemaMaker{docs: d, defs: schema{}}
	root := g.object(reflect.TypeOf(f), "vectors.File")
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = "https://scrutineer.invalid/vectors/" + f.Kind + "/1"
	root["title"] = f.Kind
	properties := root["properties"].(schema)
	properties["kind"] = schema{"const": f.Kind}
	properties["schema"] = schema{"const": f.Schema}
	properties["specification"] = schema{"const": f.Specification}
	root["$defs"] = g.defs
	text, err := json.Marshal(root)
	if err != nil {
		panic("generate: schema: " + err.Error())
	}
	return append(pretty(text), '\n')
}

type schemaMaker struct {
	docs docs
	defs schema
}

func (g *schemaMaker) of(t reflect.Type, tag reflect.StructTag) schema {
	switch t {
	case reflect.TypeFor[codec.Hex32](), reflect.TypeFor[codec.Hex64](), reflect.TypeFor[codec.Hex16]():
		return schema{"type": "string", "pattern": fmt.Sprintf("^[0-9a-f]{%d}$", 2*t.Len())}
	case reflect.TypeFor[codec.HexBytes]():
		return schema{"type": "string", "pattern": "^([0-9a-f]{2})*$"}
	case reflect.TypeFor[codec.Raw]():
		return schema{}
	case reflect.TypeFor[vectors.Result]():
		return schema{"enum": []vectors.Result{vectors.Valid, vectors.Invalid}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return g.of(t.Elem(), tag)
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Uint64:
		return schema{"type": "integer", "minimum": 0, "maximum": codec.MaxInteger}
	case reflect.Slice:
		s := schema{"type": "array", "items": g.of(t.Elem(), "")}
		if most, err := strconv.Atoi(tag.Get("limit")); err == nil {
			s["maxItems"] = most
		}
		return s
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": g.of(t.Elem(), "")}
	case reflect.Struct:
		return g.reference(t)
	}
	panic("generate: no schema for " + t.String())
}

// reference is a structure by its name; generic ones are written where they
// stand.
func (g *schemaMaker) reference(t reflect.Type) schema {
	name, _, generic := strings.Cut(t.String(), "[")
	if generic {
		return g.object(t, name)
	}
	if _, known := g.defs[name]; !known {
		g.defs[name] = nil
		g.defs[name] = g.object(t, name)
	}
	return schema{"$ref": "#/$defs/" + name}
}

func (g *schemaMaker) object(t reflect.Type, name string) schema {
	properties, required := schema{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		member, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		s := g.of(f.Type, f.Tag)
		if doc := g.docs[name+"."+f.Name]; doc != "" {
			s["description"] = doc
		}
		properties[member] = s
		if options == "" {
			required = append(required, member)
		}
	}
	out := schema{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
	if doc := g.docs[name]; doc != "" {
		out["description"] = doc
	}
	if name == "vectors.Case" {
		g.verdict(out)
	}
	return out
}

// checkNumber is a step or a check of SPEC.md.
const checkNumber = "^[SV]-[0-9]{2}$"

// verdict ties result, check and flags together.
func (g *schemaMaker) verdict(c schema) {
	properties := c["properties"].(schema)
	properties["tcId"].(schema)["minimum"] = 1
	properties["check"].(schema)["pattern"] = checkNumber
	properties["also"].(schema)["items"].(schema)["pattern"] = checkNumber
	properties["flags"].(schema)["uniqueItems"] = true
	c["if"] = schema{"properties": schema{"result": schema{"const": vectors.Invalid}}}
	c["then"] = schema{"required": []string{"check"}, "properties": schema{"flags": schema{"minItems": 1}}}
	c["else"] = schema{"properties": schema{"check": false, "also": false}}
}
