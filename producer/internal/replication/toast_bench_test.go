package replication

import (
	"fmt"
	"testing"
)

// BenchmarkUnchangedToast streams updates that leave a TOASTed value of 10 kB out: of one row again and again, and of a
// row each.
func BenchmarkUnchangedToast(b *testing.B) {
	const updates = 10_000
	for _, rows := range []int{1, updates} {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			for b.Loop() {
				db := newDatabase(b)
				db.exec("CREATE TABLE a (id bigint PRIMARY KEY, n int, big text); ALTER TABLE a ALTER big SET STORAGE EXTERNAL")
				db.exec("INSERT INTO a SELECT i, 0, repeat(md5(i::text), 320) FROM generate_series(1, $1) i", rows)
				cfg := db.config("public.a")
				prepared := start(b, cfg, &recorder{}, noRows{})
				db.waitStreaming(cfg.Slot)
				if err := prepared.stop(); err != nil {
					b.Fatal(err)
				}
				db.exec(fmt.Sprintf("DO $$ BEGIN FOR i IN 1..%d LOOP UPDATE a SET n = n + 1 WHERE id = 1 + i %% %d; COMMIT; END LOOP; END $$", updates, rows))
				took, cpu := streamAll(b, cfg, updates)
				b.ReportMetric(updates/took.Seconds(), "updates/s")
				b.ReportMetric(cpu.Seconds(), "cpu-s")
			}
		})
	}
}
