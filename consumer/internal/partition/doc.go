// Package partition is the worker that syncs one topic partition: read, gate, build, intent, insert, commit.
//
// # What it promises
//
//   - A committed offset is the watermark: every change before it is in the target.
//   - A batch is announced before it is sent: its end and the token of its insert are in the metadata of the committed
//     offset (the intent). Whoever owns the partition next forms that same batch again and sends it under the same
//     token, which the target takes only once. So a crash at any point neither loses nor repeats a row, as long as the
//     target's deduplication window still holds the token.
//   - With the gate closed nothing is read further, and nothing is committed: the topic is the store.
//   - A message that cannot be synced stops this partition, after everything before it is inserted and committed.
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
//   - A commit without an answer is never sent again: a late first one could turn the offset back.
//   - The chain in the metadata is that of the committed offset, not of the batch's end: recovery drops the same
//     repeats as the first attempt did, or it would form another batch.
//   - A batch that is formed again asks neither the gate nor the limits: it ends where the intent says.
package partition
