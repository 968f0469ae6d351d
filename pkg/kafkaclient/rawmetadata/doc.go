// Package rawmetadata asks a broker what kafka-go's protocol is too old for: a topic's id, which tells it from another
// that was made anew under the same name.
//
//	exchange.go  which version the broker speaks, then the question, on kafka-go's connection
//	answer.go    both answers, read as far as they matter
package rawmetadata
