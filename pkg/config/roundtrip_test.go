package config

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"eventsync/pkg/config/internal/rule"
)

// TestWrittenIsRead draws a value for every key, writes the file and loads it.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := drawConfig(t)
		var text strings.Builder
		writeYAML(&text, "", reflect.ValueOf(want))
		got, err := load("/c.yaml", []byte(text.String()), environment(nil))
		if err != nil {
			t.Fatalf("%s\n%v", text.String(), err)
		}
		got.origin = nil
		if !reflect.DeepEqual(*got, want) {
			t.Fatalf("%s\ngot  %#v\nwant %#v", text.String(), *got, want)
		}
	})
}

func drawConfig(t *rapid.T) Config {
	var config Config
	draw(t, "config", rule.Rule{}, reflect.ValueOf(&config).Elem())
	for _, tls := range []*TLS{&config.Kafka.TLS, &config.ClickHouse.TLS} {
		if !tls.Enabled {
			*tls = TLS{}
		}
		if tls.Certificate == "" || tls.Key == "" {
			tls.Certificate, tls.Key = "", ""
		}
	}
	if config.Kafka.SASL.Username == "" || config.Kafka.SASL.Password == "" {
		config.Kafka.SASL = SASL{}
	}
	config.ClickHouse.Shards = nil // not beside addresses
	for i := range config.Tables {
		table := &config.Tables[i]
		table.Source, table.Target = fmt.Sprintf("s.t%d", i), fmt.Sprintf("t_%d", i)
		for j := range table.Lookups {
			lookup := &table.Lookups[j]
			lookup.Column, lookup.SQLFile = fmt.Sprintf("c%d", j), ""
			for k := range lookup.Watch {
				lookup.Watch[k].Source, lookup.Watch[k].Key = fmt.Sprintf("s.w%d", k), lookup.Keys[0]
			}
		}
	}
	return config
}

// draw fills a value with one that the rule allows.
func draw(t *rapid.T, name string, constraint rule.Rule, into reflect.Value) {
	switch into.Type() {
	case reflect.TypeFor[bool]():
		into.SetBool(rapid.Bool().Draw(t, name))
		return
	case reflect.TypeFor[int](), reflect.TypeFor[Size](), reflect.TypeFor[time.Duration]():
		into.SetInt(rapid.Int64Range(constraint.Min, constraint.Max).Draw(t, name))
		return
	}
	switch into.Kind() {
	case reflect.Struct:
		for i := range into.NumField() {
			if _, ok := into.Type().Field(i).Tag.Lookup("yaml"); ok {
				of, err := rule.Of(into.Type().Field(i))
				if err != nil {
					t.Fatal(err)
				}
				draw(t, into.Type().Field(i).Name, of, into.Field(i))
			}
		}
	case reflect.Slice:
		n := rapid.IntRange(1, 3).Draw(t, name)
		into.Set(reflect.MakeSlice(into.Type(), n, n))
		for i := range n {
			draw(t, name, constraint, into.Index(i))
		}
	default:
		into.SetString(drawText(t, name, constraint))
	}
}

func drawText(t *rapid.T, name string, constraint rule.Rule) string {
	switch {
	case len(constraint.OneOf) > 0:
		return rapid.SampledFrom(constraint.OneOf).Draw(t, name)
	case constraint.Form != nil && constraint.Form.Expected == "text":
		return rapid.StringMatching(`[ -~äß€]{0,8}[!-~][ -~]{0,8}`).Draw(t, name)
	case constraint.Form != nil:
		return rapid.StringMatching(constraint.Form.Pattern).Filter(constraint.Form.Matches).Draw(t, name)
	case strings.HasPrefix(name, "Password"), name == "DSN", name == "Username":
		return rapid.StringMatching(`[ -~äß€\n]{0,20}`).Draw(t, name)
	}
	return rapid.StringMatching(`(/[a-z#:'" ]{1,6}[a-z]){0,3}`).Draw(t, name) // the name of a file
}

// writeYAML writes the value in block style, texts in double quotes, and leaves out empty texts that have a form.
func writeYAML(out *strings.Builder, indent string, value reflect.Value) {
	switch of := value.Interface().(type) {
	case Size:
		fmt.Fprintf(out, " %s\n", of)
		return
	case time.Duration:
		fmt.Fprintf(out, " %s\n", of)
		return
	}
	switch value.Kind() {
	case reflect.String:
		fmt.Fprintf(out, " %q\n", strings.ReplaceAll(value.String(), "$", "$$"))
	case reflect.Slice:
		out.WriteString("\n")
		for i := range value.Len() {
			out.WriteString(indent + "-")
			writeYAML(out, indent+"  ", value.Index(i))
		}
	case reflect.Struct:
		out.WriteString("\n")
		for i := range value.NumField() {
			tag := value.Type().Field(i).Tag
			name, ok := tag.Lookup("yaml")
			if _, formed := tag.Lookup("form"); !ok || formed && value.Field(i).IsZero() {
				continue
			}
			out.WriteString(indent + name + ":")
			writeYAML(out, indent+"  ", value.Field(i))
		}
	default:
		fmt.Fprintf(out, " %v\n", value.Interface())
	}
}
