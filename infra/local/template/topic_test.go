package template

import (
	"reflect"
	"strings"
	"testing"
)

func TestTopics(t *testing.T) {
	const (
		event  = "        Feedback: { Type: SNS, Properties: { Topic: !Ref Topic } }\n"
		config = "      EventInvokeConfig: { DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt Queue.Arn } } }\n"
		topic  = "  Topic: { Type: AWS::SNS::Topic }\n"
	)
	values := Values{"AWS::Region": "r", "Key.Arn": "arn"}
	list, err := parse(t, small+event+config+topic, values).Functions()
	if err != nil {
		t.Fatal(err)
	}
	f := list[len(list)-1]
	if !reflect.DeepEqual(f.Topics, []Topic{{"Feedback", "Topic"}}) || f.OnFailure != "Queue.Arn" {
		t.Errorf("got %+v, %q", f.Topics, f.OnFailure)
	}
	for name, change := range map[string][2]string{
		"a filter":             {"Topic: !Ref Topic }", "Topic: !Ref Topic, FilterPolicy: {} }"},
		"a topic of elsewhere": {"!Ref Topic", "arn:aws:sns:r:1:x"},
		"no topic":             {"!Ref Topic", "!Ref Table"},
		"retries of its own":   {"EventInvokeConfig: {", "EventInvokeConfig: { MaximumRetryAttempts: 0,"},
		"another destination":  {"Type: SQS, Dest", "Type: SNS, Dest"},
	} {
		if _, err := parse(t, strings.Replace(small+event+config+topic, change[0], change[1], 1), values).Functions(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
