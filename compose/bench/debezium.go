package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"

	"eventsync/compose/local/process"
	"eventsync/compose/local/process/cachedir"
)

//go:embed debezium.xml
var debeziumPOM []byte

// debeziumVersion names the cache; debezium.xml has it too.
const debeziumVersion = "3.7.0.Final"

var debeziumMetrics = []metric{
	{"debezium_changes_per_second", "changes/s", run.perSecond},
	{"debezium_cpu", "CPU s/M changes", run.cpuPerMillion},
	{"debezium_peak_memory", "MiB", run.peakMiB},
}

// debeziumPartitions is as many as the producer makes.
const debeziumPartitions = 4

var errNoDebezium = errors.New("no Debezium can be had here")

// debeziumJars fetches Kafka Connect with Debezium's connector, once for this machine.
func (b *bench) debeziumJars(ctx context.Context) (string, error) {
	if !b.debezium {
		return "", nil
	}
	root, err := cachedir.Root()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, "debezium-"+debeziumVersion)
	err = cachedir.Fill(ctx, dir, func(ctx context.Context, dir string) error {
		b.say("fetching Debezium %s", debeziumVersion)
		pom := filepath.Join(b.dir, "pom.xml")
		if err := os.WriteFile(pom, debeziumPOM, 0o600); err != nil {
			return err
		}
		return process.Run(ctx, process.Config{
			Name: "mvn", Path: "mvn",
			Args: []string{"-q", "-B", "-f", pom, "dependency:copy-dependencies", "-DoutputDirectory=" + dir, "-DincludeScope=runtime"},
		})
	})
	if err == nil {
		_, err = exec.LookPath("java")
	}
	if err != nil {
		return "", fmt.Errorf("%w: %w", errNoDebezium, err)
	}
	return dir, nil
}

// worker is Kafka Connect's, with a port for its own REST interface.
const worker = `bootstrap.servers=%s
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
key.converter.schemas.enable=false
value.converter.schemas.enable=false
offset.storage.file.filename=%s
offset.flush.interval.ms=1000
listeners=http://127.0.0.1:%d
connector.client.config.override.policy=All
`

// connector is Debezium's, with larger batches, queues and requests than by default, and lz4, with which it is about
// one and a half times as fast.
const connector = `name=%[1]s
connector.class=io.debezium.connector.postgresql.PostgresConnector
tasks.max=1
plugin.name=pgoutput
database.hostname=127.0.0.1
database.port=%[2]s
database.user=postgres
database.password=postgres
database.dbname=postgres
topic.prefix=%[1]s
slot.name=%[1]s
publication.name=%[3]s
publication.autocreate.mode=disabled
table.include.list=%[4]s
snapshot.mode=no_data
max.batch.size=20480
max.queue.size=81920
poll.interval.ms=50
producer.override.batch.size=1000000
producer.override.linger.ms=50
producer.override.compression.type=lz4
producer.override.buffer.memory=67108864
`

// replicate has Debezium publish the rows behind a slot that is there, from the moment that it streams.
func (b *bench) replicate(ctx context.Context, db *database, jars string, c configured, rows int) (r run, err error) {
	dir := filepath.Join(b.dir, c.name)
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // G301: nothing in it is secret
		return r, err
	}
	// What the local broker answers to Connect's own creation of it, Java's client cannot read.
	if err := b.broker.Cluster().CreateTopic(c.topic(), debeziumPartitions, nil); err != nil {
		return r, err
	}
	rest, err := process.FreePort()
	if err != nil {
		return r, err
	}
	server, err := url.Parse(b.stack.Postgres.DSN())
	if err != nil {
		return r, err
	}
	files := map[string]string{
		"worker.properties":    fmt.Sprintf(worker, b.broker.Addr(), filepath.Join(dir, "offsets"), rest),
		"connector.properties": fmt.Sprintf(connector, c.name, server.Port(), publication, source),
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return r, err
		}
	}
	p, err := process.Start(process.Config{Name: "debezium", Path: "java", Args: []string{
		"-Xmx1g", "-cp", jars + "/*", "org.apache.kafka.connect.cli.ConnectStandalone",
		filepath.Join(dir, "worker.properties"), filepath.Join(dir, "connector.properties"),
	}})
	if err != nil {
		return r, err
	}
	defer func() {
		err = errors.Join(err, p.Stop(context.WithoutCancel(ctx)), b.forget(c), db.dropSlots(context.WithoutCancel(ctx), c.name))
	}()
	begun := func() (bool, error) { return db.streams(ctx, c.name) }
	return b.untilPublished(ctx, p, c.topic(), begun, 0, rows)
}
