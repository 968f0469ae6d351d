package migrate

import (
	"fmt"

	"eventsync/pkg/change"
)

// maxDecimalDigits is the most that ClickHouse's Decimal has.
const maxDecimalDigits = 76

// fitting is the type that holds every value of the source's that ClickHouse has a type for, without Nullable.
func fitting(c *change.Column) string {
	switch c.Type {
	case change.TypeBool:
		return "Bool"
	case change.TypeInt16:
		return "Int16"
	case change.TypeInt32:
		return "Int32"
	case change.TypeInt64:
		return "Int64"
	case change.TypeFloat32:
		return "Float32"
	case change.TypeFloat64:
		return "Float64"
	case change.TypeUUID:
		return "UUID"
	case change.TypeDate:
		return "Date32"
	case change.TypeTimestamp, change.TypeTimestampTZ:
		return "DateTime64(6, 'UTC')"
	case change.TypeDecimal:
		if before, behind, ok := digits(c); ok {
			return fmt.Sprintf("Decimal(%d, %d)", before+behind, behind)
		}
	}
	return "String"
}

// digits are a numeric's, before and behind the point, where it declares some that a Decimal can have.
func digits(c *change.Column) (before, behind int, ok bool) {
	before, behind = int(c.Precision)-int(c.Scale), int(c.Scale)
	return before, behind, c.Precision > 0 && c.Precision <= maxDecimalDigits && behind >= 0 && before >= 0
}

// created is the type that a new column gets. A relation does not say which columns may be NULL, so that all are
// Nullable but those of the key. An integer of the key gets all 64 bits at once: a sorting key's type can never be
// altered, and a key that outgrows its integer is the commonest change of a type there is.
func created(c *change.Column) string {
	if !c.Key {
		return "Nullable(" + fitting(c) + ")"
	}
	switch c.Type {
	case change.TypeInt16, change.TypeInt32:
		return "Int64"
	}
	return fitting(c)
}
