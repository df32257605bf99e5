package boot

import (
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// configure makes the configuration by hand: the SDK's default one links single sign-on and costs half a cold start
// more. Every client made from it shares one pool of connections, the first of which is being opened already.
func (f *Function) configure() aws.Config {
	f.Connect("dynamodb", 1)
	return aws.Config{
		Region: f.Env("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			f.Env("AWS_ACCESS_KEY_ID"), f.Env("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")),
		HTTPClient: &http.Client{Transport: &http.Transport{
			DialContext: f.connections.plain, DialTLSContext: f.connections.secure,
			MaxIdleConnsPerHost: 10, IdleConnTimeout: 90 * time.Second, ResponseHeaderTimeout: answerTime,
		}},
	}
}

// Connect begins to open connections to a service, so that they are there when its first calls are made. It does not
// wait, and what fails here fails again, and is reported, where it is needed.
func (f *Function) Connect(service string, connections int) {
	address := service + "." + os.Getenv("AWS_REGION") + ".amazonaws.com:443"
	if url := Endpoint(service); url != nil {
		secure := false
		if address, secure = strings.CutPrefix(*url, "https://"); !secure {
			return // this machine's own: there is nothing to gain
		}
	}
	for range connections {
		f.connections.prepare(address)
	}
}

// Endpoint is where a service is, if the environment says otherwise than AWS does: nil on AWS.
// The variable is the SDK's own, AWS_ENDPOINT_URL_<SERVICE>, which a configuration made by hand does not read.
func Endpoint(service string) *string {
	if url := os.Getenv("AWS_ENDPOINT_URL_" + strings.ToUpper(service)); url != "" {
		return &url
	}
	return nil
}
