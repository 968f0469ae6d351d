package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/ch-go/proto"
)

// settings knows which settings are in force in an engine session, so that each query finds its own there and leaves
// none behind. The engine has settings of sessions only, while the protocol sends them with each query.
//
// Values are kept as SQL literals.
type settings struct {
	pinned  map[string]string // the gateway relies on these: clients cannot change them
	base    map[string]string // of the session: the gateway's defaults, and what SET statements have set
	applied map[string]string // of the query
}

func newSettings(tag string) settings {
	return settings{
		pinned: map[string]string{
			"log_comment": quoteText(tag), // by which watch.go kills
			"output_format_native_write_json_as_string": "1", // the only form of JSON that the walker knows
			"async_insert":          "0", // an acknowledged row is in the table
			"wait_for_async_insert": "1",
			// The profiler's signals would hit Go's threads.
			"query_profiler_real_time_period_ns": "0",
			"query_profiler_cpu_time_period_ns":  "0",
		},
		base: map[string]string{
			"implicit_select": "0", // on in the embedded engine: "1 + 1" would be a query, and so would many a typo
		},
		applied: map[string]string{},
	}
}

// initial is the statement that starts a session.
func (s *settings) initial() string {
	all := maps.Clone(s.base)
	maps.Copy(all, s.pinned)
	return setStatement(all)
}

// forQuery gives the statement, if one is needed, that brings a query's settings and parameters into the session and
// takes the last query's out, and the settings that are in force then. Only what differs is set: a client that sends
// the same settings with each query costs nothing.
func (s *settings) forQuery(q *proto.Query) (statement string, applied map[string]string, err error) {
	applied = map[string]string{}
	for _, one := range q.Settings {
		if !settingName.MatchString(one.Key) {
			return "", nil, exception(proto.ErrUnknownSetting, "Unknown setting %s", quoteText(one.Key))
		}
		if _, ok := s.pinned[one.Key]; ok {
			continue
		}
		value := quoteText(one.Value)
		if one.Custom { // it comes as a literal
			if value = one.Value; !isLiteral(value) {
				return "", nil, exception(proto.ErrBadArguments, "Bad value of setting %s: %s", one.Key, value)
			}
		}
		applied[one.Key] = value
	}
	changes := map[string]string{}
	for name := range s.applied {
		if _, ok := applied[name]; !ok {
			changes[name] = s.usual(name)
		}
	}
	for name, value := range applied {
		if s.applied[name] != value {
			changes[name] = value
		}
	}
	for _, p := range q.Parameters {
		if !settingName.MatchString(p.Key) || !isLiteral(p.Value) {
			return "", nil, exception(proto.ErrBadArguments, "Bad query parameter %s", quoteText(p.Key))
		}
		changes["param_"+p.Key] = p.Value
	}
	return setStatement(changes), applied, nil
}

// failed notes that the statement of forQuery failed. Some of it may be in force, so the next query sets or takes out all
// that it was about.
func (s *settings) failed(applied map[string]string) {
	const unknown = ""
	for name := range s.applied {
		s.applied[name] = unknown
	}
	for name := range applied {
		s.applied[name] = unknown
	}
}

// set notes what a SET statement has set, and gives the statement that puts back the pinned ones among it.
func (s *settings) set(assignments []assignment) (repair string) {
	broken := map[string]string{}
	for _, a := range assignments {
		if value, ok := s.pinned[a.name]; ok {
			broken[a.name] = value
			continue
		}
		s.base[a.name] = a.value
		if _, ok := s.applied[a.name]; ok { // no longer what the query had
			s.applied[a.name] = a.value
		}
	}
	return setStatement(broken)
}

// has tells whether the client has said something about a setting.
func (s *settings) has(name string) bool {
	_, inQuery := s.applied[name]
	_, inSession := s.base[name]
	return inQuery || inSession
}

func (s *settings) usual(name string) string {
	if value, ok := s.base[name]; ok {
		return value
	}
	return "DEFAULT"
}

var settingName = regexp.MustCompile(`^[\w.]+$`)

// setStatement gives "" when there is nothing to set.
func setStatement(changes map[string]string) string {
	if len(changes) == 0 {
		return ""
	}
	return "SET " + assignmentList(changes)
}

func assignmentList(values map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		list = append(list, name+" = "+values[name])
	}
	return strings.Join(list, ", ")
}
