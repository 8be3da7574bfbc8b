# Every target does its own set-up: npm and node are enough.
.PHONY: help demo test lint typecheck bench build unit clean cluster chaos
SHELL := /bin/bash
NODE_MODULES := node_modules/.package-lock.json

help: ## say what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(NODE_MODULES): package.json package-lock.json
	# Not `npm ci`: it refuses a lock file made where the registry has no packages for other platforms (chdb's, lmdb's).
	npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

build: $(NODE_MODULES) ## compile to dist/
	node tools/build.mjs

demo: build ## run the example campaign end to end: load, dial, report, audit (three to four minutes)
	node dist/bin/obzvon.js demo

test: lint typecheck build unit ## lint, type-check, build and run every test

unit: $(NODE_MODULES)
	npx vitest run

lint: $(NODE_MODULES) ## eslint and the rules of the house (who may import whom)
	npx eslint --max-warnings 0 .
	npx depcruise --config .dependency-cruiser.cjs core campaign-loader dialer amd analytics bin bench deploy

typecheck: $(NODE_MODULES) ## check the types
	npx tsc -p .

bench: build ## run the benchmarks, each against a named peer
	node dist/bench/all.js

cluster: build ## run 20,000 contacts through Kafka, Redis, ClickHouse, four dialers and the simulator on loopback, then audit
	node dist/deploy/local/run-cluster.js

chaos: build ## kill, stop and starve every part while campaigns run; prints a table (about twelve minutes)
	node dist/bench/chaos/chaos.js

clean: ## remove what was built and what the demo wrote
	rm -rf dist .obzvon
