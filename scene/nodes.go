package scene

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// checkNode compares a YAML node with the type it is to fill, before the
// decoder sees it: the decoder cuts 1.5 to 1 and names Go types in its messages.
func checkNode(t reflect.Type, node ast.Node, file, path string) (errs []error) {
	if node == nil || node.Type() == ast.CommentType {
		return nil
	}
	wrong := func(node ast.Node, path, format string, args ...any) {
		at := ""
		if tk := node.GetToken(); tk != nil && tk.Position != nil {
			at = fmt.Sprintf(":%d", tk.Position.Line)
		}
		errs = append(errs, fmt.Errorf("%s%s: %s", file, at, strings.TrimPrefix(path+": "+fmt.Sprintf(format, args...), ": ")))
	}
	ok := true
	switch t.Kind() {
	case reflect.Struct:
		values, isMap := fieldsOf(node)
		if !isMap {
			ok = false
			break
		}
		for _, kv := range values {
			key := kv.Key.GetToken().Value
			i := slices.Index(names(t), key)
			if i < 0 {
				wrong(kv.Key, path, "unknown field %q; choose one of %s", key, strings.Join(names(t), ", "))
				continue
			}
			errs = append(errs, checkNode(t.Field(i).Type, kv.Value, file, join(path, key))...)
		}
	case reflect.Slice, reflect.Array:
		list, isList := node.(*ast.SequenceNode)
		if !isList || t.Kind() == reflect.Array && len(list.Values) != t.Len() {
			ok = false
			break
		}
		for i, v := range list.Values {
			errs = append(errs, checkNode(t.Elem(), v, file, fmt.Sprintf("%s[%d]", path, i))...)
		}
	case reflect.Int:
		ok = node.Type() == ast.IntegerType
	case reflect.Float64:
		ok = slices.Contains([]ast.NodeType{ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType}, node.Type())
	case reflect.Bool:
		ok = node.Type() == ast.BoolType
	case reflect.String:
		ok = node.Type() == ast.StringType
	}
	if !ok {
		text := node.String()
		if len(text) > 40 {
			text = text[:40] + "..."
		}
		wrong(node, path, "%q is no %s", text, typeName(t))
	}
	return errs
}

// fieldsOf returns the entries of a mapping; the parser has two forms of it.
func fieldsOf(node ast.Node) ([]*ast.MappingValueNode, bool) {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}
