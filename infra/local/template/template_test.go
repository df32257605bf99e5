package template

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

const small = `
Parameters:
  Name: { Type: String, Default: fallback }
  Needed: { Type: String }
Conditions:
  NameIsFallback: !Equals [!Ref Name, fallback]
  Odd: !Ref Name
Globals:
  Function:
    Runtime: provided.al2023
    Handler: bootstrap
    MemorySize: 256
    Timeout: 10
    Environment:
      Variables:
        NAME: !If [NameIsFallback, !Sub '${Name}-${AWS::Region}', !Ref Name]
        KEY: !GetAtt Key.Arn
        SHARED: global
Resources:
  OneFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/one/
      Timeout: 3
      Role: !GetAtt Nobody.KnowsThis
      LoggingConfig: { LogFormat: JSON, LogGroup: !Ref NorThis }
      Environment:
        Variables:
          SHARED: own
          MINE: !Sub ['${Who}@${Name}!${!Literal}', { Who: !Ref Name }]
      Events:
        Any:
          Type: HttpApi
          Properties: { ApiId: !Ref Api, Path: /a, Method: ANY, PayloadFormatVersion: '2.0' }
        Rest:
          Type: HttpApi
          Properties: { ApiId: !Ref Api, PayloadFormatVersion: '2.0' }
`

func parse(t *testing.T, text string, values Values) *Template {
	t.Helper()
	file, err := Parse([]byte(text), values)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestFunction(t *testing.T) {
	list, err := parse(t, small, Values{"AWS::Region": "r", "Key.Arn": "arn"}).Functions()
	if err != nil || len(list) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	want := Function{
		ID: "OneFunction", Name: "one", CodeURI: "functions/one/", Handler: "bootstrap", Timeout: 3 * time.Second,
		MemoryMB: 256, LogFormat: "JSON",
		Environment: map[string]string{"NAME": "fallback-r", "KEY": "arn", "SHARED": "own", "MINE": "fallback@fallback!${!Literal}"},
		Routes:      []Route{{Method: "ANY", Path: "/a"}, {}},
	}
	if !reflect.DeepEqual(list[0], want) {
		t.Errorf("\n got %+v\nwant %+v", list[0], want)
	}
	if k := list[0].Routes; k[0].Key() != "ANY /a" || k[1].Key() != "$default" {
		t.Errorf("keys %s, %s", k[0].Key(), k[1].Key())
	}
}

func TestGivenValuesWinOverDefaults(t *testing.T) {
	list, err := parse(t, small, Values{"AWS::Region": "r", "Key.Arn": "arn", "Name": "given"}).Functions()
	if err != nil || list[0].Environment["NAME"] != "given" {
		t.Errorf("got %+v, %v", list, err)
	}
}

// TestNothingIsGuessed changes the small template into ones that mean something else, or nothing.
func TestNothingIsGuessed(t *testing.T) {
	values := Values{"AWS::Region": "r", "Key.Arn": "arn"}
	for name, change := range map[string][2]string{
		"no value":           {"!GetAtt Key.Arn", "!Ref Needed"},
		"unknown attribute":  {"!GetAtt Key.Arn", "!GetAtt Key.Id"},
		"unknown function":   {"!GetAtt Key.Arn", "!ImportValue x"},
		"long form":          {"!GetAtt Key.Arn", "{ 'Fn::GetAtt': [Key, Arn] }"},
		"unknown condition":  {"!If [NameIsFallback", "!If [Nope"},
		"odd condition":      {"!If [NameIsFallback", "!If [Odd"},
		"short if":           {", !Ref Name]\n        KEY", "]\n        KEY"},
		"hole in a sub":      {"${AWS::Region}", "${Nobody}"},
		"another event":      {"Type: HttpApi\n          Properties: { ApiId: !Ref Api, Path", "Type: SQS\n          Properties: { ApiId: !Ref Api, Path"},
		"payload 1.0":        {"PayloadFormatVersion: '2.0' }\n        Rest", "PayloadFormatVersion: '1.0' }\n        Rest"},
		"path, no method":    {"Method: ANY, ", ""},
		"unknown property":   {"Timeout: 3", "Layers: [x]"},
		"unknown of globals": {"MemorySize: 256", "MemorySize: 256\n    Tracing: Active"},
		"another runtime":    {"provided.al2023", "go1.x"},
		"no code":            {"CodeUri: functions/one/", "Timeout: 4"},
		"switched off":       {"Timeout: 3", "ReservedConcurrentExecutions: 0"},
		"a YAML alias":       {"NAME: !If", "OTHER: &x y\n        COPY: *x\n        NAME: !If"},
	} {
		if !strings.Contains(small, change[0]) {
			t.Fatalf("%s: the small template does not contain %q", name, change[0])
		}
		file, err := Parse([]byte(strings.Replace(small, change[0], change[1], 1)), values)
		if err == nil {
			_, err = file.Functions()
		}
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for _, text := range []string{"", "- a", "a: b", "a: [", "Resources"} {
		if _, err := Parse([]byte(text), nil); err == nil {
			t.Errorf("%q: accepted", text)
		}
	}
	if _, err := Load("/nonexistent/template.yaml", nil); err == nil {
		t.Error("a missing file is accepted")
	}
}

func TestTable(t *testing.T) {
	const table = `
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
`
	got, err := parse(t, small+table, nil).Table("T")
	if err != nil || got.Create.StreamSpecification != nil || got.TimeToLive != "" || *got.Create.KeySchema[0].AttributeName != "pk" {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, id := range []string{"Nobody", "OneFunction"} {
		if _, err := parse(t, small+table, nil).Table(id); err == nil {
			t.Errorf("%s is a table", id)
		}
	}
	if _, err := parse(t, small+table+"      ImportSourceSpecification: {}\n", nil).Table("T"); err == nil {
		t.Error("an unknown property of a table is accepted")
	}
}

// walk calls see for every node below n.
func walk(n *yaml.Node, see func(*yaml.Node)) {
	see(n)
	for _, c := range n.Content {
		walk(c, see)
	}
}
