package main

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

func TestSchemaIsUpToDate(t *testing.T) {
	want, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../../../schemas/config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("schemas/config.schema.json is not what the structs of pkg/config say; run: go generate ./pkg/config")
	}
}

func TestEveryKeyIsDescribed(t *testing.T) {
	text, err := generate("../..")
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var undescribed []string
	var walk func(path string, node map[string]any)
	walk = func(path string, node map[string]any) {
		if items, ok := node["items"].(map[string]any); ok {
			node = items
		}
		properties, _ := node["properties"].(map[string]any)
		for name, property := range properties {
			child, ok := property.(map[string]any)
			if !ok {
				t.Fatalf("%s.%s is no schema", path, name)
			}
			if child["description"] == nil {
				undescribed = append(undescribed, path+"."+name)
			}
			walk(path+"."+name, child)
		}
	}
	walk("", root)
	if !reflect.DeepEqual(undescribed, []string(nil)) {
		t.Errorf("keys without a comment in config.go: %v", undescribed)
	}
}
