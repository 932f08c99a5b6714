SHELL := /bin/sh
# Recipes exec what they end with: make tells its own child alone of SIGTERM, and a shell between them would end by itself.
# What has to be followed by something goes through .ci/attended.sh, which passes signals on.
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: toolchain
toolchain: ## get or build the pinned Node, Pulumi, MinIO and mc (VERIFY=1 reads every cached file)
	@sh toolchain/bootstrap.sh $(if $(VERIFY),--verify)

.PHONY: packages
packages: toolchain # npm packages, installed again only when package-lock.json is another one, and bundles of what starts often
	@sh toolchain/packages.sh
	@.bucketworks/toolchain/bin/node toolchain/bundle/build.ts

.PHONY: pipelines-packages
pipelines-packages: toolchain # Python's packages of pipelines/, installed again only when their pins are others
	@sh toolchain/pipelines.sh

.PHONY: mlflow-server
mlflow-server: toolchain # the server of MLflow, which services and tests of training run
	@sh toolchain/pipelines.sh --mlflow-server

.PHONY: data-gates
data-gates: toolchain # DVC, Great Expectations and Pandera, which judge the data of models
	@sh toolchain/pipelines.sh --data-gates

.PHONY: load-test
load-test: toolchain # Locust, which judges the model API by its speed
	@sh toolchain/pipelines.sh --load-test

.PHONY: features-packages
features-packages: toolchain # Feast, with what a feature store runs
	@sh toolchain/pipelines.sh --features

.PHONY: hopsworks-packages
hopsworks-packages: toolchain # the client of Hopsworks, for platforms whose feature store is there
	@sh toolchain/pipelines.sh --hopsworks

.PHONY: pipelines-lock
pipelines-lock: toolchain # write pipelines/requirements.txt anew: the newest versions that the packages take
	@sh toolchain/pipelines.sh --lock

# Commands that have nothing to do in a checkout where nothing was ever started, or where nothing is that clean deletes.
.PHONY: down destroy clean
down destroy: nothing = [ ! -d .bucketworks/minio ] && [ ! -d .bucketworks/services ] && [ ! -d .bucketworks/stacks/own ]
clean: nothing = [ ! -d .bucketworks/minio ] && [ ! -d .bucketworks/services ] && [ ! -d .bucketworks/stacks ] && [ ! -e .bucketworks/passphrase ]
down destroy clean: prepare = $(nothing) || exec $(MAKE) --no-print-directory packages
down destroy clean: command = $(nothing) && echo "$@: nothing to do, there is no local server here" \
  || exec bin/bucketworks $@ $(if $(YES),$(if $(filter clean,$@),--yes))

.PHONY: up
up: packages ## start the local MinIO and deploy the stack dev on it (BUCKETWORKS_PORT, BUCKETWORKS_CONSOLE_PORT)
	@. ./toolchain/env.sh && exec bin/bucketworks up

.PHONY: services services-down
services: packages ## start what the platforms ask for beside make up: MLflow, model API, JupyterLab, logs, Prometheus, Alertmanager (BUCKETWORKS_PROMETHEUS_PORT)
	@. ./toolchain/env.sh && exec bin/bucketworks services up

services-down: packages ## stop what make services started; its data stays
	@exec bin/bucketworks services down

down: ## stop the local servers and services; their data stays
	@$(prepare)
	@$(command)

destroy: ## remove the stack dev; retained buckets and all objects stay on the server
	@$(prepare)
	@$(command)

clean: ## delete all local data, state and secrets of this checkout; asks first (YES=1 doesn't)
	@$(prepare)
	@$(command)

.PHONY: pipelines
pipelines: packages pipelines-packages ## run the data programs on the local platform of make up, and print where everything is
	@. ./toolchain/env.sh && exec sh pipelines/local.sh

.PHONY: model
model: packages ## train the model that the model API serves, and register it (after make services; MODEL=NAME, MOVE_ALIAS=1)
	@sh toolchain/pipelines.sh --mlops
	@. ./toolchain/env.sh && exec sh pipelines/mlops/local.sh

.PHONY: model-pipeline
model-pipeline: packages data-gates pipelines-packages ## the same by DVC, behind the gates of its data: dvc repro, dvc push, features, registration (TEXTS=FILE; docs/mlops-data.md)
	@sh toolchain/pipelines.sh --mlops
	@. ./toolchain/env.sh && exec sh pipelines/mlops/local.sh gated

.PHONY: pipelines-check
pipelines-check: pipelines-packages # format, lint (bandit's rules among them), types and those tests of the data programs that need no server
	@. ./toolchain/env.sh && . ./.ci/attended.sh && $(judge-pipelines) && cd pipelines/shared && exec ../../$(python)/pytest -q

.PHONY: pipelines-test
pipelines-test: packages pipelines-packages mlflow-server data-gates features-packages load-test airflow # all tests of the data programs, against real servers; CI pushes no image before
	@. ./toolchain/env.sh && exec $(run)/vitest run --project real test/pipelines

.PHONY: pipelines-audit
pipelines-audit: toolchain # known holes of the packages that the images are made of
	@. ./toolchain/env.sh && . ./.ci/attended.sh && for pins in pipelines/*/requirements.txt python/airflow/requirements.txt; do \
	  attended uv tool run --quiet pip-audit@2.10.1 --strict --disable-pip --require-hashes --requirement $$pins || exit 1; done

.PHONY: pipelines-images pipelines-push
pipelines-images: # build the images of the data programs for this commit (IMAGE_REGISTRY=registry.example/team)
	@exec sh pipelines/images.sh build

pipelines-push: # push them, by their commit
	@exec sh pipelines/images.sh push

# What the CI of models runs, each by itself and all by ml-check; docs/model-ci.md.
.PHONY: ml-check ml-lint ml-unit ml-integration ml-performance ml-audit ml-smoke
ml = pipelines/mlops pipelines/shared pipelines/data-gates pipelines/load-test pipelines/coverage_gate.py
covered = $(CURDIR)/.bucketworks/pipelines/coverage
ml-check: ## all that CI asks of a model: lint, types, tests, coverage, speed, known holes; then one line each (after make up services model)
	@. ./toolchain/env.sh && exec sh .ci/steps.sh ml-lint ml-unit ml-integration ml-performance ml-smoke ml-audit

ml-lint: pipelines-packages # format, lint (with the rules of isort, flake8 and bandit) and types of the models
	@. ./.ci/attended.sh && attended $(python)/ruff format --check $(ml) && attended $(python)/ruff check $(ml) \
	  && attended $(types) pipelines/shared pipelines/coverage_gate.py \
	  && attended env MYPYPATH=pipelines/data-gates $(types) --explicit-package-bases pipelines/data-gates \
	  && attended env MYPYPATH=pipelines/load-test $(types) --explicit-package-bases pipelines/load-test \
	  && exec env MYPYPATH=pipelines/mlops/src:pipelines/mlops/tests:pipelines/shared/tests $(types) --explicit-package-bases pipelines/mlops

ml-unit: pipelines-packages # tests of the models that need no server, and which lines they reach
	@. ./toolchain/env.sh && rm -rf $(covered) && mkdir -p $(covered) && cd pipelines && export COVERAGE_FILE=$(covered)/data \
	  && exec ../$(python)/pytest -q mlops/tests -m "not servers" --cov --cov-report=term:skip-covered

# The gate is of both together, so what ml-unit left is kept.
ml-integration: packages pipelines-packages mlflow-server data-gates # tests that need servers, which they start; then the coverage of all tests
	@. ./toolchain/env.sh && . ./.ci/attended.sh && mkdir -p $(covered) && export COVERAGE_FILE=$(covered)/data \
	  && attended env PYTEST_ADDOPTS="-m servers --cov --cov-append --cov-report= --cov-fail-under=0" \
	    $(run)/vitest run --project real test/pipelines/mlops.test.ts \
	  && cd pipelines && attended ../$(python)/coverage json --quiet --fail-under=0 -o $(covered)/report.json \
	  && exec ../$(python)/python coverage_gate.py $(covered)/report.json

ml-performance: load-test # the model API by Locust, judged by ratios within the run (MODEL_API_URL, MODEL_API_TOKENS)
	@. ./toolchain/env.sh && exec sh pipelines/mlops/performance.sh

ml-smoke: packages # the model API of a stack: its health and one prediction (STACK=dev, MODEL_API_TOKEN)
	@. ./.ci/environment.sh && exec bin/bucketworks rollout smoke mlops-model-api --stack $(stack)

.PHONY: ml-release
ml-release: packages # the same of the new pods of a rollout, which then goes on, or is ended and fails this (STACK=staging)
	@. ./.ci/environment.sh && exec bin/bucketworks rollout smoke mlops-model-api --stack $(stack) --wait $(or $(WAIT),600) --decide

# Images are named by who scans them (IMAGES="registry.example/team/mlops:COMMIT ..."); none is named by itself.
images = $(or $(addprefix image:,$(IMAGES)),image:)
ml-audit: toolchain # known holes of the packages that models are made and judged with, and of their images (IMAGES)
	@. ./toolchain/env.sh && exec sh .ci/scans.sh $(patsubst %,python:pipelines/%requirements.txt,mlops/ data-gates/ load-test/) \
	  $(images)

.PHONY: scans
scans: toolchain ## known holes of all packages of Python, npm and Go, and of images where trivy or grype is (IMAGES); docs/ci.md
	@. ./toolchain/env.sh && exec sh .ci/scans.sh $(addprefix python:,$(wildcard pipelines/requirements*.txt pipelines/*/requirements.txt python/airflow/requirements.txt)) \
	  $(patsubst %/package-lock.json,npm:%,$(wildcard ./package-lock.json toolchain/node/package-lock.json)) \
	  $(patsubst %/go.mod,go:%,$(wildcard toolchain/go/*/go.mod toolchain/offline/*/go.mod)) $(images)

.PHONY: drift
drift: packages ## show what changed on the server since the last up; writes nothing (STACK=dev)
	@exec bin/bucketworks drift --stack $(or $(STACK),dev)

.PHONY: linter
linter: toolchain # what judges the workflows; nothing else needs it
	@sh toolchain/bootstrap.sh --lint --quiet

# Format, lint, imports, what nobody uses, types and workflows; each is a judgement of the whole tree and takes one core.
# Two at a time, the longest first; what one says stands together where this make can do that.
# Programs of packages by their files: npx is one more process, which has a shell of its own start them.
run = node_modules/.bin
judged = pipelines notebooks python
python = .bucketworks/pipelines/venv/bin
types = $(python)/mypy --config-file pipelines/pyproject.toml
judgements = types imports python-types unused format workflows python-format
judge-pipelines = attended $(MAKE) --no-print-directory judge-python-format judge-python-types
judge = attended $(MAKE) --no-print-directory -j2 $(if $(filter output-sync,$(.FEATURES)),--output-sync=target) $(addprefix judge-,$(judgements))

.PHONY: $(addprefix judge-,$(judgements))
judge-types:
	@. ./toolchain/env.sh && exec $(run)/tsc

judge-imports:
	@. ./toolchain/env.sh && exec npm run --silent imports

judge-unused:
	@. ./toolchain/env.sh && exec npm run --silent unused

judge-format:
	@. ./toolchain/env.sh && exec $(run)/biome check .

judge-workflows:
	@. ./toolchain/env.sh && exec actionlint -shellcheck= -pyflakes= .github/workflows/*.yaml

judge-python-format:
	@. ./.ci/attended.sh && attended $(python)/ruff check --quiet $(judged) && exec $(python)/ruff format --quiet --check $(judged)

# apart: packages have files of the same name
judge-python-types:
	@. ./.ci/attended.sh \
	  && attended $(types) pipelines/shared pipelines/cybersec pipelines/jupyter pipelines/outcomes.py pipelines/coverage_gate.py \
	  && attended env MYPYPATH=pipelines/mlflow-server $(types) pipelines/mlflow-server \
	  && attended env MYPYPATH=pipelines/data-gates $(types) --explicit-package-bases pipelines/data-gates \
	  && attended env MYPYPATH=pipelines/experiments $(types) pipelines/experiments \
	  && attended env MYPYPATH=pipelines/load-test $(types) --explicit-package-bases pipelines/load-test \
	  && attended env MYPYPATH=pipelines/features:pipelines/features/tests:pipelines/shared/tests $(types) --explicit-package-bases pipelines/features \
	  && attended env MYPYPATH=pipelines/hopsworks-store:pipelines/hopsworks-store/tests:pipelines/features $(types) --explicit-package-bases pipelines/hopsworks-store \
	  && attended env MYPYPATH=pipelines/dataops:pipelines/dataops/tests $(types) --explicit-package-bases pipelines/dataops \
	  && attended env MYPYPATH=pipelines/mlops/src:pipelines/mlops/tests:pipelines/shared/tests $(types) --explicit-package-bases pipelines/mlops \
	  && exec env MYPYPATH=python:python/tests $(types) --explicit-package-bases python/bucketworks python/scripts python/tests

.PHONY: check
check: packages linter pipelines-packages ## format, lint, imports, types and unit tests; no server
	@. ./toolchain/env.sh && . ./.ci/attended.sh && $(judge) && exec $(run)/vitest run --project unit

.PHONY: rule-checker
rule-checker: toolchain # what judges alerts; tests of alerts alone need it
	@sh toolchain/bootstrap.sh --rule-checker --quiet

.PHONY: chromium
chromium: toolchain # what tests open the pages of services in; nothing else needs it
	@sh toolchain/bootstrap.sh --chromium --quiet

.PHONY: jupyter
jupyter: toolchain # JupyterLab and the packages of the notebooks, which tests run
	@sh toolchain/pipelines.sh --jupyter

.PHONY: airflow
airflow: toolchain # Airflow with python/, which tests run its DAG with
	@sh toolchain/pipelines.sh --airflow

.PHONY: compose-config
compose-config: toolchain # what reads compose.yaml as Docker Compose does; its test alone needs it
	@sh toolchain/bootstrap.sh --compose-config --quiet

.PHONY: cluster-parts
cluster-parts: toolchain # what a test cluster is made of; nothing where none can run
	@. ./toolchain/env.sh && exec node test/support/kubernetes/command.ts parts

.PHONY: cluster-up
cluster-up: toolchain ## start a one-node Kubernetes in namespaces of its own, for tests (Linux, root)
	@. ./toolchain/env.sh && exec node test/support/kubernetes/command.ts up

.PHONY: cluster-down
cluster-down: toolchain ## stop that Kubernetes; nothing of it stays but its logs
	@. ./toolchain/env.sh && exec node test/support/kubernetes/command.ts down

.PHONY: test
test: packages linter rule-checker compose-config cluster-parts pipelines-packages mlflow-server data-gates features-packages load-test jupyter airflow chromium ## everything CI proves, against real servers; the last line counts passed and failed
	@. ./toolchain/env.sh && . ./.ci/attended.sh && { $(judge) || { echo "0 passed, 1 failed"; exit 1; }; } \
	  && exec $(run)/vitest run

# What reviewers and pipelines need, for one stack; docs/ci.md. The backend and the passphrase are those of the shell.
stack = $(or $(STACK),dev)
stage = $(or $(STAGE),$(stack))
review = .bucketworks/review/$(stack)
pack = --policy-pack policy $(addprefix --policy-pack-config ,$(wildcard policy/stages/$(stage).json))
models = --before $(review)/before.json --after $(review)/after.json

.PHONY: preview
preview: packages ## preview a stack with its policies, and the models before and after (STACK=dev BASE=origin/main)
	@. ./.ci/environment.sh && . ./.ci/attended.sh && rm -rf $(review) && mkdir -p $(review)/base \
	  && git archive $(or $(BASE),origin/main) | tar -xf - -C $(review)/base \
	  && attended bin/bucketworks explain --stage $(stage) --format json --project $(review)/base >$(review)/before.json \
	  && attended bin/bucketworks explain --stage $(stage) --format json >$(review)/after.json \
	  && exec bin/bucketworks preview --stack $(stack) --out $(review)/preview.json $(pack)

.PHONY: comment
comment: packages ## write what the last preview means for reviewers (STACK=dev)
	@. ./.ci/environment.sh && exec bin/bucketworks comment --stage $(stack) --preview $(review)/preview.json $(models) --live \
	  --out $(review)/comment.md --artifact $(review)/whole-comment.md
	@echo $(review)/comment.md

.PHONY: scan
scan: packages ## compare the live server with the specs; scan.md, and scan.exit with the exit code (STACK=dev)
	@. ./.ci/environment.sh && . ./.ci/attended.sh && mkdir -p $(review) && rm -f $(review)/scan.exit && code=0 \
	  && { attended bin/bucketworks scan --stage $(stack) --format markdown >$(review)/scan.md || code=$$?; } \
	  && echo $$code >$(review)/scan.exit && cat $(review)/scan.md && exit $$code

.PHONY: deploy
deploy: packages ## update a stack under its policies, then compare the live server (STACK=dev)
	@. ./.ci/environment.sh && exec node cli/pulumi/attend.ts up --yes --stack $(stack) $(pack)
	@. ./.ci/environment.sh && exec bin/bucketworks verify --stage $(stack) --no-identities

.PHONY: images-test
images-test: packages pipelines-packages ## build the images with a Docker engine of its own and try them; the first time takes minutes (Debian 12, root)
	@. ./toolchain/env.sh && export BUCKETWORKS_IMAGES_TEST=1 && exec $(run)/vitest run --project alone test/images

.PHONY: terraform
terraform: toolchain # what the bench compares with, OpenTofu and the community's provider; nothing else needs it
	@sh toolchain/bootstrap.sh --terraform --quiet

.PHONY: bench
bench: packages ## compare many buckets with Terraform, mc, the Python SDK and bare calls (BUCKETS="20 100", ROUNDS=3), then starts and the model API
	@sh toolchain/bootstrap.sh --uv --quiet
	@[ -n "$$BENCH_TERRAFORM" ] || { . ./.ci/attended.sh && attended sh toolchain/bootstrap.sh --terraform --quiet; } || \
	  { code=$$?; [ $$code -lt 128 ] || exit $$code; echo 'bench: OpenTofu and its provider could not be built: measured without Terraform' >&2; }
	@. ./toolchain/env.sh && . ./.ci/attended.sh && ROUNDS=$(ROUNDS) attended node test/bench/buckets.ts $(BUCKETS) && attended node test/bench/start.ts
	@$(MAKE) --no-print-directory bench-model-api

.PHONY: bench-database-backup
bench-database-backup: packages # a base backup and a restore of the local PostgreSQL (MEGABYTES=500)
	@. ./toolchain/env.sh && . ./.ci/attended.sh && attended node test/bench/database-backup.ts $(MEGABYTES)

.PHONY: bench-features
bench-features: packages features-packages # online reads of 50 features at 200 requests a second beside a bare SELECT
	@. ./toolchain/env.sh && . ./.ci/attended.sh && attended node test/bench/features.ts

.PHONY: bench-model-api
bench-model-api: pipelines-packages mlflow-server load-test # requests a second of the model API beside MLflow's own server
	@. ./toolchain/env.sh && . ./.ci/attended.sh && cd pipelines/mlops/tests && exec env PYTHONPATH=../../shared/tests ../../../$(python)/python bench_api.py

.PHONY: docs golden
docs: packages ## write again what docs/ generates from the spec's schema
	@. ./toolchain/env.sh && exec node docs/generate.ts

golden: packages ## write the reviewed models and comments of test/golden again; read the diff like code
	@. ./toolchain/env.sh && exec $(run)/vitest run --project unit test/config/platforms.test.ts test/review/comments.test.ts test/builders/minio.test.ts test/builders/workloads.test.ts test/builders/dataops-manifests.test.ts test/builders/monitoring.test.ts test/builders/services.test.ts test/builders/services-on-kubernetes.test.ts test/builders/dashboards.test.ts test/builders/postgres.test.ts --update

.PHONY: drift-table
drift-table: packages # measure again which changes by hand scan and preview find, and write them into docs/drift.md
	@. ./toolchain/env.sh && exec $(run)/vitest run --project real test/e2e/fidelity.test.ts --update
