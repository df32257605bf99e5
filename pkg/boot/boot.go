// Package boot is how every function starts: environment, logger, AWS
// configuration, and the connections that the first calls will want. It makes
// no service client and serves nothing, so that a function links only what it
// calls; package web below it serves an API, package keyring opens keysets.
package boot

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Function is what a function has before it does anything of its own.
type Function struct {
	Name   string
	Log    *slog.Logger
	AWS    aws.Config
	Table  string
	KeyARN string
	Issuer string

	connections *connections
}

// Start reads the environment that template.yaml sets. A function that lacks some of it
// ends here, in the init phase, where CloudFormation's first deployment shows it.
func Start(name string) *Function {
	f := &Function{Name: name, Log: slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("function", name)}
	f.Table, f.KeyARN, f.Issuer = f.Env("TABLE_NAME"), f.Env("KMS_KEY_ARN"), f.Env("ISSUER")
	f.connections = newConnections()
	f.AWS = f.configure()
	return f
}

// ARN is what the ARNs of a service's resources begin with in this function's account and region: "arn:aws:sms-voice:eu-west-1:123456789012:".
// They are those of the key, which the function's own stack made.
func (f *Function) ARN(service string) string {
	parts := strings.SplitN(f.KeyARN, ":", 6)
	if len(parts) != 6 {
		f.Must(errors.New("boot: the key's name is no ARN"))
	}
	return strings.Join([]string{parts[0], parts[1], service, parts[3], parts[4], ""}, ":")
}

// Env reads a variable that must be set.
func (f *Function) Env(name string) string {
	value := os.Getenv(name)
	if value == "" {
		f.Must(fmt.Errorf("boot: the environment lacks %s", name))
	}
	return value
}

// Number reads a variable that must hold a whole number above zero.
func (f *Function) Number(name string) int {
	n, err := strconv.Atoi(f.Env(name))
	if err != nil || n < 1 {
		f.Must(fmt.Errorf("boot: %s is not a number above zero", name))
	}
	return n
}

// Must ends the function if it cannot start.
func (f *Function) Must(err error) {
	if err != nil {
		f.Log.Error("cannot start", "cause", err.Error())
		os.Exit(1)
	}
}
