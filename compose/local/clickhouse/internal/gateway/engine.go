package gateway

// Engine opens sessions. They run in parallel.
type Engine interface {
	Open() (EngineSession, error)
}

// EngineSession is a session of the engine: it has settings, a current database and temporary tables of its own, and
// runs one statement at a time.
type EngineSession interface {
	// Query runs a statement to its end and gives use the whole result in format.
	Query(text, format string, use func(Chunk) error) error
	// Stream gives use the result part by part; an error of use ends the statement.
	Stream(text, format string, use func(Chunk) error) error
	Close()
}

// Chunk is a result or a part of one. Data is the engine's and is gone when the function that got the Chunk returns.
type Chunk struct {
	Data []byte

	// What the statement has read from tables and written to them.
	ReadRows, ReadBytes, WroteRows, WroteBytes uint64
}

func ignore(Chunk) error { return nil }

// ask gives a statement's result as a string.
func ask(s EngineSession, text, format string) (answer string, err error) {
	err = s.Query(text, format, func(c Chunk) error {
		answer = string(c.Data)
		return nil
	})
	return answer, err
}
