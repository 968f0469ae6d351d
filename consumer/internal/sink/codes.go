package sink

import "github.com/ClickHouse/ch-go/proto"

// codes sorts the server's exceptions. Those that are not here are Stop: what nobody has thought of, a person looks at.
//
// Retry is what passes without a person, or is mended without the consumer's help, and says nothing about the rows.
// RefuseRows is what depends on the rows' values, be it in a view; a column that does not fit is none of that, for then
// no row would be taken, and all would be dead letters.
var codes = map[proto.Error]Kind{
	// The connection, or a server that comes or goes.
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
	proto.ErrQueryWasCancelledByClient:       Retry,
	proto.ErrThreadWasCanceled:               Retry,
	proto.ErrTimeoutExceeded:                 Retry,
	proto.ErrTooSlow:                         Retry,
	proto.ErrDeadlockAvoided:                 Retry,
	proto.ErrDdlGuardIsActive:                Retry,
	proto.ErrPartIsTemporarilyLocked:         Retry,
	proto.ErrPartIsLocked:                    Retry,
	proto.ErrTableIsBeingRestarted:           Retry,
	proto.ErrAsyncLoadCanceled:               Retry,
	proto.ErrAsyncLoadWaitFailed:             Retry,
	proto.ErrQueryWithSameIDIsAlreadyRunning: Retry,
	proto.ErrPocoException:                   Retry, // of the network, as a rule
	proto.ErrStdException:                    Retry, // of memory and of files, as a rule

	// A server that has too much to do, or no room.
	proto.ErrTooManyParts:                 Retry,
	proto.ErrTooManyMutations:             Retry,
	proto.ErrUnfinished:                   Retry, // a mutation, whose replicas are away
	proto.ErrTooManySimultaneousQueries:   Retry,
	proto.ErrServerOverloaded:             Retry,
	proto.ErrUserSessionLimitExceeded:     Retry,
	proto.ErrNoFreeConnection:             Retry,
	proto.ErrMemoryLimitExceeded:          Retry,
	proto.ErrCannotAllocateMemory:         Retry,
	proto.ErrNotEnoughSpace:               Retry,
	proto.ErrQuotaExceeded:                Retry,
	proto.ErrCannotScheduleTask:           Retry,
	proto.ErrReceivedErrorTooManyRequests: Retry,
	proto.ErrCannotOpenFile:               Retry, // too many of them
	proto.ErrCannotReadFromFileDescriptor: Retry,
	proto.ErrCannotWriteToFileDescriptor:  Retry,
	proto.ErrCannotFsync:                  Retry,

	// Replicas, their keeper, and disks that are far away.
	proto.ErrTableIsReadOnly:                   Retry,
	proto.ErrNoZookeeper:                       Retry,
	proto.ErrUnexpectedZookeeperError:          Retry,
	proto.ErrNoActiveReplicas:                  Retry,
	proto.ErrNoAvailableReplica:                Retry,
	proto.ErrTooFewLiveReplicas:                Retry,
	proto.ErrTooManyRetriesToFetchParts:        Retry,
	proto.ErrUnsatisfiedQuorumForPreviousWrite: Retry,
	proto.ErrReplicaIsNotInQuorum:              Retry,
	proto.ErrUnknownStatusOfInsert:             Retry,
	proto.ErrAllReplicasAreStale:               Retry,
	proto.ErrReplicaStatusChanged:              Retry,
	proto.ErrNotALeader:                        Retry,
	proto.ErrS3Error:                           Retry,
	proto.ErrAzureBlobStorageError:             Retry,
	proto.ErrAwsError:                          Retry,
	proto.ErrGcpError:                          Retry,
	proto.ErrGoogleCloudError:                  Retry,
	proto.ErrKeeperException:                   Retry,

	// Values.
	proto.ErrCannotParseText:                  RefuseRows,
	proto.ErrCannotParseInputAssertionFailed:  RefuseRows,
	proto.ErrCannotParseDate:                  RefuseRows,
	proto.ErrCannotParseDatetime:              RefuseRows,
	proto.ErrCannotParseNumber:                RefuseRows,
	proto.ErrCannotParseBool:                  RefuseRows,
	proto.ErrCannotParseUUID:                  RefuseRows,
	proto.ErrCannotParseIpv4:                  RefuseRows,
	proto.ErrCannotParseIpv6:                  RefuseRows,
	proto.ErrCannotParseDomainValueFromString: RefuseRows,
	proto.ErrUnknownElementOfEnum:             RefuseRows,
	proto.ErrArgumentOutOfBound:               RefuseRows,
	proto.ErrCannotConvertType:                RefuseRows,
	proto.ErrIncorrectData:                    RefuseRows,
	proto.ErrTooLargeArraySize:                RefuseRows,
	proto.ErrSizesOfArraysDontMatch:           RefuseRows,
	proto.ErrTooLargeStringSize:               RefuseRows,
	proto.ErrInvalidPartitionValue:            RefuseRows,
	proto.ErrIllegalDivision:                  RefuseRows,
	proto.ErrValueIsOutOfRangeOfDataType:      RefuseRows,
	proto.ErrCannotInsertNullInOrdinaryColumn: RefuseRows,
	proto.ErrFunctionThrowIfValueIsNonZero:    RefuseRows,
	proto.ErrDecimalOverflow:                  RefuseRows,
	proto.ErrViolatedConstraint:               RefuseRows,
}
