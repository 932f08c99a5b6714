SHELL := /bin/sh
.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: toolchain
toolchain: ## get or build the pinned Node, Pulumi, MinIO and mc (VERIFY=1 reads every cached file)
	@sh toolchain/bootstrap.sh $(if $(VERIFY),--verify)
