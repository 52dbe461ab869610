package schema

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/python"
)

// blockRoot is the root that all of Prefect's blocks have. A block is a model that says more of itself (Prefect: blocks/core.py).
const blockRoot = "prefect.blocks.core.Block"

// fieldless tells whether a canonical name is that of a block of Prefect without fields, from which others are made.
func fieldless(name string) bool {
	switch name {
	case blockRoot, "prefect.blocks.abstract.CredentialsBlock", "prefect.blocks.abstract.DatabaseBlock", "prefect.blocks.abstract.JobBlock",
		"prefect.blocks.abstract.NotificationBlock", "prefect.blocks.abstract.ObjectStorageBlock", "prefect.blocks.abstract.SecretBlock",
		"prefect.filesystems.ReadableFileSystem", "prefect.filesystems.WritableFileSystem", "prefect.filesystems.ReadableDeploymentStorage",
		"prefect.filesystems.WritableDeploymentStorage":
		return true
	}
	return false
}

func (c *class) block() bool { return slices.Contains(c.roots, blockRoot) }

// adornBlock writes what Prefect adds to the schema of a block. Of one that holds other blocks that includes a checksum of theirs.
func (r *Reader) adornBlock(c *class, rec *record, p Property) error {
	if len(c.variables) > 0 || rec.config.more != nil {
		return unknownf("the block %s is generic, or adds to its schema", c.name)
	}
	slug, err := r.slug(c)
	if err != nil {
		return err
	}
	description, err := r.about(c, "_description")
	if err != nil {
		return err
	}
	if description == nil {
		text := opening(c.definition.Doc)
		description = &text
	}
	found, err := eachOf(rec.fields, func(f modelField) ([]string, error) { return r.secrets(f, f.name, f.form, 0) })
	if err != nil {
		return err
	}
	secrets := []any{}
	for _, s := range slices.Concat(found...) {
		secrets = append(secrets, s)
	}
	p["block_type_slug"], p["secret_fields"], p["block_schema_references"] = slug, secrets, map[string]any{}
	delete(p, "description")
	if description != nil && *description != "" {
		p["description"] = *description
	}
	return nil
}

// valueBlock is Prefect's own block for a secret value, the one that its users pass to flows. It has been the same since 3.2.
const valueBlock = "prefect.blocks.system.Secret"

// secret writes a Secret, or a Secret[type].
func (w *writer) secret(f form) (described, error) {
	title, values := "Secret", []Property{{"type": "string", "format": "password", "writeOnly": true}}
	if f.subscripted {
		shown, err := eachOf(f.args, displayed)
		if err != nil {
			return described{}, err
		}
		d, err := w.describe(firstOf(f.args))
		if err != nil {
			return described{}, err
		}
		title, values = title+"["+strings.Join(shown, ", ")+"]", append(values, d.schema)
	} else {
		w.definitions["JsonValue"], w.classes["JsonValue"] = Property{}, "pydantic.JsonValue"
		values = append(values, Property{"type": "string", "title": "string"}, Property{"$ref": "#/definitions/JsonValue", "title": "JSON"})
	}
	slug, plain := slugified(title)
	name := normalized(title)
	if other, taken := w.classes[name]; !plain || len(f.args) > 1 || taken && other != valueBlock+title {
		return described{}, unknownf("the type is not read from source")
	}
	w.classes[name] = valueBlock + title
	secret := copied(anyOf(values))
	maps.Copy(secret, Property{
		"title": "Value", "description": "A value that should be kept secret.", "format": "password", "writeOnly": true,
		"examples": []any{"sk-1234567890", map[string]any{"username": "johndoe", "password": "s3cr3t"}},
	})
	w.definitions[name] = Property{
		"title": title, "type": object, "properties": map[string]any{"value": secret}, "required": []string{"value"}, "additionalProperties": true,
		"description":     "A block that represents a secret value. The value stored in this block will be obfuscated when this block is viewed or edited in the UI.",
		"block_type_slug": slug, "block_schema_references": map[string]any{}, "secret_fields": []any{"value", "value"},
	}
	return described{schema: reference(name), core: "ref", named: true}, nil
}

// slug gives the name of a block's type, as Prefect tells blocks apart by it.
func (r *Reader) slug(c *class) (string, error) {
	name, err := r.about(c, "_block_type_slug")
	if err == nil && name == nil {
		name, err = r.about(c, "_block_type_name")
	}
	if err != nil {
		return "", err
	}
	if name == nil {
		name = &c.name
	}
	slug, ok := slugified(*name)
	if !ok {
		return "", unknownf("the block's name %q is no plain text", *name)
	}
	return slug, nil
}

// about gives a text that a block, or one that it is made from, sets for Prefect; nil when there is none.
func (r *Reader) about(c *class, name string) (*string, error) {
	for _, a := range c.assignments() {
		if a.Target == name && !a.Value.Absent() {
			return r.textOf(c, a)
		}
	}
	for _, b := range c.bases {
		if b.kind == ownClass {
			if text, err := r.about(b.class, name); err != nil || text != nil {
				return text, err
			}
		}
	}
	return nil, nil //nolint:nilnil // not set
}

// textOf gives the text that an assignment of a block's body binds; nil for None, and for an empty name.
func (r *Reader) textOf(c *class, a *python.Assignment) (*string, error) {
	n, err := a.Value.Node()
	if err != nil || a.Guard != python.Always || len(c.module.Bindings(a.Owner, a.Target)) != 1 {
		return nil, unknownf("%s.%s is not read", c.name, a.Target)
	}
	v, err := r.value(python.Place{File: c.place.File, Script: c.place.Script, Owner: a.Owner, Offset: a.Start}, n, 0)
	if err != nil {
		return nil, unknownf("%s.%s: %s", c.name, a.Target, err)
	}
	text, ok := v.json.(string)
	switch {
	case v.kind == "NoneType" || ok && text == "" && a.Target != "_description":
		return nil, nil //nolint:nilnil // not set
	case !ok || v.opaque:
		return nil, unknownf("%s.%s is no text", c.name, a.Target)
	}
	return &text, nil
}

// secrets names what is secret in a field, as far as Prefect looks: into unions, containers and models, not behind Annotated.
func (r *Reader) secrets(f modelField, name string, t form, depth int) ([]string, error) {
	if depth > deepest {
		return nil, unknownf("the type nests too deep")
	}
	switch t.kind {
	case forward:
		inner, err := r.quoted(scope{Place: f.at.Place}, t.name, depth)
		if err != nil {
			return nil, err
		}
		return r.secrets(f, name, inner, depth+1)
	case union, external:
		if t.name == "pydantic.SecretStr" || t.name == "pydantic.SecretBytes" {
			return []string{name}, nil
		}
		return r.secretsInside(f, name, t.args, depth)
	case ownClass:
		if t.class.block() {
			return nil, unknownf("the block %s is part of %s", t.class.name, f.class.name)
		}
		if t.class.kind != modelClass {
			return nil, nil
		}
		if t.subscripted {
			return nil, unknownf("the block has a part of the generic type %s", t.class.name)
		}
		rec, err := r.record(t.class)
		if err != nil {
			return nil, err
		}
		found, err := eachOf(rec.fields, func(f modelField) ([]string, error) { return r.secrets(f, name+"."+f.name, f.form, depth+1) })
		return slices.Concat(found...), err
	case typeVar:
		return nil, unknownf("the block has an open type")
	default:
		return nil, nil
	}
}

func (r *Reader) secretsInside(f modelField, name string, args []form, depth int) ([]string, error) {
	var out, seen []string
	for _, a := range args {
		if a.kind == external && len(a.args) == 0 {
			if slices.Contains(seen, a.name) { // typing keeps one of each
				continue
			}
			seen = append(seen, a.name)
		}
		found, err := r.secrets(f, name, a, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

var (
	thousands = pattern.New(`(\d),(\d)`)
	unsafe    = pattern.New(`[^a-z0-9]+`)
)

// slugified gives a name as the slug that Prefect makes of it; ok is false for texts with letters or entities that it would transcribe.
func slugified(name string) (slug string, ok bool) {
	if strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII || r == '&' }) {
		return "", false
	}
	text := strings.ToLower(strings.ReplaceAll(name, "'", "-"))
	for thousands.MatchString(text) {
		text = thousands.ReplaceAllString(text, "$1$2")
	}
	return strings.Trim(unsafe.ReplaceAllString(text, "-"), "-"), true
}

// opening gives the text before the first section of a Google-style docstring, or else between two, as griffe's parser has it.
func opening(doc string) string {
	lines := strings.Split(python.CleanDoc(strings.TrimRightFunc(doc, unicode.IsSpace)), "\n")
	var text []string
	told := func() bool { return slices.ContainsFunc(text, func(line string) bool { return line != "" }) }
	fenced := false
	for at := 0; at < len(lines); at++ {
		fence := strings.HasPrefix(strings.TrimLeft(lines[at], " "), "```")
		if fence || fenced || !heading.MatchString(lines[at]) || !introduces(lines, at) {
			fenced = fenced != fence
			text = append(text, lines[at])
			continue
		}
		if told() {
			break
		}
		text = nil
		at = past(lines, at)
	}
	return strings.TrimSpace(strings.Join(text, "\n"))
}
