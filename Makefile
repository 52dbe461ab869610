# Every command is a Mage target; this file only delegates. `make help` lists them.
# ENV=prod, WITH=staging, FLOW=rpa1, ONLY=a,b, PARAMS='{…}', FILE=prefect.yaml, PROJECT=shop, KIND=python, SERVED=1, IMAGES=1 and YES=1 count only on make's command line, never from the environment.

.NOTPARALLEL:
.DEFAULT_GOAL := help
SHELL := /bin/sh
GO ?= go
mage := .flowmage/bin/mage

# Folders are listed too: a deleted file changes its folder's time.
sources := $(shell find magefiles tasks templates \( -name '*.go' -o -name '*.tmpl' -o -name '*.py' -o -path 'templates/python/*' -o -path 'templates/pools/*' -o -path 'templates/scale/*' -o -type d \) \
	-not -name '*_test.go' -not -path '*/testdata*' -not -name mage_output_file.go 2>/dev/null)

given = $(if $(filter command line,$(origin $1)),$($1))
quoted = '$(subst ','\'',$1)'
env_flag = $(if $(call given,ENV),-env=$(call quoted,$(call given,ENV)))
only = $(or $(call given,ONLY),$(call given,FLOW),$(call given,FLOW_NAME))
only_flag = $(if $(only),-only=$(call quoted,$(only)))
served_flag = $(if $(filter 1 y yes true,$(call given,SERVED)),-served)
to_flag = $(if $(call given,TO),-to=$(call quoted,$(call given,TO)))
images_flag = $(if $(filter 1 y yes true,$(call given,IMAGES)),-images)
all_flag = $(if $(filter 1 y yes true,$(call given,ALL)),-all)
yes_flag = $(if $(filter 1 y yes true,$(call given,YES)),-yes)
file_flag = $(if $(call given,FILE),-file=$(call quoted,$(call given,FILE)))
project_flag = $(if $(call given,PROJECT),-project=$(call quoted,$(call given,PROJECT)))
kind_flag = $(if $(call given,KIND),-kind=$(call quoted,$(call given,KIND)))
params_flag = $(if $(call given,PARAMS),-params=$(call quoted,$(call given,PARAMS)))
environments = $(patsubst envs/%.yaml,%,$(filter-out envs/base.yaml,$(wildcard envs/*.yaml)))
# deploy-dev ENV=prod says two things at once.
no_env = $(if $(call given,ENV),$(error $@ names its environment already: leave out ENV=$(ENV)))

.PHONY: discover-flows build-deployments deploy-python deploy-containers deploy-all clean-deployments deploy-status deploy-history deploy-rollback deploy-unlock \
	deploy-adopt deploy-release start-worker reschedule-runs run-and-register validate-deployments verify verify-images verify-deployments verify-ui doctor env-up env-open env-down env-status \
	env-images env-show env-list env-diff env-render preview-up preview-clean plan help test soak lint bench env-logs flow-runs serve-deployments serve-flows \
	show-flow \
	$(environments:%=deploy-%) $(environments:%=plan-%)

discover-flows: $(mage) ; @$(mage) flows:list $(env_flag) $(only_flag)
serve-flows: $(mage) ; @$(mage) flows:register $(env_flag) $(only_flag)
serve-deployments: $(mage) ; @$(mage) flows:serve $(env_flag) $(only_flag)
serve-%: $(mage) ; @$(mage) flows:serve $(env_flag) -only=$(call quoted,$*)
flow-runs: $(mage) ; @$(mage) flows:runs $(env_flag) $(only_flag)
show-flow: $(mage) ; @$(mage) flows:show $(call quoted,$(or $(call given,FLOW),$(error say which flow: make show-flow FLOW=rpa1))) $(env_flag)
run-and-register: $(mage) ; @$(mage) flows:run $(call quoted,$(or $(call given,FLOW),$(error say which flow: make run-and-register FLOW=rpa1))) $(env_flag) $(params_flag)

build-deployments: $(mage) ; @$(mage) deploy:build $(env_flag) $(only_flag)
deploy-python: $(mage) ; @$(mage) deploy:python $(env_flag) $(only_flag) $(yes_flag)
deploy-containers: $(mage) ; @$(mage) deploy:containers $(env_flag) $(only_flag) $(yes_flag)
deploy-all: $(mage) ; @$(mage) deploy:all $(env_flag) $(only_flag) $(yes_flag)
$(environments:%=deploy-%): deploy-%: $(mage) ; $(no_env)@$(mage) deploy:all -env=$* $(only_flag) $(yes_flag)
$(environments:%=plan-%): plan-%: $(mage) ; $(no_env)@$(mage) deploy:plan -env=$* $(only_flag)
plan: $(mage) ; @$(mage) deploy:plan $(env_flag) $(only_flag)
clean-deployments: $(mage) ; @$(mage) deploy:clean $(env_flag) $(only_flag) $(kind_flag) $(served_flag) $(images_flag) $(yes_flag)

deploy-status: $(mage) ; @$(mage) deploy:status $(env_flag)
deploy-history: $(mage) ; @$(mage) deploy:history $(env_flag)
deploy-rollback: $(mage) ; @$(mage) deploy:rollback $(env_flag) $(to_flag) $(yes_flag)
deploy-unlock: $(mage) ; @$(mage) deploy:unlock $(env_flag) $(yes_flag)
deploy-adopt: $(mage) ; @$(mage) deploy:adopt $(env_flag) $(only_flag) $(kind_flag) $(file_flag) $(project_flag) $(yes_flag)
deploy-release: $(mage) ; @$(mage) deploy:release $(env_flag) $(or $(only_flag),$(all_flag),$(error say which: make deploy-release ONLY=rpa1, or ALL=1)) $(kind_flag) $(project_flag) $(yes_flag)

env-up: $(mage) ; @$(mage) env:up $(env_flag)
env-open: $(mage) ; @$(mage) env:open $(env_flag)
env-down: $(mage) ; @$(mage) env:down
env-status: $(mage) ; @$(mage) env:status $(env_flag)
doctor: $(mage) ; @$(mage) env:doctor $(env_flag)
env-logs: $(mage) ; @$(mage) env:logs
preview-up: $(mage) ; @$(mage) env:preview up $(env_flag) $(only_flag) $(yes_flag)
preview-clean: $(mage) ; @$(mage) env:preview clean $(env_flag) $(yes_flag)
env-show: $(mage) ; @$(mage) env:show $(env_flag)
env-render: $(mage) ; @$(mage) env:render $(env_flag)
env-list: $(mage) ; @$(mage) env:list
env-images: $(mage) ; @$(mage) env:images $(env_flag)
env-diff: $(mage) ; @$(mage) env:diff $(call quoted,$(or $(call given,ENV),dev)) $(call quoted,$(or $(call given,WITH),prod))
reschedule-runs: $(mage) ; @$(mage) flows:reschedule $(env_flag) $(yes_flag)
start-worker: $(mage) ; @$(mage) env:worker $(env_flag)

validate-deployments: $(mage) ; @$(mage) verify:flows $(env_flag) $(only_flag)
verify: $(mage) ; @$(mage) verify $(env_flag) $(only_flag)
verify-images: $(mage) ; @$(mage) verify:images $(env_flag) $(only_flag)
verify-deployments: $(mage) ; @$(mage) verify:deployments $(env_flag) $(only_flag)
verify-ui: $(mage) ; @$(mage) verify:ui $(env_flag)

# Names of an earlier system; docs/old-names.md has them all.
.PHONY: deployment-status deployment-status-report list-deployments-ui check-ui validate-ui troubleshoot-ui troubleshoot-deployment \
	verify-deployment-ui check-deployment-health wait-deployment-ready get-deployment-url list-config $(environments:%=deploy-%-python) $(environments:%=setup-%)
deployment-status deployment-status-report list-deployments-ui: deploy-status
check-ui validate-ui: verify-ui
troubleshoot-ui troubleshoot-deployment: doctor
verify-deployment-ui check-deployment-health wait-deployment-ready get-deployment-url: verify-deployments
list-config: env-show
$(environments:%=deploy-%-python): deploy-%-python: $(mage)
	$(no_env)@$(mage) deploy:python -env=$* $(only_flag) $(yes_flag)
$(environments:%=setup-%): setup-%: $(mage)
	$(no_env)@$(mage) env:up -env=$*

test: ## runs every test, the end-to-end ones on a real Prefect server included
	@.ci/test
soak: ## runs every test at its full size; the log goes to docs/evidence/
	@.ci/soak
lint: ## checks formatting, the Go code and the module file
	@.ci/lint
bench: ## measures against prefect deploy and against the bare API
	@.ci/bench

# Each rule that calls a Mage target is shown with that target's own description.
help: $(mage) ## shows this list
	@$(mage) -l | awk -v environments='$(environments)' -f .ci/help.awk - $(MAKEFILE_LIST)

$(mage): go.mod go.sum $(sources)
	@command -v $(GO) >/dev/null || { echo "error: Go is not on the PATH" >&2; echo "  next:  install Go 1.26 or newer from https://go.dev/dl, then run make again" >&2; exit 1; }
	@test -x $@ || echo "compiling the deployment tool; the first time this takes a minute or two ..." >&2
	@if [ -L .flowmage ] || [ -e .flowmage -a ! -O .flowmage ]; then echo "error: .flowmage is a link or another user's folder" >&2; echo "  next:  mv .flowmage .flowmage.old, then run make again" >&2; exit 1; fi
	@mkdir -p -m 700 .flowmage && chmod go-rwx .flowmage && mkdir -p $(@D) && echo '*' > .flowmage/.gitignore
	@new=$(@D)/new.$$$$; CGO_ENABLED=0 $(GO) tool mage -compile "$(CURDIR)/$$new/$(@F)" && mv "$$new/$(@F)" $@ && touch $@; \
		code=$$?; rm -rf "$$new"; exit $$code
