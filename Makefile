# Two commands do everything on a bare Debian 12: `make demo` and `make test`.

UV_VERSION := 0.13.9
UV := .tools/bin/uv-$(UV_VERSION)
SERVERS := .tools/servers
BROWSER := .tools/browser
COMMA := ,
DESCRIPTION := node_modules/@octokit/openapi/generated/api.github.com.json

# What the environment says of uv and pip (mirrors, proxies, caches, certificates) counts.
export UV_PYTHON ?= python3
export UV_COMPILE_BYTECODE ?= 1
export UV_LINK_MODE ?= copy
export UV_PYTHON_DOWNLOADS := never
# The environment below is this project's own, wherever make was called from.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT

.PHONY: demo simulate pages screenshots test chaos kills crater fuzz lint format docs bench bench-ingest bench-micro bench-pages cost clean

demo: .venv/run.stamp
	@.venv/bin/kotsu demo $(ARGS)

# Many repositories over many weeks: make simulate ARGS="--repositories 300 --weeks 12 --seed 1".
simulate: .venv/run.stamp
	@.venv/bin/python -m demo.simulation $(ARGS)

# The pages of an organisation that is made up: make pages ARGS="--repositories 300 --weeks 12 --seed 1 --port 8000".
pages: .venv/run.stamp
	@.venv/bin/python -m demo.seeded $(ARGS)

# Writes the pictures of the docs anew.
screenshots: .venv/dev.stamp $(BROWSER)/stamp
	@.venv/bin/python -m tests.browser.screenshots $(ARGS)

test: .venv/dev.stamp $(DESCRIPTION) $(SERVERS)/stamp $(BROWSER)/stamp
	@.venv/bin/pytest -n auto --dist worksteal $(ARGS)

# A fleet whose parts die while GitHub fails, by a plan for each seed: make chaos ARGS="--seeds 20".
chaos: .venv/dev.stamp
	@.venv/bin/python -m tests.chaos.chaos $(ARGS)

# A worker that is killed at each step of its work: make kills ARGS="--times 45".
kills: .venv/dev.stamp
	@.venv/bin/python -m tests.chaos.kills $(ARGS)

# Takes names of projects, as tests/crater/projects.toml knows them: make crater ARGS="attrs click".
crater: .venv/dev.stamp
	@.venv/bin/python tests/crater/crater.py $(ARGS)

# Sends what nobody should: make fuzz ARGS="--minutes 10 --seed 1".
fuzz: .venv/dev.stamp $(DESCRIPTION)
	@.venv/bin/python -m tests.fuzz.fuzz $(ARGS)

lint: .venv/dev.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports --no-logo

format: .venv/dev.stamp
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

# The pages of docs/, and one for each improvement, as a site; a link that leads nowhere fails.
docs: .venv/dev.stamp
	@.venv/bin/python -m demo.manual $(ARGS)

bench: .venv/dev.stamp
	@.venv/bin/python tests/benchmarks/scan.py $(CORPUS) $(ARGS)

# What each page costs the server: make bench-pages ARGS="--repositories 1000".
bench-pages: .venv/dev.stamp
	@.venv/bin/python tests/benchmarks/pages.py $(ARGS)

bench-micro: .venv/dev.stamp
	@.venv/bin/python tests/benchmarks/micro.py $(ARGS)

PROBOT := tests/benchmarks/probot
bench-ingest: .venv/dev.stamp $(DESCRIPTION) $(PROBOT)/node_modules/stamp
	@.venv/bin/python tests/benchmarks/ingest.py $(ARGS)

# What a scan and a pull request cost, and so many repositories: make cost ARGS="--scans 20 --pulls 1".
cost: .venv/run.stamp
	@.venv/bin/python -m demo.cost $(ARGS)

clean:
	rm -rf .tools .venv node_modules site $(PROBOT)/node_modules

# pip brings uv, into a folder of the project: Debian's Python takes no packages of others, and has no venv.
$(UV):
	@echo "uv $(UV_VERSION) into .tools"
	@rm -rf .tools
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore \
		--target .tools uv==$(UV_VERSION)
	@ln -s uv $@

# What is needed to run; tools of development that are there already stay.
.venv/run.stamp: $(UV) pyproject.toml uv.lock
	@echo "the locked environment into .venv"
	@$(UV) sync --quiet --frozen --no-dev --inexact
	@touch $@

.venv/dev.stamp: $(UV) pyproject.toml uv.lock
	@echo "the locked environment, with the tools of development, into .venv"
	@$(UV) sync --quiet --frozen --group dev
	@touch .venv/run.stamp $@

# npm comes from a wheel too, and brings axe and htmx along. Of GitHub's descriptions (395 MB) only the one of github.com is read.
$(DESCRIPTION): package.json package-lock.json | .venv/dev.stamp
	@echo "GitHub's description of its API into node_modules"
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
	@find $(dir $@) -name '*.json' ! -name $(notdir $@) -delete
	@touch $@

$(PROBOT)/node_modules/stamp: $(PROBOT)/package.json $(PROBOT)/package-lock.json | .venv/dev.stamp
	@echo "Probot into $(PROBOT)/node_modules"
	@PATH="$(CURDIR)/.venv/bin:$$PATH" .venv/bin/npm ci --prefix $(PROBOT) --loglevel=error --ignore-scripts --no-audit --no-fund
	@touch $@

# Debian's packages, unpacked beside the tools: nothing is installed, nobody has to be root. Where that is not possible, the
# tests that need what is not on the PATH are skipped. Takes the folder, the packages, and words for them.
define UNPACKED
	@echo "$(3) into $(1)"
	@rm -rf $(1)
	@mkdir -p $(1)/apt/lists/partial $(1)/apt/archives/partial
	@apt="apt-get -qq -o Dir::State=$(CURDIR)/$(1)/apt -o Dir::Cache=$(CURDIR)/$(1)/apt \
		-o Dir::State::status=/var/lib/dpkg/status -o Debug::NoLocking=1 -o APT::Sandbox::User= \
		-o APT::Install-Recommends=false"; \
	if $$apt update && $$apt --yes --download-only install $(2) > /dev/null; then \
		for package in $(1)/apt/archives/*.deb; do \
			test ! -e $$package || dpkg-deb -x $$package $(1) || exit 1; \
		done; \
		rm -rf $(1)/apt; \
		touch $(1)/stamp; \
	else \
		echo "there is no apt, or it reaches no packages: tests of $(3) are skipped"; \
	fi
endef

$(SERVERS)/stamp: | $(UV)
	$(call UNPACKED,$(SERVERS),nginx haproxy apache2-bin postgresql,nginx$(COMMA) HAProxy$(COMMA) Apache and PostgreSQL)

# 127 MB come, and 440 MB stay: of what chromium speaks, only English.
$(BROWSER)/stamp: | $(UV)
	$(call UNPACKED,$(BROWSER),chromium chromium-driver fonts-dejavu-core,chromium)
	@find $(BROWSER)/usr/lib/chromium/locales -type f ! -name 'en-US*' -delete 2> /dev/null || true
