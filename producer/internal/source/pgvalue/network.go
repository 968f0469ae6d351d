package pgvalue

import (
	"encoding/binary"
	"strconv"
)

// The families of addresses.
const (
	inetFour = 2
	inetSix  = 3
)

// inet prints an inet or a cidr.
func (f *fields) inet(s []byte) []byte {
	family, bits, cidr, size := f.uint8(), f.uint8(), f.uint8(), f.uint8()
	switch {
	case family == inetFour && size == 4:
		s = f.octets(s)
	case family == inetSix && size == 16:
		s = appendIPv6(s, f.take(16))
	default:
		f.short = true
	}
	if cidr != 0 || int(bits) != 8*int(size) {
		s = strconv.AppendUint(append(s, '/'), uint64(bits), 10)
	}
	return s
}

func (f *fields) octets(s []byte) []byte {
	for i, b := range f.take(4) {
		if i > 0 {
			s = append(s, '.')
		}
		s = strconv.AppendUint(s, uint64(b), 10)
	}
	return s
}

// appendIPv6 leaves the longest run of zeros out, and ends an address that holds one of version 4 as that is written.
func appendIPv6(s, b []byte) []byte {
	if len(b) != 16 {
		return s
	}
	var words [8]uint16
	for i := range words {
		words[i] = binary.BigEndian.Uint16(b[2*i:])
	}
	from, length := longestRun(words[:])
	four := from == 0 && (length == 6 || length == 5 && words[5] == 0xffff)
	for i := 0; i < len(words); i++ {
		if length > 0 && i >= from && i < from+length {
			if i == from {
				s = append(s, ':')
			}
			continue
		}
		if i > 0 {
			s = append(s, ':')
		}
		if i == 6 && four {
			return (&fields{b: b[12:]}).octets(s)
		}
		s = strconv.AppendUint(s, uint64(words[i]), 16)
	}
	if length > 0 && from+length == len(words) {
		s = append(s, ':')
	}
	return s
}

// longestRun finds the first of the longest runs of two or more zeros.
func longestRun(words []uint16) (from, length int) {
	run := 0
	for i, w := range words {
		if w != 0 {
			run = 0
			continue
		}
		if run++; run > length {
			from, length = i+1-run, run
		}
	}
	if length < 2 {
		return 0, 0
	}
	return from, length
}
