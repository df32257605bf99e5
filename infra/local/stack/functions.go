package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"

	"twofold/infra/local/build"
	"twofold/infra/local/gateway"
	"twofold/infra/local/lambda"
	"twofold/infra/local/template"
)

// bootstrapBinary is the name of the bootstrap command's folder in BinDir.
const bootstrapBinary = "bootstrap"

// prepare compiles the functions and makes a pool of each.
func (s *Stack) prepare(ctx context.Context, o Options) ([]template.Function, error) {
	functions, err := s.file.Functions()
	if err != nil {
		return nil, err
	}
	if o.Build {
		if err := compile(ctx, o, functions); err != nil {
			return nil, err
		}
	}
	for _, f := range functions {
		s.Issuer = f.Environment["ISSUER"] // the same for all
		env := maps.Clone(f.Environment)
		for name, value := range s.Environment() {
			env[name] = value
		}
		if len(f.Routes) > 0 {
			env["PUBLIC_ADDRESS"] = "" // pages are where requests come to: only mail needs an address of https, which nobody answers here
		}
		env["AWS_ENDPOINT_URL_DYNAMODB"], env["AWS_ACCESS_KEY_ID"] = s.guarded, accessKeyID(f.Name)
		if s.pools[f.Name] != nil {
			return nil, fmt.Errorf("stack: two functions have code in folders named %s", f.Name)
		}
		pool := lambda.NewPool(lambda.Function{
			Name: f.Name, Binary: filepath.Join(o.BinDir, f.Name, f.Handler), Handler: f.Handler,
			Timeout: f.Timeout, MemoryMB: f.MemoryMB, LogFormat: f.LogFormat, Region: region,
			Environment: env, Reserved: f.Reserved, Logs: s.logs.named(f.Name),
		})
		s.pools[f.Name] = pool
		s.onStop(func() error { pool.Stop(); return nil })
	}
	return functions, nil
}

// compile builds the functions and the bootstrap command, two at a time: the compiler uses several processors itself.
func compile(ctx context.Context, o Options, functions []template.Function) error {
	outputs := map[string]string{} // by folder
	for _, f := range functions {
		outputs[f.CodeURI] = filepath.Join(o.BinDir, f.Name, f.Handler)
	}
	if o.Bootstrap != "" {
		outputs[o.Bootstrap] = filepath.Join(o.BinDir, bootstrapBinary, bootstrapBinary)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	var failed error
	slots := make(chan struct{}, 2)
	for folder, output := range outputs {
		wait.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := build.Function(ctx, o.Root, folder, output); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			}
		})
	}
	wait.Wait()
	return failed
}

// startAPI opens the door at last.
func (s *Stack) startAPI(o Options, functions []template.Function) error {
	var targets []gateway.Target
	for _, f := range functions {
		for _, route := range f.Routes {
			targets = append(targets, gateway.Target{Route: route, Function: s.pools[f.Name]})
		}
	}
	api, err := gateway.New(targets, o.Now)
	if err != nil {
		return err
	}
	if o.LogAccess {
		lines := s.logs.named("api")
		api.Log = func(a gateway.Access) {
			_, path, _ := strings.Cut(a.Route, " ") // before it stands the method of the route, which is ANY
			fmt.Fprintf(lines, "%d %s %s request_id=%s\n", a.Status, a.Method, cmp.Or(path, "(no such route)"), a.RequestID)
		}
	}
	s.APIURL, err = s.serve(o.APIAddr, api)
	return err
}
