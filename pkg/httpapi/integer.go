package httpapi

import (
	"math"
	"strconv"
)

// maxExact is the largest whole number up to which a float64 holds every one (RFC 8259 §6).
const maxExact = 1 << 53

// integer is a whole number written with a fraction or an exponent, and where it stands.
type integer struct {
	from, to int64 // bytes of the body
	value    int64
}

// integer reads a number where the schema wants a whole one.
func (s *scanner) integer(field string) *Problem {
	raw, err := s.decoder.ReadValue()
	if err != nil {
		return broken(err, field)
	}
	if _, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return nil
	}
	value, err := strconv.ParseFloat(string(raw), 64)
	if err != nil || value != math.Trunc(value) || math.Abs(value) > maxExact {
		s.flaw(field, "A whole number is expected here.")
		return nil
	}
	end := s.decoder.InputOffset()
	s.integers = append(s.integers, integer{end - int64(len(raw)), end, int64(value)})
	return nil
}

// number reads a number where the schema wants any, or something else. One that no float64 holds would fail the decoding
// of the whole body later, where nobody knows its field.
func (s *scanner) number(field string) *Problem {
	raw, err := s.decoder.ReadValue()
	if err != nil {
		return broken(err, field)
	}
	if _, err := strconv.ParseFloat(string(raw), 64); err != nil {
		s.flaw(field, detailDefault)
	}
	return nil
}

// rewritten is the body with those integers in plain digits.
func (s *scanner) rewritten(body []byte) []byte {
	if len(s.integers) == 0 {
		return body
	}
	plain := make([]byte, 0, len(body))
	done := int64(0)
	for _, i := range s.integers {
		plain = append(plain, body[done:i.from]...)
		plain = strconv.AppendInt(plain, i.value, 10)
		done = i.to
	}
	return append(plain, body[done:]...)
}
