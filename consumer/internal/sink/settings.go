package sink

import (
	"strconv"
	"time"

	"github.com/ClickHouse/ch-go"
)

// How long the server works on an INSERT, and waits for its bytes, at most. Whoever must know that an insert of another
// process has come to its end, waits for both.
const (
	MaxExecutionTime = 15 * time.Second
	ReceiveTimeout   = 5 * time.Second
)

// answerTimeout is how much longer than the server's own limits we wait for its answer.
const answerTimeout = 5 * time.Second

// insertSettings are said with each INSERT, so that no profile of the server changes what an INSERT means.
func insertSettings(token string) []ch.Setting {
	return []ch.Setting{
		important("async_insert", "0"), // on by default since 26: it would acknowledge, and deduplicate, otherwise
		important("insert_deduplicate", "1"),
		important("insert_deduplication_token", token),
		// A materialized view gets the same block again with the same token, or its counts grow with each retry.
		important("deduplicate_blocks_in_dependent_materialized_views", "1"),
		// Every change is a row, though a newer one of its key may stand in the same block.
		important("optimize_on_insert", "0"),
		// One block stays one block: a token stands for all of its rows or for none.
		important("max_insert_block_size", "100000000"),
		important("min_insert_block_size_rows", "100000000"),
		important("min_insert_block_size_bytes", "0"),
		important("max_execution_time", seconds(MaxExecutionTime)),
		important("receive_timeout", seconds(ReceiveTimeout)),
	}
}

// selectSettings keep a profile from leaving rows out of an answer.
func selectSettings() []ch.Setting {
	return []ch.Setting{
		important("final", "0"),
		important("limit", "0"),
		important("offset", "0"),
		important("max_result_rows", "0"),
		important("max_result_bytes", "0"),
		important("max_rows_to_read", "0"),
		important("max_execution_time", "0"),
	}
}

// important makes the server refuse a setting that it does not know, instead of passing it over.
func important(key, value string) ch.Setting {
	return ch.Setting{Key: key, Value: value, Important: true}
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }
