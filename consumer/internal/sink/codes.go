package sink

import "github.com/ClickHouse/ch-go/proto"

// codes sorts the server's exceptions; the ones that are not here are Stop.
var codes = map[proto.Error]Kind{
	// The connection, or a server that is going away.
	proto.ErrAttemptToReadAfterEOF:           Retry,
	proto.ErrCannotReadAllData:               Retry,
	proto.ErrChecksumDoesntMatch:             Retry,
	proto.ErrCannotReadFromSocket:            Retry,
	proto.ErrCannotWriteToSocket:             Retry,
	proto.ErrUnexpectedPacketFromClient:      Retry,
	proto.ErrDNSError:                        Retry,
	proto.ErrSocketTimeout:                   Retry,
	proto.ErrNetworkError:                    Retry,
	proto.ErrAborted:                         Retry,
	proto.ErrAllConnectionTriesFailed:        Retry,
	proto.ErrQueryWasCancelled:               Retry,
	proto.ErrTimeoutExceeded:                 Retry,
	proto.ErrTooSlow:                         Retry,
	proto.ErrDeadlockAvoided:                 Retry,
	proto.ErrDdlGuardIsActive:                Retry,
	proto.ErrPartIsTemporarilyLocked:         Retry,
	proto.ErrQueryWithSameIDIsAlreadyRunning: Retry,

	// A server that has too much to do, or no room.
	proto.ErrTooManyParts:                 Retry,
	proto.ErrTooManySimultaneousQueries:   Retry,
	proto.ErrNoFreeConnection:             Retry,
	proto.ErrMemoryLimitExceeded:          Retry,
	proto.ErrCannotAllocateMemory:         Retry,
	proto.ErrNotEnoughSpace:               Retry,
	proto.ErrQuotaExceeded:                Retry,
	proto.ErrCannotScheduleTask:           Retry,
	proto.ErrReceivedErrorTooManyRequests: Retry,
	proto.ErrCannotWriteToFileDescriptor:  Retry,
	proto.ErrCannotFsync:                  Retry,

	// Replicas and their keeper.
	proto.ErrTableIsReadOnly:                   Retry,
	proto.ErrNoZookeeper:                       Retry,
	proto.ErrUnexpectedZookeeperError:          Retry,
	proto.ErrNoActiveReplicas:                  Retry,
	proto.ErrNoAvailableReplica:                Retry,
	proto.ErrTooFewLiveReplicas:                Retry,
	proto.ErrUnsatisfiedQuorumForPreviousWrite: Retry,
	proto.ErrReplicaIsNotInQuorum:              Retry,
	proto.ErrUnknownStatusOfInsert:             Retry,
	proto.ErrAllReplicasAreStale:               Retry,
	proto.ErrReplicaStatusChanged:              Retry,
	proto.ErrNotALeader:                        Retry,
	proto.ErrS3Error:                           Retry,
	proto.ErrKeeperException:                   Retry,

	// Values.
	proto.ErrCannotParseText:                  RefuseRows,
	proto.ErrCannotParseInputAssertionFailed:  RefuseRows,
	proto.ErrArgumentOutOfBound:               RefuseRows,
	proto.ErrCannotConvertType:                RefuseRows,
	proto.ErrTypeMismatch:                     RefuseRows,
	proto.ErrIncorrectData:                    RefuseRows,
	proto.ErrTooLargeArraySize:                RefuseRows,
	proto.ErrTooLargeStringSize:               RefuseRows,
	proto.ErrInvalidPartitionValue:            RefuseRows,
	proto.ErrValueIsOutOfRangeOfDataType:      RefuseRows,
	proto.ErrCannotInsertNullInOrdinaryColumn: RefuseRows,
	proto.ErrFunctionThrowIfValueIsNonZero:    RefuseRows,
	proto.ErrDecimalOverflow:                  RefuseRows,
	proto.ErrCannotParseUUID:                  RefuseRows,
	proto.ErrCannotParseDomainValueFromString: RefuseRows,
	proto.ErrViolatedConstraint:               RefuseRows,
}
