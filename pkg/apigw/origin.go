package apigw

import "context"

type origin struct{ requestID, sourceIP string }

type originKey struct{}

func withOrigin(ctx context.Context, o origin) context.Context {
	return context.WithValue(ctx, originKey{}, o)
}

func originOf(ctx context.Context) origin {
	o, _ := ctx.Value(originKey{}).(origin)
	return o
}

// RequestID is the API Gateway's id of the request, empty outside of one.
func RequestID(ctx context.Context) string { return originOf(ctx).requestID }

// SourceIP is the address that the API Gateway saw the request come from, which
// no header can change; empty outside of a request.
func SourceIP(ctx context.Context) string { return originOf(ctx).sourceIP }
