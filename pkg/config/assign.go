package config

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"eventsync/pkg/config/internal/rule"
)

// assign sets the value where the literal is one of its type and keeps the rule, and says whether it did.
func assign(from literal, constraint rule.Rule, into reflect.Value) bool {
	switch into.Type() {
	case reflect.TypeFor[bool]():
		return assignBool(from, into)
	case reflect.TypeFor[int]():
		n, err := strconv.ParseInt(strings.ReplaceAll(from.text, "_", ""), 10, 0)
		return err == nil && (from.kind == number || from.kind == expanded) && assignInt(n, constraint, into)
	case reflect.TypeFor[time.Duration]():
		duration, err := time.ParseDuration(from.text)
		return err == nil && assignInt(int64(duration), constraint, into)
	case reflect.TypeFor[Size]():
		size, err := rule.ParseSize(from.text)
		return err == nil && assignInt(size, constraint, into)
	}
	return into.Kind() == reflect.String && assignText(from, constraint, into)
}

func assignBool(from literal, into reflect.Value) bool {
	if from.kind != boolean && from.kind != expanded || from.text != "true" && from.text != "false" {
		return false
	}
	into.SetBool(from.text == "true")
	return true
}

func assignInt(n int64, constraint rule.Rule, into reflect.Value) bool {
	if !constraint.Holds(n) {
		return false
	}
	into.SetInt(n)
	return true
}

func assignText(from literal, constraint rule.Rule, into reflect.Value) bool {
	if from.kind == number || from.kind == boolean {
		return false
	}
	if !constraint.Allows(from.text) && (from.text != "" || into.String() != "" || len(constraint.OneOf) == 0) {
		return false
	}
	into.SetString(from.text)
	return true
}
