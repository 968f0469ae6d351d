package group

import "time"

// Membership is how a member stands in its group.
type Membership struct {
	// Member is its name in the group; "" while it has not joined.
	Member     string
	Generation int
	// Partitions is how many it has in this generation.
	Partitions int
	// Joined counts the generations that it was part of: each but the first came with a rebalance.
	Joined uint64
	// Since is when it joined this generation, or when it was last without one.
	Since time.Time
}

// Membership tells how this member stands.
func (g *Group) Membership() Membership {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.membership
}

func (g *Group) joined(gen *generation, partitions int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.membership = Membership{Member: gen.member, Generation: gen.id, Partitions: partitions, Joined: g.membership.Joined + 1, Since: time.Now()}
}

func (g *Group) ended() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.membership = Membership{Generation: g.membership.Generation, Joined: g.membership.Joined, Since: time.Now()}
}
