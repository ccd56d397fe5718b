# Everything a person does with this repository. `make` alone prints this list.
.DEFAULT_GOAL := help
PYTEST_ARGS ?=

.PHONY: help run demo test lint bench install

help: ## print this list
	@sed -n 's/^\([a-z]*\): ## /  make \1\t/p' Makefile

install: ## install what the panel needs: system packages (as root) and .venv
	@python3 deploy/start.py install

run: ## start the panel on http://127.0.0.1:$PORT (8000); installs what is missing
	@python3 deploy/start.py run

demo: ## the same with a believable mail server in it, in $VQWEB_STATE or var/demo
	@python3 deploy/start.py demo

test: ## install what tests need, then lint and all tests
	@python3 deploy/start.py test $(PYTEST_ARGS)

lint: ## ruff, mypy and the layers of the design
	@python3 deploy/start.py lint

bench: ## measure the pages and the writes (BENCH_SIZE=S, M or L; L is a million accounts)
	@python3 deploy/start.py bench
