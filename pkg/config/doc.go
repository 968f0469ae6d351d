// Package config reads the one YAML file that the producer and the consumer share. It is strict: a key that is not
// known, a value of the wrong type or out of range, and an environment variable that is not set are refused with
// file, line, column, the key and what was expected.
//
//go:generate go run ./internal/schemagen -o ../../schemas/config.schema.json
package config
