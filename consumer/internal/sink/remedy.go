package sink

import (
	"strings"

	"github.com/ClickHouse/ch-go"
	"github.com/ClickHouse/ch-go/proto"
)

// remedy is what a person can do about an error, or "".
func remedy(err error) string {
	e, ok := ch.AsException(err)
	switch {
	case !ok && refusedTLS(err):
		return "check clickhouse.tls, and that the address is the server's port for TLS"
	case !ok:
		return ""
	case e.IsCode(proto.ErrUnknownTable, proto.ErrUnknownDatabase, proto.ErrTableIsDropped):
		return "create it: consumer migrate"
	case e.IsCode(proto.ErrUnknownIdentifier) && strings.Contains(e.Message, "_version"):
		return "the table needs a version to tell older rows by: ALTER TABLE ... ADD COLUMN _version UInt64, or consumer migrate"
	case e.IsCode(proto.ErrNoSuchColumnInTable, proto.ErrThereIsNoColumn, proto.ErrNotFoundColumnInBlock, proto.ErrTypeMismatch):
		return "the table was altered: restart the consumer, so that it reads the columns again"
	case e.IsCode(proto.ErrAuthenticationFailed, proto.ErrUnknownUser, proto.ErrWrongPassword, proto.ErrRequiredPassword, proto.ErrUserExpired):
		return "check clickhouse.username and clickhouse.password"
	case e.IsCode(proto.ErrIPAddressNotAllowed):
		return "allow the user to come from this host"
	case e.IsCode(proto.ErrAccessDenied, proto.ErrDatabaseAccessDenied, proto.ErrReadonly):
		return "grant the user what the server asks for, and do not make it readonly"
	case e.IsCode(proto.ErrUnknownSetting, proto.ErrSettingConstraintViolation):
		return "the consumer says what an INSERT means by settings: let the user's profile allow them, on a server that has them"
	case e.IsCode(proto.ErrTooManyParts) && tooManyPartitions(e):
		return "the rows span more partitions of the table than one INSERT may: send fewer rows, or partition by a longer time"
	case e.IsCode(proto.ErrTooManyParts):
		return "merges do not keep up: raise consumer.batch.interval, or give the server more to merge with"
	case e.IsCode(proto.ErrMemoryLimitExceeded):
		return "if it does not pass: lower consumer.batch.rows, or raise the server's max_memory_usage"
	default:
		return ""
	}
}
