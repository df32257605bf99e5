package lambda

import (
	"cmp"
	"slices"
)

// Kill ends every instance at once, in mid-invocation too, as a machine that fails does. Later invocations start new
// ones. It returns when the processes are gone.
func (p *Pool) Kill() {
	p.mu.Lock()
	p.idle = nil
	victims := p.all
	p.all = map[*instance]struct{}{}
	p.mu.Unlock()
	for i := range victims {
		i.stop()
	}
}

// KillOne ends one instance, in mid-invocation too, as Kill does all. pick chooses among n > 0 instances, in the order
// of their process ids, by answering 0 to n-1. It returns when the process is gone; false where there is none to kill.
func (p *Pool) KillOne(pick func(n int) int) bool {
	p.mu.Lock()
	living := p.living()
	if len(living) == 0 {
		p.mu.Unlock()
		return false
	}
	victim := living[pick(len(living))]
	delete(p.all, victim) // where it is idle, whoever takes it next finds it dead
	p.mu.Unlock()
	victim.stop()
	return true
}

// Instances is the number of instances that exist now.
func (p *Pool) Instances() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.all)
}

// Processes are the process ids of the instances that run now, in ascending order. Any of them may be gone a moment
// later.
func (p *Pool) Processes() []int {
	p.mu.Lock()
	defer p.mu.Unlock()
	var ids []int
	for _, i := range p.living() {
		ids = append(ids, i.process.PID())
	}
	return ids
}

// living are the instances whose process has not ended, by process id. The caller holds the lock.
func (p *Pool) living() []*instance {
	var list []*instance
	for i := range p.all {
		select {
		case <-i.process.Done():
		default:
			list = append(list, i)
		}
	}
	slices.SortFunc(list, func(a, b *instance) int { return cmp.Compare(a.process.PID(), b.process.PID()) })
	return list
}
