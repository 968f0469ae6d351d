package deadletter

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"eventsync/pkg/change"
	"eventsync/pkg/letter"
)

// Show prints all that a letter holds: the change, if it can be decoded, and else the value's bytes.
func Show(out io.Writer, e *Entry) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name, format string, args ...any) {
		fmt.Fprintf(w, "%s:\t%s\n", name, fmt.Sprintf(format, args...))
	}
	line("letter", "%d:%d, buried %s", e.Partition, e.Offset, e.Buried.Format(time.RFC3339))
	for _, p := range e.about {
		if p.Name == letter.Timestamp {
			line("timestamp", "%s", time.UnixMilli(e.timestamp).UTC().Format(time.RFC3339Nano))
			continue
		}
		line(strings.TrimPrefix(p.Name, "eventsync."), "%s", p.Value)
	}
	line("key", "%s", printable(e.Record.Key))
	for _, h := range e.Headers {
		line("header "+h.Key, "%s", printable(h.Value))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return showValue(out, e)
}

func showValue(out io.Writer, e *Entry) error {
	value := e.Record.Value
	if len(value) == 0 {
		_, err := fmt.Fprintln(out, "\nno value")
		return err
	}
	var d Decoder
	c, err := d.Decode(e.Record.Key, value)
	switch {
	case err != nil && utf8.Valid(value):
		_, err = fmt.Fprintf(out, "\nthe value, which is no change (%v):\n%s\n", err, value)
		return err
	case err != nil:
		_, err = fmt.Fprintf(out, "\nthe value, which is no change (%v):\n%s", err, hex.Dump(value))
		return err
	}
	fmt.Fprintf(out, "\n%v of %s, version %d (%v), position %v, committed %s\n", c.Op, c.Relation.Name(), c.Version, c.Version.LSN(), c.Position,
		time.UnixMicro(c.CommitTime).UTC().Format(time.RFC3339Nano))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for i := range c.Values {
		column := &c.Relation.Columns[i]
		key := ""
		if column.Key {
			key = "key"
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", column.Name, column.SourceType, key, text(column.Type, &c.Values[i]))
	}
	return w.Flush()
}

// text is a value as people write it.
func text(t change.Type, v *change.Value) string {
	switch v.Kind {
	case change.Null:
		return "NULL"
	case change.Unavailable:
		return "(unavailable)"
	case change.Bool:
		return fmt.Sprint(v.Bool())
	case change.Float:
		return fmt.Sprint(v.Float())
	case change.Integer:
		return integer(t, v.Integer())
	default:
		return printable(v.Bytes)
	}
}

func integer(t change.Type, i int64) string {
	dated := t == change.TypeDate || t == change.TypeTimestamp || t == change.TypeTimestampTZ
	switch {
	case dated && i == change.PositiveInfinity:
		return "infinity"
	case dated && i == change.NegativeInfinity:
		return "-infinity"
	case t == change.TypeDate:
		return time.Unix(i*24*60*60, 0).UTC().Format(time.DateOnly)
	case t == change.TypeTime:
		return time.UnixMicro(i).UTC().Format("15:04:05.999999")
	case t == change.TypeTimestamp:
		return time.UnixMicro(i).UTC().Format("2006-01-02 15:04:05.999999")
	case t == change.TypeTimestampTZ:
		return time.UnixMicro(i).UTC().Format("2006-01-02 15:04:05.999999Z")
	default:
		return fmt.Sprint(i)
	}
}

// printable is text in quotes unless it is plain, and other bytes in hex.
func printable(b []byte) string {
	switch {
	case b == nil:
		return "null"
	case !utf8.Valid(b):
		return "0x" + hex.EncodeToString(b)
	case strings.ContainsFunc(string(b), func(r rune) bool { return r < ' ' }) || len(b) == 0:
		return fmt.Sprintf("%q", b)
	default:
		return string(b)
	}
}
