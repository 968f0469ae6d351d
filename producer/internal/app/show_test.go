package app

import (
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
	"go.uber.org/zap"

	"eventsync/compose/local/brokertest"
	"eventsync/compose/local/postgres"
	"eventsync/compose/local/postgres/postgrestest"
	"eventsync/compose/local/process/processtest"
	"eventsync/pkg/config"
	"eventsync/pkg/kafkaclient"
	"eventsync/pkg/telemetry/telemetrytest"
	"eventsync/producer/internal/lookup"
	"eventsync/producer/internal/publish"
	"eventsync/producer/internal/replication"
	"eventsync/producer/internal/snapshot"
)

func TestMetricsTellWhatIsDone(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		db := postgrestest.New(t)
		exec := session(t, db.DSN)
		exec("CREATE TABLE kinds (id int PRIMARY KEY, name text); INSERT INTO kinds VALUES (1, 'one')")
		exec("CREATE TABLE a (id int PRIMARY KEY, kind int); INSERT INTO a SELECT i, 1 FROM generate_series(1, 10) i; CREATE TABLE keyless (id int)")
		r := start(t, configure(t, db.DSN, b,
			config.Table{Source: "public.a", Lookups: []config.Lookup{{
				Column: "kind_name", Keys: []string{"kind"}, SQL: "SELECT k.i, kinds.name FROM unnest($1::int[]) WITH ORDINALITY k (id, i) JOIN kinds ON kinds.id = k.id",
				Watch: []config.Watch{{Source: "public.kinds", Column: "id", Key: "kind"}},
			}}},
			config.Table{Source: "public.keyless"},
		))
		r.WaitReady(http.StatusOK, "^ok\n$")
		exec("INSERT INTO a VALUES (11, 1), (12, 1)")
		exec("DELETE FROM a WHERE id = 1")
		const p = "eventsync_producer_"
		for series, ok := range map[string]func(float64) bool{
			`phase{phase="streaming"}`:                                        telemetrytest.Is(1),
			`phase{phase="standby"}`:                                          telemetrytest.Is(0),
			`changes_total{op="snapshot",table="public.a"}`:                   telemetrytest.Is(10),
			`changes_total{op="insert",table="public.a"}`:                     telemetrytest.Is(2),
			`changes_total{op="delete",table="public.a"}`:                     telemetrytest.Is(1),
			`transactions_total`:                                              telemetrytest.Is(2),
			`records_total`:                                                   telemetrytest.Is(13),
			`snapshot_rows{table="public.a"}`:                                 telemetrytest.Is(10),
			`snapshot_progress_ratio{table="public.a"}`:                       telemetrytest.Is(1),
			`table_left_out{table="public.a"}`:                                telemetrytest.Is(0),
			`table_left_out{table="public.keyless"}`:                          telemetrytest.Is(1),
			`lag_seconds`:                                                     telemetrytest.Is(0),
			`newest_commit_timestamp_seconds`:                                 func(v float64) bool { return v > 1.7e9 },
			`confirmed_wal_bytes_total`:                                       telemetrytest.Positive,
			`retained_wal_bytes`:                                              telemetrytest.Positive,
			`retained_wal_alarm_bytes`:                                        telemetrytest.Is(10 << 30),
			`wal_status{status="reserved"}`:                                   telemetrytest.Is(1),
			`publish_seconds_count`:                                           telemetrytest.Positive,
			`publish_seconds_sum`:                                             telemetrytest.Positive,
			`batch_bytes_sum`:                                                 telemetrytest.Positive,
			`lookup_hits_total{column="kind_name",table="public.a"}`:          telemetrytest.Positive,
			`lookup_query_seconds_count{column="kind_name",table="public.a"}`: telemetrytest.Positive,
			`publish_retries_total`:                                           func(v float64) bool { return v >= 0 }, // a topic that was just made may be unknown yet
			`dead_letters_total`:                                              telemetrytest.Is(0),
		} {
			r.WaitMetric(p+series, ok)
		}
		exec("UPDATE kinds SET name = 'eins'")
		r.WaitMetric(p+`lookup_evictions_total{column="kind_name",table="public.a"}`, telemetrytest.Is(1))
		r.WaitMetric("go_goroutines", telemetrytest.Positive)
		r.WaitMetric("process_start_time_seconds", telemetrytest.Positive)
	})
}

// The broker takes nothing for a while: that is seen, in a sentence and in seconds, and passes with it.
func TestBrokerStalls(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		db := postgrestest.New(t)
		exec := session(t, db.DSN)
		exec("CREATE TABLE a (id int PRIMARY KEY)")
		r := start(t, configure(t, db.DSN, b, config.Table{Source: "public.a"}))
		r.WaitReady(http.StatusOK, "ok")
		stalled := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Count: -1, Err: kerr.NotEnoughReplicas})
		exec("INSERT INTO a VALUES (1)")
		r.WaitReady(http.StatusServiceUnavailable, "^a change has waited for .*s to be published, and Kafka has not acknowledged it\n$")
		r.WaitMetric("eventsync_producer_lag_seconds", func(v float64) bool { return v > quick.Seconds() })
		r.WaitMetric("eventsync_producer_publish_retries_total", telemetrytest.Positive)
		if status, _ := r.Get("/livez"); status != http.StatusOK {
			t.Errorf("/livez is %d", status)
		}
		stalled.Remove()
		r.WaitReady(http.StatusOK, "ok")
		r.WaitMetric("eventsync_producer_lag_seconds", telemetrytest.Is(0))
	})
}

// A change that waits for a joined column waits, too, though Kafka has acknowledged all that it was given.
func TestLookupStalls(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		db := postgrestest.New(t)
		exec, lock := session(t, db.DSN), session(t, db.DSN)
		exec("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE kinds (id int)")
		r := start(t, configure(t, db.DSN, b, config.Table{Source: "public.a", Lookups: []config.Lookup{{
			Column: "x", Keys: []string{"id"}, SQL: "SELECT k.i, kinds.id FROM unnest($1::int[]) WITH ORDINALITY k (id, i) JOIN kinds USING (id)",
		}}}))
		r.WaitReady(http.StatusOK, "ok")
		lock("BEGIN; LOCK TABLE kinds")
		exec("INSERT INTO a VALUES (1)")
		r.WaitReady(http.StatusServiceUnavailable, "a change has waited")
		r.WaitMetric("eventsync_producer_lag_seconds", func(v float64) bool { return v > quick.Seconds() })
		lock("COMMIT")
		r.WaitReady(http.StatusOK, "ok")
		r.WaitMetric("eventsync_producer_lag_seconds", telemetrytest.Is(0))
	})
}

// A snapshot whose topic cannot be made reads on until there is no room, and then nothing more.
func TestSnapshotStalls(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		if b.Fake == nil {
			t.Skip("Apache Kafka fails nothing on demand")
		}
		db := postgrestest.New(t)
		session(t, db.DSN)("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a SELECT generate_series(1, 1000)")
		stalled := b.Fake.Cluster().Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.CreateTopics}, Count: -1, Err: kerr.NotController})
		r := start(t, configure(t, db.DSN, b, config.Table{Source: "public.a"}))
		r.WaitReady(http.StatusServiceUnavailable, "^a snapshot is under way, and nothing of it was read for .*s\n$")
		r.WaitMetric(`eventsync_producer_phase{phase="snapshot"}`, telemetrytest.Is(1))
		stalled.Remove()
		r.WaitReady(http.StatusOK, "ok")
		r.WaitMetric(`eventsync_producer_phase{phase="streaming"}`, telemetrytest.Is(1))
		r.WaitMetric(`eventsync_producer_changes_total{op="snapshot",table="public.a"}`, telemetrytest.Is(1000))
	})
}

func TestPostgresIsGone(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		server, err := postgres.Start(t.Context(), postgres.Config{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		processtest.StopAtEnd(t, server)
		session(t, server.DSN())("CREATE TABLE a (id int PRIMARY KEY)")
		r := start(t, configure(t, server.DSN(), b, config.Table{Source: "public.a"}))
		r.WaitReady(http.StatusOK, "ok")
		if err := server.Stop(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.WaitReady(http.StatusServiceUnavailable, "^not streaming for .*s: connect to PostgreSQL: ")
		r.WaitMetric(`eventsync_producer_phase{phase="preparing"}`, telemetrytest.Is(1))
		r.WaitMetric("eventsync_producer_lag_seconds", func(v float64) bool { return v > quick.Seconds() })
		if status, _ := r.Get("/livez"); status != http.StatusOK {
			t.Errorf("/livez is %d", status)
		}
		if err := server.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.WaitReady(http.StatusOK, "ok")
		r.WaitMetric("eventsync_producer_lag_seconds", telemetrytest.Is(0))
	})
}

// A standby is ready, and leaves the lag to the one that streams.
func TestStandbyIsReady(t *testing.T) {
	brokertest.Run(t, func(t *testing.T, b *brokertest.Broker) {
		db := postgrestest.New(t)
		session(t, db.DSN)("CREATE TABLE a (id int PRIMARY KEY)")
		cfg := configure(t, db.DSN, b, config.Table{Source: "public.a"})
		first := start(t, cfg)
		first.WaitReady(http.StatusOK, "ok")
		second := start(t, cfg)
		second.WaitMetric(`eventsync_producer_phase{phase="standby"}`, telemetrytest.Is(1))
		second.WaitReady(http.StatusOK, "ok")
		if lag, told := second.Metric("eventsync_producer_lag_seconds"); told {
			t.Errorf("the standby says that the lag is %v s", lag)
		}
		first.stop()
		second.WaitMetric(`eventsync_producer_phase{phase="streaming"}`, telemetrytest.Is(1))
		second.WaitMetric("eventsync_producer_lag_seconds", telemetrytest.Is(0))
	})
}

// docs/metrics.md lists what is told, with its labels and its help, and nothing else. The strict registry compares what is
// collected with what is described.
func TestMetricsAreDocumented(t *testing.T) {
	cfg := config.Default()
	cfg.Postgres.DSN = "postgres://nobody@localhost:1/none"
	cfg.Kafka.Brokers = []string{"localhost:1"}
	cfg.Tables = []config.Table{{Source: "public.a", Lookups: []config.Lookup{{Column: "c", Keys: []string{"id"}, SQL: "s"}}}}
	registry := prometheus.NewPedanticRegistry()
	register(registry, &cfg, offline(t, &cfg))
	if _, err := registry.Gather(); err != nil {
		t.Fatal(err)
	}
	var told []string
	pattern := regexp.MustCompile(`fqName: "([^"]+)", help: "([^"]+)".*variableLabels: \{(.*)\}\}$`)
	for _, d := range append(descriptions(), prometheus.NewHistogram(publishSecondsOptions).Desc(), prometheus.NewHistogram(batchBytesOptions).Desc()) {
		m := pattern.FindStringSubmatch(d.String())
		if m == nil {
			t.Fatalf("%s is not understood", d)
		}
		told = append(told, "| `"+m[1]+"` | "+strings.ReplaceAll(m[3], ",", ", ")+" | "+m[2]+" |")
	}
	slices.Sort(told)
	text, err := os.ReadFile("../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := regexp.MustCompile("(?m)^\\| `eventsync_producer_.*$").FindAllString(string(text), -1)
	slices.Sort(documented)
	if !slices.Equal(told, documented) {
		t.Errorf("docs/metrics.md should have these lines, and no others:\n%s", strings.Join(told, "\n"))
	}
}

// offline are parts that do not run.
func offline(t *testing.T, cfg *config.Config) *parts {
	t.Helper()
	client, err := kafkaclient.New(cfg.Kafka, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	publisher, err := publish.New(client, cfg, nil, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	joined, err := lookup.New(cfg, publisher, zap.NewNop())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(joined.Close)
	p := &parts{intake: &intake{Publisher: joined}, lookup: joined, publisher: publisher, snapshotter: snapshot.New(cfg, joined, zap.NewNop())}
	if p.replicator, err = replication.New(replication.Configure(cfg), p.intake, p.snapshotter, zap.NewNop()); err != nil {
		t.Fatal(err)
	}
	return p
}
