package main

import "math"

// meter is one thing that AWS charges for.
type meter int

const (
	apiRequest meter = iota
	invocation
	gigabyteSecond
	readUnit
	writeUnit
	storedGB
	protectedGB
	mailSent
	keyRequest
	keyVersion
	loggedGB
	keptLogGB
	sentGB
	queueRequest
	meters
)

// price is a list price in US dollars for one unit in us-east-1, without the free tier. Where a second tier matters at
// the sizes of docs/cost.md, what is above Tier units in a month costs Above each.
type price struct {
	Name, Unit string
	Each       float64
	Tier       float64
	Above      float64
	Page       string // AWS's own
	Seen       source
}

// source is where a price was read off, and the day on which it was. AWS renders its tables in the browser, so most
// are public readings of AWS's machine-readable price list.
type source struct{ Name, Address, Date string }

var (
	bulkList = source{"price list, us-east-1", "https://github.com/imiancrook/GitDAM/blob/eaf468c96c8a21a963d28197d38156a183177eb4/docs/financials/infra_model.py", "2026-09-29"}
	armList  = source{"price list, us-east-1", "https://github.com/eduardorestrepo89/factored-hackathon-2026-ledgerlens/blob/12849ee8705b836fed133c00c063c34e858d808a/docs/superpowers/specs/2026-10-02-data-pipeline-design.md", "2026-10-02"}
	pitrList = source{"price list, us-west-2", "https://github.com/agammann/flo/blob/2636c53b707b6a714e553755cd9f662317aad67b/docs/verification/enrollment-state-execution-review-2026-09-05.md", "2026-09-06"}
	sesList  = source{"price list, us-east-1", "https://github.com/api-evangelist/amazon-ses/blob/0d21edc28a7f74b74aad220cc9795fcf6f4d38f1/plans/amazon-ses-plans-pricing.yml", "2026-07-22"}
	gateway  = source{"the page's example", "https://raw.githubusercontent.com/api-evangelist/amazon-web-services/refs/heads/main/plans/amazon-web-services-plans-pricing.yml", "2026-09-20"}
	kmsKeys  = source{"the page, quoted", "https://cloudburn.io/blog/aws-kms-pricing", "2026-03-14"}
	queues   = source{"the page, quoted", "https://cloudburn.io/blog/amazon-sqs-pricing", "2026-03-14"}
	kmsCalls = source{"the page, quoted", "https://www.factualminds.com/blog/aws-kms-pricing-keys-requests-multi-region/", "June 2026"}
)

const (
	gatewayPage  = "https://aws.amazon.com/api-gateway/pricing/"
	lambdaPage   = "https://aws.amazon.com/lambda/pricing/"
	dynamoPage   = "https://aws.amazon.com/dynamodb/pricing/on-demand/"
	sesPage      = "https://aws.amazon.com/ses/pricing/"
	keyPage      = "https://aws.amazon.com/kms/pricing/"
	logsPage     = "https://aws.amazon.com/cloudwatch/pricing/"
	queuePage    = "https://aws.amazon.com/sqs/pricing/"
	transferPage = "https://aws.amazon.com/ec2/pricing/on-demand/"
)

// million makes the price of one unit of the price of a million.
const million = 1e-6

// prices are all that the model knows, by meter.
var prices = [meters]price{
	apiRequest:     {"API Gateway, HTTP API", "request", 1.00 * million, 300e6, 0.90 * million, gatewayPage, gateway},
	invocation:     {"Lambda", "request", 0.20 * million, 0, 0, lambdaPage, bulkList},
	gigabyteSecond: {"Lambda, arm64", "GB-second", 13.3334 * million, 0, 0, lambdaPage, armList},
	readUnit:       {"DynamoDB on demand", "read unit", 0.125 * million, 0, 0, dynamoPage, bulkList},
	writeUnit:      {"DynamoDB on demand", "write unit", 0.625 * million, 0, 0, dynamoPage, bulkList},
	storedGB:       {"DynamoDB, standard class", "GB-month", 0.25, 0, 0, dynamoPage, bulkList},
	protectedGB:    {"DynamoDB, point-in-time recovery", "GB-month", 0.20, 0, 0, dynamoPage, pitrList},
	mailSent:       {"SES, à la carte", "mail", 100 * million, 0, 0, sesPage, sesList},
	keyRequest:     {"KMS", "request", 3 * million, 0, 0, keyPage, kmsCalls},
	keyVersion:     {"KMS, key and each of its first two rotations", "month", 1.00, 0, 0, keyPage, kmsKeys},
	loggedGB:       {"CloudWatch Logs, taken in", "GB", 0.50, 0, 0, logsPage, armList},
	keptLogGB:      {"CloudWatch Logs, kept", "GB-month", 0.03, 0, 0, logsPage, armList},
	sentGB:         {"Data sent to the internet", "GB", 0.09, 0, 0, transferPage, bulkList},
	queueRequest:   {"SQS, standard queue", "request", 0.40 * million, 0, 0, queuePage, queues},
}

// essentials is the price of a mail on SES's plan Essentials, which an account has by default if it has not sent
// since June 2025. À la carte is chosen with PutAccountPricingAttributes, plan NONE.
const essentials = 160 * million

// cost is what n units of a month cost.
func (p price) cost(n float64) float64 {
	if p.Tier == 0 {
		return n * p.Each
	}
	return math.Min(n, p.Tier)*p.Each + math.Max(n-p.Tier, 0)*p.Above
}
