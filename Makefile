# Twofold: what there is to run. `make help` lists it; `make check` is what CI runs besides `make test`.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

BUILD       := .build
SAM_VENV    := $(BUILD)/venv-sam
SAM         := SAM_CLI_TELEMETRY=0 $(SAM_VENV)/bin/sam
CONTRACT    := $(BUILD)/venv-schemathesis
SES         := $(BUILD)/ses-npm
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
FUNCTIONS   := $(notdir $(wildcard functions/*))
# The flags of a Lambda build: no RPC mode, no paths of this machine, no symbols.
LAMBDA      := CGO_ENABLED=0 GOFLAGS='-tags=lambda.norpc -trimpath -ldflags=-s'

.PHONY: help run demo test check format vet staticcheck race template build contract ses openapi bootstrap load bench bench-announce bench-pages bench-prompt bench-start pictures clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: ## run Twofold on this machine until Ctrl-C: sample application, API, mailbox page, ready-made keys
	@go build -o $(BUILD)/twofold-local ./infra/local
	@exec $(BUILD)/twofold-local

demo: ## walk the main job against `make run`, printing each request and answer
	@go run ./infra/local/demo

test: ## run every test, the end-to-end story included; then hold the roles to the calls that were made
	@rm -rf $(BUILD)/calls && mkdir -p $(BUILD)/calls
	TWOFOLD_CALLS=$(abspath $(BUILD))/calls go run ./infra/local/withdynamodb -- go test -timeout 60m ./...
	go run ./infra/local/privileges/compare $(BUILD)/calls

check: format vet staticcheck race template build contract ses load ## everything that `make test` does not cover

format: ## fail on files that gofmt would change
	@changed=$$(gofmt -l functions pkg infra); if [ -n "$$changed" ]; then echo "gofmt would change:"; echo "$$changed"; exit 1; fi

vet: ## go vet
	go vet ./...

staticcheck: ## staticcheck, pinned
	go run $(STATICCHECK) ./...

race: ## every test again with the race detector and in random order
	go run ./infra/local/withdynamodb -- go test -race -shuffle=on -timeout 60m ./...

template: $(SAM_VENV)/bin/sam ## sam validate --lint
	$(SAM) validate --lint --template template.yaml --region eu-central-1

# First once for all functions: SAM builds them side by side, and each would compile the same packages.
build: $(SAM_VENV)/bin/sam ## sam build: the functions as they are deployed
	GOOS=linux GOARCH=arm64 $(LAMBDA) go build ./functions/...
	$(LAMBDA) $(SAM) build --template template.yaml

contract: $(CONTRACT)/bin/schemathesis ## the API against its own OpenAPI document, by schemathesis
	go run ./infra/local/contract -schemathesis $(abspath $(CONTRACT))/bin/schemathesis

ses: $(SES)/node_modules/.bin/aws-ses-v2-local ## the SES client's requests against an emulator that others wrote
	go run ./infra/local/contract/ses -emulator $(abspath $(SES))/node_modules/.bin/aws-ses-v2-local

load: ## mixed traffic against the local stack while instances are killed; MINUTES=30 for the long run
	go run ./infra/local/load -minutes $(or $(MINUTES),1)

bench: ## how fast logins are, as ratios: beside the bare calls of DynamoDB
	go run ./infra/local/bench/speed

bench-announce: ## an announcement to 100,000 users while the mailer is killed, and what codes take beside it; ARGS="-users 5000" for less
	go run ./infra/local/bench/announce $(ARGS)

bench-pages: ## what a page of a report reads and how long it takes, of 1,000 and of 100,000 users; ARGS="-sizes 1000,5000" for less
	go run ./infra/local/bench/pages $(ARGS)

bench-prompt: ## the first page of the hosted prompt beside the bare call of the API, as a ratio; ARGS="-goal" fails beyond 1.3
	go run ./infra/local/bench/prompt $(ARGS)

bench-start: ## how functions start, as ratios: beside hello-world, beside the SDK's default set-up
	go run ./infra/local/bench/start

pictures: ## take the pictures of docs/life.md and docs/console.md anew, in Chromium
	TWOFOLD_SCREENSHOTS=$(abspath docs/pictures) go run ./infra/local/withdynamodb -- go test -count=1 -run 'TestTheWholeLife|AtWork|AdministratorComesIn' ./infra/local/life
	@for f in docs/pictures/console/*.png; do grep -q "$${f#docs/}" docs/console.md || rm "$$f"; done

openapi: ## write pkg/httpapi/openapi.json anew from the operations
	go test ./pkg/httpapi -run TestOpenAPIIsUpToDate -update -count=1

bootstrap: ## once per deployment: keysets and the first system_admin key; TABLE=… KMS_KEY=… EMAIL=… OUT=…
	@missing=; for name in TABLE KMS_KEY EMAIL OUT; do [ -n "$${!name:-}" ] || missing+=" $$name"; done; \
	if [ -n "$$missing" ]; then echo "bootstrap: not given:$$missing. It is called with all four:"; \
	echo "  make bootstrap TABLE=<output TableName> KMS_KEY=<output KeyArn> EMAIL=<system administrator> OUT=<new file for the key>"; exit 2; fi
	go run ./infra/bootstrap -table "$$TABLE" -kms-key "$$KMS_KEY" -email "$$EMAIL" -out "$$OUT"

$(SAM_VENV)/bin/sam:
	python3 -m venv $(SAM_VENV)
	$(SAM_VENV)/bin/pip install --quiet --disable-pip-version-check aws-sam-cli==1.170.0

$(CONTRACT)/bin/schemathesis:
	python3 -m venv $(CONTRACT)
	$(CONTRACT)/bin/pip install --quiet --disable-pip-version-check schemathesis==4.32.5

$(SES)/node_modules/.bin/aws-ses-v2-local:
	mkdir -p $(SES)
	npm install --prefix $(SES) --silent --no-fund --no-audit --ignore-scripts aws-ses-v2-local@2.10.2

clean: ## remove what was built; the data of `make run` stays in .local
	rm -rf $(BUILD) .aws-sam
