package replication

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"go.uber.org/zap"

	"eventsync/producer/internal/source"
	"eventsync/producer/internal/source/state"
)

// Finding is one thing that Check looked at.
type Finding struct {
	What string
	OK   bool
	// Problem and Fix may be there although it is OK: then they are advice.
	Problem, Fix string
}

// Check says what would keep Run from replicating, all of it at once, and changes nothing. What Run would create is no
// problem, nor is a slot that another producer has.
func Check(ctx context.Context, cfg Config, log *zap.Logger) []Finding {
	var c checker
	var err error
	if c.r, err = New(cfg, nil, nil, log); err != nil {
		c.add("connection", err)
		return c.found
	}
	defer c.r.close()
	c.conn, err = c.r.control.Conn(ctx)
	c.add("connection", err)
	if err != nil {
		return c.found
	}
	c.check(ctx)
	return c.found
}

// checker collects findings.
type checker struct {
	r     *Replicator
	conn  *pgx.Conn
	found []Finding
}

func (c *checker) add(what string, err error) {
	f := Finding{What: what, OK: err == nil}
	var refusal *source.Refusal
	switch {
	case errors.As(err, &refusal):
		f.Problem, f.Fix = refusal.Problem, refusal.Fix
		if refusal.Err != nil {
			f.Problem += ": " + refusal.Err.Error()
		}
	case err != nil:
		f.Problem = err.Error()
	}
	c.found = append(c.found, f)
}

func (c *checker) check(ctx context.Context) {
	r := c.r
	var err error
	r.server, err = verifyServer(ctx, c.conn)
	c.add("server", err)
	if r.server == nil {
		return
	}
	origin, err := r.verifySource(ctx)
	c.add("replication, and the cluster", err)
	slot, err := r.findSlot(ctx, c.conn)
	busy := errors.Is(err, ErrSlotBusy)
	if busy {
		err = nil
	}
	c.add("slot "+r.cfg.Slot, err)
	if !busy {
		c.checkRoom(slot == nil)
	}
	if r.server.version >= failoverVersion {
		c.adviseStandbys(ctx)
	}
	known, err := r.state.Tables(ctx)
	if err != nil {
		c.add("schema eventsync", err)
		return
	}
	if len(known) > 0 && !busy {
		c.checkBound(ctx, slot, origin)
	}
	c.checkTables(ctx, slot != nil || busy, known)
}

// checkBound says whether the slot is the one that was streamed from.
func (c *checker) checkBound(ctx context.Context, s *slot, o *origin) {
	switch {
	case s == nil:
		c.add("slot "+c.r.cfg.Slot, c.r.lostSlot())
	case o != nil:
		c.add("slot "+c.r.cfg.Slot+" is the one that was streamed from", c.r.verifyBound(ctx, s, o))
	}
}

// checkRoom says whether the server has a slot and walsenders left.
func (c *checker) checkRoom(slotMissing bool) {
	s := c.r.server
	free := s.slots - s.slotsUsed
	if slotMissing && free < 1 {
		c.add("max_replication_slots", tooFew("max_replication_slots", s.slots, s.slotsUsed, nil))
	} else {
		c.add(fmt.Sprintf("max_replication_slots (%d of %d free)", free, s.slots), nil)
	}
	free = s.senders - s.sendersUsed
	if free < sendersNeeded {
		c.add("max_wal_senders", tooFew("max_wal_senders", s.senders, s.sendersUsed, nil))
	} else {
		c.add(fmt.Sprintf("max_wal_senders (%d of %d free)", free, s.senders), nil)
	}
}

// checkTables looks at the tables, and at what publishes them.
func (c *checker) checkTables(ctx context.Context, slotExists bool, known map[source.Name]state.Table) {
	r := c.r
	tables, err := r.describeTables(ctx, r.control, known)
	if err != nil {
		c.add("tables", err)
		return
	}
	if err := r.separate(ctx, c.conn, tables); err != nil {
		c.add("tables", err)
		return
	}
	keyed, appended := r.publications(tables)
	creates := false
	for _, p := range []*publication{keyed, appended} {
		found, err := p.verify(ctx, c.conn)
		if err == nil && !found && slotExists && len(p.tables) > 0 {
			err = r.publicationGone(p)
		}
		if err == nil {
			err = c.checkOwned(ctx, p, found, tables)
		}
		c.add("publication "+p.name, err)
		creates = creates || !found
	}
	c.checkCreate(ctx, creates)
	for _, t := range tables.good {
		c.add("table "+t.Name.String(), nil)
	}
	for _, b := range tables.bad {
		c.add("table "+b.Table.String(), b.Reason)
	}
}

// checkOwned leaves tables out that the role cannot add to the publication.
func (c *checker) checkOwned(ctx context.Context, p *publication, exists bool, t *tables) error {
	published, err := publishedTables(ctx, c.conn, p.name)
	if err != nil {
		return err
	}
	mine, others, err := owned(ctx, c.conn, p.tables)
	if err != nil {
		return err
	}
	if !exists && len(mine) == 0 && len(others) > 0 {
		return p.notOwner(p.createSQL(others), nil)
	}
	for _, name := range others {
		if !published[name] {
			t.leaveOut(name, p.notOwner(p.add(name), nil))
		}
	}
	return nil
}

const mayCreateSQL = `SELECT current_database()::text, has_database_privilege(current_database(), 'CREATE'), to_regnamespace('eventsync') IS NOT NULL`

// checkCreate says whether the role may create what is missing.
func (c *checker) checkCreate(ctx context.Context, publications bool) {
	var database string
	var may, schema bool
	err := c.conn.QueryRow(ctx, mayCreateSQL).Scan(&database, &may, &schema)
	if err == nil && !may && (publications || !schema) {
		err = &source.Refusal{
			Problem: fmt.Sprintf("the role %s may not create the schema eventsync and the publications", c.r.server.role),
			Fix:     fmt.Sprintf("GRANT CREATE ON DATABASE %s TO %s", source.Quote(database), source.Quote(c.r.server.role)),
		}
	}
	c.add("database", err)
}

const standbysSQL = `
SELECT current_setting('synchronized_standby_slots'), coalesce(string_agg(slot_name, ',' ORDER BY slot_name), '')
FROM pg_replication_slots WHERE slot_type = 'physical'`

// adviseStandbys asks that standbys are not overtaken: changes that one lacks when it is promoted were published, and
// are no part of what it goes on from.
func (c *checker) adviseStandbys(ctx context.Context) {
	var setting, standbys string
	err := c.conn.QueryRow(ctx, standbysSQL).Scan(&setting, &standbys)
	if err != nil || standbys == "" || setting != "" {
		c.add("standbys", err)
		return
	}
	c.found = append(c.found, Finding{
		What: "standbys", OK: true,
		Problem: "changes may be published that no standby has yet: after a failover the producer would refuse to go on",
		Fix:     fmt.Sprintf("ALTER SYSTEM SET synchronized_standby_slots = %s; SELECT pg_reload_conf(); with sync_replication_slots and hot_standby_feedback on at the standbys", source.QuoteLiteral(standbys)),
	})
}
