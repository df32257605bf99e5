package stack

import (
	"fmt"

	"twofold/infra/local/lambda"
)

// Processes are the process ids of the instances that run now, by function ("verify"); a function without any has an
// empty list.
func (s *Stack) Processes() map[string][]int {
	ids := map[string][]int{}
	for name, pool := range s.pools {
		ids[name] = pool.Processes()
	}
	return ids
}

// KillInstances ends every instance of the function ("verify") at once, in mid-invocation too.
func (s *Stack) KillInstances(function string) error {
	pool, err := s.pool(function)
	if err != nil {
		return err
	}
	pool.Kill()
	return nil
}

// KillInstance ends one instance of the function, in mid-invocation too; pick chooses among n > 0 of them by answering
// 0 to n-1. It answers false where there is none.
func (s *Stack) KillInstance(function string, pick func(n int) int) (bool, error) {
	pool, err := s.pool(function)
	if err != nil {
		return false, err
	}
	return pool.KillOne(pick), nil
}

func (s *Stack) pool(function string) (*lambda.Pool, error) {
	if pool, ok := s.pools[function]; ok {
		return pool, nil
	}
	return nil, fmt.Errorf("stack: no function %q", function)
}
