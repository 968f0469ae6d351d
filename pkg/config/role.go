package config

// CheckProducer says what the producer lacks: a configuration may be written for the consumer alone.
func (c *Config) CheckProducer() error {
	var problems []*Problem
	if c.Postgres.DSN == "" {
		problems = append(problems, c.origin.problem("postgres.dsn", "missing",
			"the source's connection string, such as postgres://user@host/database, since this is the producer"))
	}
	return joined(problems)
}

// CheckConsumer says what the consumer lacks: a configuration may be written for the producer alone.
func (c *Config) CheckConsumer() error {
	var problems []*Problem
	if len(c.ClickHouse.Addresses) == 0 && len(c.ClickHouse.Shards) == 0 {
		problems = append(problems, c.origin.problem("clickhouse.addresses", "missing",
			"a list of host:port, such as localhost:9000, since this is the consumer"))
	}
	if c.Gate.Provider == "file" && c.Gate.File == "" {
		problems = append(problems, c.origin.problem("gate.file", "missing",
			"the flag's definition in flagd's JSON, since the provider is file"))
	}
	return joined(problems)
}
