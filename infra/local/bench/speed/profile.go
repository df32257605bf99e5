package main

import (
	"context"
	"os"
	"runtime/pprof"

	"twofold/pkg/factor"
)

// profiled is how many right answers of everybody go into the profile, one for each step of TOTP. They fit into the
// life of one login.
const profiled = 18

// profile writes a CPU profile of right answers through the handler at 8 clients, and of nothing else.
func (b *bench) profile(ctx context.Context, path string) error {
	b.clock.advance(pace)
	if err := b.enter(ctx); err != nil {
		return err
	}
	steps := make([][]call, profiled)
	now := b.clock.Now()
	for n := range steps {
		for _, p := range b.asked {
			c, err := b.prepare(b.handler, rightAnswer, p, now)
			if err != nil {
				return err
			}
			steps[n] = append(steps[n], c)
		}
		now = now.Add(factor.TOTPPeriod)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	if err := pprof.StartCPUProfile(file); err != nil {
		return err
	}
	defer pprof.StopCPUProfile()
	for _, calls := range steps {
		if err := b.all(ctx, rightAnswer, calls); err != nil {
			return err
		}
		b.clock.advance(factor.TOTPPeriod)
	}
	return nil
}

// enter begins a login of everybody.
func (b *bench) enter(ctx context.Context) error {
	calls, err := b.answers(login, b.asked)
	if err != nil {
		return err
	}
	return b.all(ctx, login, calls)
}

func (b *bench) all(ctx context.Context, o operation, calls []call) error {
	_, replies, err := work(ctx, many, calls)
	if err != nil {
		return err
	}
	for at, r := range replies {
		if err := b.took(o, b.asked[at], r); err != nil {
			return err
		}
	}
	return nil
}
