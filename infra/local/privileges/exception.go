package privileges

import (
	"slices"
	"strings"
)

// Exception is a grant that no call of a function can show to be needed, because Lambda itself uses the role for it.
type Exception struct {
	Functions []string // nil: every function
	Actions   []string
	Resource  string // "{Function}" stands for the function's id without its ending: "Verify"
	Why       string // in full sentences, for whoever wonders whether it can go
	Page      string // AWS's, or a record of how AWS behaves
}

// readers are the functions that read the table's stream.
var readers = []string{"mailer", "projector"}

// Exceptions are all there are. One that fits no grant any more, or that a function has begun to use itself, is an error like
// a grant without a call.
var Exceptions = []Exception{
	{
		Actions: []string{"logs:CreateLogStream", "logs:PutLogEvents"}, Resource: "{Function}Logs.Arn",
		Why: "Lambda writes a function's output to its log group with the function's role. The group's ARN ends in \":*\", the group's " +
			"streams: Lambda makes and names those, so nothing narrower can be written down beforehand.",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html",
	},
	{
		Functions: readers, Actions: []string{"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"},
		Resource: "Table.StreamArn",
		Why:      "Lambda's poller reads the stream with the role of the function that it feeds.",
		Page:     "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/iam-policy-example-lamda-process-dynamodb-streams.html",
	},
	{
		Functions: readers, Actions: []string{"dynamodb:ListStreams"}, Resource: "Table.StreamArn",
		Why: "Lambda refuses to make the event source mapping unless the role may do this too, \"on your stream\". As an operation of its own " +
			"it has no resource but \"*\" (the table below names none), and AWS's example grants it on a table's stream/*; what Lambda checks " +
			"is the one stream, as the Serverless Framework has long granted it (serverless/serverless, lib/plugins/aws/package/compile/events/stream).",
		Page: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html",
	},
	{
		Functions: []string{"projector"}, Actions: []string{"sqs:SendMessage"}, Resource: "{Function}Failures.Arn",
		Why:  "Lambda's poller reports a batch that was tried often enough to the on-failure destination with the function's role.",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html",
	},
	polled("mailer", "MailerRetries.Arn"),
	polled("projector", "OutgoingCalls.Arn"),
}

// polled is what Lambda needs of a queue that it feeds a function from.
func polled(function, queue string) Exception {
	return Exception{
		Functions: []string{function}, Actions: []string{"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}, Resource: queue,
		Why:  "Lambda's poller takes messages out of a queue with the role of the function that it feeds.",
		Page: "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
	}
}

// Opening is a resource that a role may name by a wildcard, because customers make what it stands for.
type Opening struct {
	Resource string
	Why      string
	Page     string
}

// Openings are all there are. What a grant on one allows is narrowed by conditions, which are compared like any others.
var Openings = []Opening{{
	Resource: "identity/*",
	Why: "An organisation's sender domain is made by its administrator, and its identity is named like the domain. Tags narrow what can be done: " +
		"an identity is made only with the tag of this deployment's table, and only what bears the tag is sent from or deleted. " +
		"Asking about one (GetEmailIdentity) has no condition: what is not there has no tags, and asking is how that is found out.",
	Page: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html",
}, {
	Resource: "*",
	Why: "An action that has no resource can be granted on nothing else. The one there is, GetAccount, tells how fast and how much the account may " +
		"send, which announcements keep to a share of. A grant on \"*\" needs a call without a resource, like any other needs its own.",
	Page: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html",
}, textsFrom("pool/*"), textsFrom("phone-number/*"), textsFrom("sender-id/*")}

func textsFrom(resource string) Opening {
	return Opening{
		Resource: resource,
		Why: "What one organisation's SMS come from is made by the vendor in the console, after the deployment, and its name is made by AWS. " +
			"Only what bears the tag of this deployment's table is sent from.",
		Page: "https://docs.aws.amazon.com/service-authorization/latest/reference/list_pinpoint-sms-voice-v2.html",
	}
}

// opened reports whether a resource may be named by its wildcard.
func opened(resource string) bool {
	return slices.ContainsFunc(Openings, func(o Opening) bool { return o.Resource == resource })
}

// excuse is an exception for one action of one function.
type excuse struct{ function, action, resource string }

// excuses multiplies the exceptions out for the functions that there are.
func excuses(exceptions []Exception, ids map[string]string) map[excuse]bool {
	all := map[excuse]bool{}
	for _, e := range exceptions {
		functions := e.Functions
		if functions == nil {
			for name := range ids {
				functions = append(functions, name)
			}
		}
		for _, name := range functions {
			resource := strings.ReplaceAll(e.Resource, "{Function}", strings.TrimSuffix(ids[name], "Function"))
			for _, action := range e.Actions {
				all[excuse{name, action, resource}] = true
			}
		}
	}
	return all
}
