# Every command is a Mage target; this file only delegates. `make help` lists them.
# ENV=prod, WITH=staging, FLOW=rpa1, ONLY=a,b, PARAMS='{…}', FILE=prefect.yaml, PROJECT=shop, KIND=python, SINCE=origin/main, FORMAT=sarif, OUT=report.sarif, CODE=cron,
# SERVED=1, IMAGES=1, ALL=1, FIX=1, YES=1 and TOPIC=faults count only on make's
# command line, never from the environment, and arrive as they were typed: no value is ever expanded, and each reaches the shell in quotes.

.NOTPARALLEL:
.DEFAULT_GOAL := help
SHELL := /bin/sh
GO ?= go
mage := .flowmage/bin/mage

# What was said on the command line. make would expand such variables to hand them to its children; they get none.
said := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
unexport $(said)
MAKEOVERRIDES :=

define newline


endef
# A line of a recipe ends at a line end, even within quotes; the shell knows it by a variable.
ifneq (,$(findstring $(newline),$(foreach name,$(said),$(value $(name)))))
export newline
endif
quoted = '$(subst $(newline),'"$$newline"',$(subst ','\'',$1))'

# Only names that the tool takes for environments: a file's name must not become a part of this file.
environments := $(shell LC_ALL=C; cd envs 2>/dev/null && for file in *.yaml; do name=$${file%.yaml}; \
	case $$name in (base | [_-]* | *[!a-z0-9_-]*) ;; (*) printf '%s ' "$$name" ;; esac; done)
# Folders are listed too: a deleted file changes its folder's time.
sources := $(shell LC_ALL=C find magefiles tasks templates \( -name '*.go' -o -name '*.tmpl' -o -name '*.py' -o -name '*.txt' -o -name '*.txtar' -o -path 'templates/python/*' -o -path 'templates/pools/*' -o -path 'templates/scale/*' -o -type d \) \
	-not -name '*_test.go' -not -path '*/testdata*' -not -name mage_output_file.go -not -path '*[!A-Za-z0-9@._/-]*' 2>/dev/null)

# What each target takes. FLOW and FLOW_NAME are other words for ONLY.
take = $(foreach target,$2,$(eval takes/$(target) := $1))
$(call take,ENV ONLY,discover-flows serve-flows serve-deployments flow-runs build-deployments plan verify-watch)
$(call take,ENV ONLY SINCE FORMAT OUT FIX YES,verify validate-deployments)
$(call take,ENV ONLY FORMAT OUT,verify-images verify-deployments verify-deployment-ui check-deployment-health wait-deployment-ready get-deployment-url)
$(call take,ENV FORMAT OUT,verify-ui check-ui validate-ui)
$(call take,CODE,verify-rules)
$(call take,ENV ONLY YES,deploy-python deploy-containers deploy-all preview-up)
$(call take,ENV ONLY KIND SERVED IMAGES YES,clean-deployments)
$(call take,ENV ONLY KIND FILE PROJECT YES,deploy-adopt)
$(call take,ENV ONLY ALL KIND PROJECT YES,deploy-release)
$(call take,ENV ONLY PARAMS,run-and-register)
$(call take,ENV ONLY,show-flow)
$(call take,TOPIC,soak)
$(call take,ENV TO YES,deploy-rollback)
$(call take,ENV WITH,env-diff)
$(call take,ENV YES,deploy-unlock preview-clean reschedule-runs)
$(call take,ENV,deploy-status deploy-history env-up env-open env-status doctor env-show env-render env-images start-worker \
	deployment-status deployment-status-report list-deployments-ui troubleshoot-ui troubleshoot-deployment list-config)
$(call take,ONLY YES,$(environments:%=deploy-%) $(environments:%=deploy-%-python))
$(call take,ONLY,$(environments:%=plan-%))
named := $(environments:%=deploy-%) $(environments:%=deploy-%-python) $(environments:%=plan-%) $(environments:%=setup-%)
switches := SERVED IMAGES ALL YES FIX UNTRUSTED

# Under another make, variables of its command line look like ours. Those count that mean something here; the others are somebody else's, typing errors
# among them. What this file itself works with must not be changed from there either.
override works := all_flag before code comma differ empty env_flag environments file_flag fix_flag flag flow FLOWMAGE_UNTRUSTED foreign given hint images_flag kind_flag letters listed mage means \
	named near newline off on only only_flag params_flag project_flag quoted refuse report_flags said served_flag SHELL since_flag sources space switch switches take taken to_flag why works yes_flag
ifneq ($(MAKELEVEL),0)
said := $(filter $(works) MAKE% .% takes/% GO UNTRUSTED FLOW FLOW_NAME $(foreach name,$(filter takes/%,$(.VARIABLES)),$($(name))),$(said))
endif

# Everything is looked at here, before the first target runs.
comma := ,
empty :=
space := $(empty) $(empty)
taken = $(or $(takes/$1),$(if $(filter serve-%,$1),ENV))
listed = $(or $(subst ONLY,ONLY (or FLOW),$(subst $(space),$(comma) ,$(strip $1))),no variable)
near = $(if $1,$(filter $2 FLOW FLOW_NAME,$(shell LC_ALL=C awk -f .ci/nearest.awk $(call quoted,$1) $(if $(filter ONLY,$2),FLOW FLOW_NAME) $2 2>/dev/null)))
means = $(if $(filter FLOW FLOW_NAME,$1),ONLY,$1)
why = $(if $(filter ENV,$2),$(if $(filter $1,$(named)),; it names its environment already: leave out ENV))$(if $(filter ONLY,$2),$(if $(filter serve-%,$1),; it names its flow already))
hint = $(if $1,; did you mean $1?)
refuse = $(error make $1 takes no $2$(or $(call why,$1,$(call means,$2)),; it takes $(call listed,$(call taken,$1))$(call hint,$(call near,$2,$(call taken,$1)))))
differ = $(if $(filter $1,$(said)),$(if $(filter $2,$(said)),$(subst [$(value $1)],,[$(value $2)])$(subst [$(value $2)],,[$(value $1)])))
on := 1 y yes true
off := 0 n no false

letters = $(if $(findstring =,$1)$(filter --%,$1),,$1)
ifneq (,$(findstring e,$(call letters,$(firstword -$(MAKEFLAGS)))))
$(error -e would let the environment change this file: leave it out)
endif
ifneq (,$(said))
$(foreach goal,$(or $(MAKECMDGOALS),help),$(foreach name,$(filter-out GO UNTRUSTED,$(said)),$(if $(filter $(call means,$(name)),$(call taken,$(goal))),,$(call refuse,$(goal),$(name)))))
$(foreach name,$(said),$(if $(strip $(value $(name))),,$(error $(name) is empty: leave it out$(comma) or say which)))
$(foreach name,$(filter $(switches),$(said)),$(if $(and $(filter 1,$(words $(value $(name)))),$(filter $(on) $(off),$(value $(name)))),,$(error $(name) is neither on nor off: write $(name)=1$(comma) or leave it out)))
$(if $(strip $(call differ,ONLY,FLOW)$(call differ,ONLY,FLOW_NAME)$(call differ,FLOW,FLOW_NAME)),$(error FLOW and ONLY mean the same$(comma) and say different things: leave one out))
# Variables in MAKEFLAGS look like those of the command line. Under another make they are its command line's.
ifeq ($(MAKELEVEL),0)
before := $(shell { tr '\000' '\n' <"/proc/$$PPID/environ" || $(if $(filter 3.% 4.0% 4.1% 4.2% 4.3%,$(MAKE_VERSION)),printf 'MAKEFLAGS=%s\n' "$$MAKEFLAGS",:); } 2>/dev/null | \
	sed -n -e 's/^GNUMAKEFLAGS=//p' -e 's/^MAKEFLAGS=//p')
$(if $(filter-out -%,$(foreach word,$(before),$(if $(findstring =,$(word)),$(word)))),$(error MAKEFLAGS sets variables: they count only on the command line of make))
endif
endif

# Targets run what lies there, so it is looked at even when nothing has to be built: a link or a file of somebody else's is refused, and nobody else may come in.
strange := $(shell for place in .flowmage .flowmage/bin $(mage); do \
	if [ -L $$place ] || { [ -e $$place ] && [ ! -O $$place ]; }; then echo $$place; break; fi; \
	if [ $$place = .flowmage ] && [ -d .flowmage ]; then chmod go-rwx .flowmage; fi; done)
ifneq (,$(strange))
$(error $(strange) is a link or belongs to another user$(comma) who could have programs run as you: mv $(strange) $(strange).old$(comma) then run make again)
endif

given = $(if $(filter $1,$(said)),$(value $1))
flag = $(if $(call given,$2),-$1=$(call quoted,$(call given,$2)))
switch = $(if $(filter $(on),$(call given,$2)),-$1)
env_flag = $(call flag,env,ENV)
only = $(or $(call given,ONLY),$(call given,FLOW),$(call given,FLOW_NAME))
only_flag = $(if $(only),-only=$(call quoted,$(only)))
flow = $(call quoted,$(or $(only),$(error say which flow: make $@ FLOW=rpa1)))
served_flag = $(call switch,served,SERVED)
to_flag = $(call flag,to,TO)
images_flag = $(call switch,images,IMAGES)
all_flag = $(call switch,all,ALL)
yes_flag = $(call switch,yes,YES)
file_flag = $(call flag,file,FILE)
project_flag = $(call flag,project,PROJECT)
kind_flag = $(call flag,kind,KIND)
params_flag = $(call flag,params,PARAMS)
since_flag = $(call flag,since,SINCE)
fix_flag = $(call switch,fix,FIX)
report_flags = $(call flag,format,FORMAT) $(call flag,out,OUT)
code = $(if $(call given,CODE),$(call quoted,$(call given,CODE)))

# UNTRUSTED=1 holds for every target: see docs/security.md#repositories-of-strangers.
ifneq (,$(filter $(on),$(call given,UNTRUSTED)))
export FLOWMAGE_UNTRUSTED := 1
endif

.PHONY: discover-flows build-deployments deploy-python deploy-containers deploy-all clean-deployments deploy-status deploy-history deploy-rollback deploy-unlock \
	deploy-adopt deploy-release start-worker reschedule-runs run-and-register validate-deployments verify verify-images verify-deployments verify-policies verify-rules verify-ui verify-watch doctor env-up env-open env-down env-status \
	env-images env-show env-list env-diff env-render preview-up preview-clean plan help check test cover soak lint bench env-logs flow-runs serve-deployments serve-flows \
	show-flow \
	$(environments:%=deploy-%) $(environments:%=plan-%)

discover-flows: $(mage) ; @$(mage) flows:list $(env_flag) $(only_flag)
serve-flows: $(mage) ; @$(mage) flows:register $(env_flag) $(only_flag)
serve-deployments: $(mage) ; @$(mage) flows:serve $(env_flag) $(only_flag)
serve-%: $(mage) ; @$(mage) flows:serve $(env_flag) -only=$(call quoted,$*)
flow-runs: $(mage) ; @$(mage) flows:runs $(env_flag) $(only_flag)
show-flow: $(mage) ; @$(mage) flows:show $(flow) $(env_flag)
run-and-register: $(mage) ; @$(mage) flows:run $(flow) $(env_flag) $(params_flag)

build-deployments: $(mage) ; @$(mage) deploy:build $(env_flag) $(only_flag)
deploy-python: $(mage) ; @$(mage) deploy:python $(env_flag) $(only_flag) $(yes_flag)
deploy-containers: $(mage) ; @$(mage) deploy:containers $(env_flag) $(only_flag) $(yes_flag)
deploy-all: $(mage) ; @$(mage) deploy:all $(env_flag) $(only_flag) $(yes_flag)
$(environments:%=deploy-%): deploy-%: $(mage) ; @$(mage) deploy:all -env=$(call quoted,$*) $(only_flag) $(yes_flag)
$(environments:%=plan-%): plan-%: $(mage) ; @$(mage) deploy:plan -env=$(call quoted,$*) $(only_flag)
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

validate-deployments: $(mage) ; @$(mage) verify:flows $(env_flag) $(only_flag) $(since_flag) $(report_flags) $(fix_flag) $(yes_flag)
verify: $(mage) ; @$(mage) verify $(env_flag) $(only_flag) $(since_flag) $(report_flags) $(fix_flag) $(yes_flag)
verify-watch: $(mage) ; @$(mage) verify:watch $(env_flag) $(only_flag)
verify-rules: $(mage) ; @$(mage) verify:rules $(code)
verify-images: $(mage) ; @$(mage) verify:images $(env_flag) $(only_flag) $(report_flags)
verify-deployments: $(mage) ; @$(mage) verify:deployments $(env_flag) $(only_flag) $(report_flags)
verify-ui: $(mage) ; @$(mage) verify:ui $(env_flag) $(report_flags)
verify-policies: $(mage) ; @$(mage) verify:policies

# Names of an earlier system; docs/old-names.md has them all.
.PHONY: deployment-status deployment-status-report list-deployments-ui check-ui validate-ui troubleshoot-ui troubleshoot-deployment \
	verify-deployment-ui check-deployment-health wait-deployment-ready get-deployment-url list-config $(environments:%=deploy-%-python) $(environments:%=setup-%)
deployment-status deployment-status-report list-deployments-ui: deploy-status
check-ui validate-ui: verify-ui
troubleshoot-ui troubleshoot-deployment: doctor
verify-deployment-ui check-deployment-health wait-deployment-ready get-deployment-url: verify-deployments
list-config: env-show
$(environments:%=deploy-%-python): deploy-%-python: $(mage)
	@$(mage) deploy:python -env=$(call quoted,$*) $(only_flag) $(yes_flag)
$(environments:%=setup-%): setup-%: $(mage)
	@$(mage) env:up -env=$(call quoted,$*)

check: ## runs the tests that need no server and no network
	@$(call quoted,$(value GO)) test ./...
test: ## runs every test, the end-to-end ones on a real Prefect server included
	@.ci/test
cover: ## measures how much of each package the tests reach, with the whole commands that they run and without
	@.ci/cover
soak: ## runs the tests at their full size, or one TOPIC of .ci/topics; the logs go to docs/evidence/
	@.ci/soak $(if $(call given,TOPIC),$(call quoted,$(call given,TOPIC)))
lint: ## checks formatting, the Go code and the module file
	@.ci/lint
bench: ## measures against prefect deploy and against the bare API
	@.ci/bench

# Each rule that calls a Mage target is shown with that target's own description.
help: $(mage) ## shows this list
	@$(mage) -l | awk -v environments='$(environments)' -f .ci/help.awk - $(MAKEFILE_LIST)

# What people set to build other programs, or for other systems, is not for this one.
foreign := GOOS GOARCH GOARM GOARM64 GO386 GOAMD64 GOMIPS GOMIPS64 GOPPC64 GORISCV64 GOWASM GOFLAGS GOEXPERIMENT GODEBUG GOFIPS140 GO111MODULE GOBIN GOWORK \
	MAGEFILE_VERBOSE MAGEFILE_DEBUG MAGEFILE_HASHFAST MAGEFILE_CACHE MAGEFILE_IGNOREDEFAULT MAGEFILE_ENABLE_COLOR MAGEFILE_TARGET_COLOR
$(mage): go.mod go.sum $(sources)
	@command -v $(call quoted,$(value GO)) >/dev/null || { echo "error: Go is not on the PATH" >&2; echo "  next:  install Go 1.26 or newer from https://go.dev/dl, then run make again" >&2; exit 1; }
	@test -x $@ || echo "compiling the deployment tool; the first time this takes a minute or two ..." >&2
	@mkdir -p -m 700 .flowmage && mkdir -p $(@D) && echo '*' > .flowmage/.gitignore
	@new=$(@D)/new.$$$$; unset $(foreign); commit=$$(git -c core.fsmonitor=false describe --always --dirty --abbrev=40 --exclude='*' 2>/dev/null); \
		GOFLAGS=-trimpath GOWORK=off CGO_ENABLED=0 MAGEFILE_GOCMD=$(call quoted,$(value GO)) \
		$(call quoted,$(value GO)) tool mage -ldflags "-X github.com/flowmage/flowmage/tasks/version.stamp=$$commit" -compile "$$PWD/$$new/$(@F)" && mv "$$new/$(@F)" $@ && touch $@; \
		code=$$?; rm -rf "$$new"; exit $$code
