package user

import "errors"

// rounds are one try and two repetitions (design §7): whoever loses three times in a row
// hears of the conflict, uncounted.
const rounds = 3

// Race runs a step that reads, judges and writes, again when somebody else wrote
// first. The outcome of a step that lost is never revealed.
func Race[T any](step func() (T, error)) (T, error) {
	var none T
	for range rounds {
		result, err := step()
		if !errors.Is(err, ErrConflict) {
			return result, err
		}
	}
	return none, ErrConflict
}
