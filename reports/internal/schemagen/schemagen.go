// Package schemagen writes JSON schemas (2020-12) from the Go declarations of
// line and document types, so that a published schema cannot drift from the
// code: names and optionality come from the json tags, enumerations from the
// typed constants, descriptions from the doc comments.
//
// It reads source, not values, and is called by the tests that hold the
// published schemas; nothing at run time needs it.
package schemagen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// Schema is a JSON schema; its members are encoded in sorted order.
type Schema map[string]any

// Source holds the parsed declarations of some packages.
type Source struct {
	types map[string]*ast.TypeSpec
	enums map[string][]string
	defs  Schema
	// names are the full names of the definitions.
	names map[string]string
}

// Parse reads the non-test Go files of the folders. Types are known by the
// package's name and their own: event.Verdict.
func Parse(folders ...string) (*Source, error) {
	s := &Source{types: map[string]*ast.TypeSpec{}, enums: map[string][]string{}}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			s.collect(f)
		}
	}
	return s, nil
}

func (s *Source) collect(f *ast.File) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if spec.Doc == nil {
					spec.Doc = g.Doc
				}
				s.types[f.Name.Name+"."+spec.Name.Name] = spec
			case *ast.ValueSpec:
				s.collectEnum(f.Name.Name, g.Tok, spec)
			}
		}
	}
}

// collectEnum remembers the values of typed string constants.
func (s *Source) collectEnum(pkg string, tok token.Token, spec *ast.ValueSpec) {
	typ, ok := spec.Type.(*ast.Ident)
	if tok != token.CONST || !ok {
		return
	}
	for _, v := range spec.Values {
		lit, ok := v.(*ast.BasicLit)
		if !ok || lit.Kind != token.STRING {
			continue
		}
		if text, err := strconv.Unquote(lit.Value); err == nil {
			s.enums[pkg+"."+typ.Name] = append(s.enums[pkg+"."+typ.Name], text)
		}
	}
}

// Object returns the schema of a struct type with its definitions beside it.
func (s *Source) Object(name string) (Schema, error) {
	s.defs, s.names = Schema{}, map[string]string{}
	root, err := s.object(name)
	if err != nil {
		return nil, err
	}
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$defs"] = s.defs
	return root, nil
}

func (s *Source) object(name string) (Schema, error) {
	spec, ok := s.types[name]
	if !ok {
		return nil, fmt.Errorf("type %s not found", name)
	}
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return nil, fmt.Errorf("type %s is not a struct", name)
	}
	pkg, _, _ := strings.Cut(name, ".")
	props, required := Schema{}, []string{}
	for _, f := range st.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			return nil, fmt.Errorf("%s: field without name or tag", name)
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
		member, options, _ := strings.Cut(tag, ",")
		p, err := s.schema(pkg, f.Type)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", name, f.Names[0], err)
		}
		if doc := text(f.Doc); doc != "" {
			p["description"] = doc
		}
		props[member] = p
		if options == "" {
			required = append(required, member)
		}
	}
	out := Schema{"type": "object", "properties": props, "additionalProperties": false}
	if len(required) > 0 {
		out["required"] = required
	}
	if doc := text(spec.Doc); doc != "" {
		out["description"] = doc
	}
	return out, nil
}

// schema returns the schema of a type expression met in package pkg.
func (s *Source) schema(pkg string, e ast.Expr) (Schema, error) {
	switch e := e.(type) {
	case *ast.StarExpr:
		return s.schema(pkg, e.X)
	case *ast.ArrayType:
		items, err := s.schema(pkg, e.Elt)
		return Schema{"type": "array", "items": items}, err
	case *ast.SelectorExpr:
		return s.named(fmt.Sprintf("%s.%s", e.X, e.Sel))
	case *ast.Ident:
		switch e.Name {
		case "string":
			return Schema{"type": "string"}, nil
		case "bool":
			return Schema{"type": "boolean"}, nil
		case "int", "int64":
			return Schema{"type": "integer"}, nil
		}
		return s.named(pkg + "." + e.Name)
	}
	return nil, fmt.Errorf("no schema for %T", e)
}

func (s *Source) named(name string) (Schema, error) {
	if name == "time.Time" {
		return Schema{"type": "string", "format": "date-time"}, nil
	}
	_, short, _ := strings.Cut(name, ".")
	if other := s.names[short]; other != "" && other != name {
		return nil, fmt.Errorf("%s and %s would share a definition", other, name)
	}
	s.names[short] = name
	ref := Schema{"$ref": "#/$defs/" + short}
	if _, done := s.defs[short]; done {
		return ref, nil
	}
	if values := s.enums[name]; len(values) > 0 {
		s.defs[short] = Schema{"type": "string", "enum": values, "description": text(s.types[name].Doc)}
		return ref, nil
	}
	s.defs[short] = Schema{} // ends recursion
	def, err := s.object(name)
	s.defs[short] = def
	return ref, err
}

// text is a doc comment as one line.
func text(doc *ast.CommentGroup) string {
	if doc == nil {
		return ""
	}
	return strings.Join(strings.Fields(doc.Text()), " ")
}
