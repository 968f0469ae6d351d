package batch

import "eventsync/pkg/change"

// checkAvailable refuses a row whose message has placeholders for values of it, as Debezium writes for a TOASTed value
// that an update did not change.
func (p *plan) checkAvailable(t *Target, values []change.Value) error {
	for i := range p.steps {
		s := &p.steps[i]
		if s.source < 0 || values[s.source].Kind != change.Unavailable {
			continue
		}
		r := p.relation
		return &RefusedError{
			Relation: r.Name(), Column: s.name, SourceType: r.Columns[s.source].SourceType, Value: shown(0, &values[s.source]),
			Target: t.name, TargetType: s.typ.text, Reason: "the message does not have the value, which its change left as it was",
			Remedy: "ALTER TABLE " + r.Name() + " REPLICA IDENTITY FULL at the source, or publish with eventsync's producer, which reads such values; then update the row",
		}
	}
	return nil
}
