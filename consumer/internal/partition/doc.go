// Package partition is the worker that syncs one topic partition: read, gate, build, intent, insert, commit.
//
// # What it promises
//
//   - A committed offset is the watermark: every change before it is in the target, or is a dead letter.
//   - A batch is announced before it is sent: its end and the token of its insert are in the metadata of the committed
//     offset (the intent). Whoever owns the partition next forms that same batch again and sends it under the same
//     token, which the target takes only once. So a crash at any point neither loses nor repeats a row.
//   - What a token cannot settle is settled by looking: when the target may have forgotten the token, or remembers it and
//     has lost the rows, the range is gone through by pieces, of which only what is missing is sent, under tokens of
//     their own, and not before every insert of earlier owners has come to its end.
//   - A row that cannot be synced becomes a dead letter, with its neighbours in place. What concerns a whole table stops
//     the partition, after everything before it is inserted and committed.
//   - With the gate closed nothing is read further, and nothing is committed: the topic is the store.
//
// # The loop
//
//	fill    read changes into a batch until rows, bytes or time say so, or nothing is left to do
//	settle  wait for the insert of the batch before
//	commit  (start, intent{end, token}, chain) under the generation that gave the partition
//	insert  in the background, while the next batch fills
//
// One commit carries the end of one batch and the intent of the next; when nothing follows, the end is committed alone.
//
// # Invariants that are easy to break
//
//   - No insert before its intent is acknowledged, and none after a commit failed.
//   - At most one intent is outstanding: an insert has ended before the next commit is sent.
//   - A commit without an answer is never sent again: a late first one could turn the offset back.
//   - The chain in the metadata is that of the committed offset, not of the batch's end: recovery drops the same
//     repeats as the first attempt did, or it would form another batch.
//   - A batch that is formed again asks neither the gate nor the limits: it ends where the intent says.
//   - Before a block is sent again the target is looked at, and after it was acknowledged again. Where there are views the
//     block is sent whole, under the same token: they may lack what the table does not.
//   - The lease is looked at last before a block is sent, also behind the commit that renewed it.
//   - A new token for rows that were sent before is used only after the quarantine: see quarantine.go.
//   - Dead letters are acknowledged before the commit that passes them.
//
// # Files
//
//	worker.go      what a Worker is made of; Run; one step of the loop
//	seams.go       what it needs of others, as interfaces
//	fill.go        when a batch is full
//	take.go        one record: into the batch, passed over, a dead letter, or a truncate
//	advance.go     commits: the intent of what was filled, the end of what was inserted
//	insert.go      the insert in flight: its tries, and what is made of their failures
//	recover.go     what is to be done about the intent that was found
//	pieces.go      a range whose rows may be in the target already
//	quarantine.go  until when an insert of earlier times can still land
//	truncate.go    the source table was emptied
//	letters.go     dead letters, and how many of them are too many
//	pace.go        the time between inserts into one table
//	lanes.go       how many large batches are inserted at the same time
//	chain.go       which changes are repeats
//	announced.go   what others can read of it
//	metadata.go    what stands beside the committed offset
//	watermark.go   the same for those who mend it while no worker runs
//	progress.go    what others can see of a worker
package partition
