// Package rule reads the constraints that the configuration's struct tags declare, for the loader that enforces them
// and for the generator of the JSON schema that shows them to editors.
package rule
