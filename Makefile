# Makefile - every job of the testbed as one word; `make help` lists them.

export PTBED_TOP := $(CURDIR)
BUILD  := build
PTBED  := $(BUILD)/ptbed

CC     ?= gcc
CFLAGS ?= -O2 -g
WARN   := -std=gnu11 -Wall -Wextra -Werror -D_GNU_SOURCE -ffile-prefix-map=$(CURDIR)=.

# A fresh clone compiles nothing that another one has compiled: what ccache keeps,
# beside the kernels' objects, does not depend on where a checkout is.
CCACHE_DIR := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ptrace-testbed/ccache
CCACHE := $(shell mkdir -p '$(CCACHE_DIR)' 2>/dev/null && test -w '$(CCACHE_DIR)' && \
	command -v ccache >/dev/null && echo env CCACHE_DIR='$(CCACHE_DIR)' CCACHE_NOHASHDIR=1 ccache)
LIBS   := -ljansson -lz -larchive -lcrypto -lm

HOST_SRC := $(wildcard harness/*.c compat-tests/lang/*.c compat-tests/form/*.c)
HOST_SRC := $(filter-out compat-tests/lang/scnc.c,$(HOST_SRC))
HOST_OBJ := $(HOST_SRC:%.c=$(BUILD)/obj/%.o)
# Everything but main(), for the unit tests and fuzz targets.
LIB_OBJ  := $(filter-out $(BUILD)/obj/harness/main.o,$(HOST_OBJ))

# Variables a user may give; see `make help`.
RUNFLAGS = $(if $(ONLY),--only='$(ONLY)') $(if $(REPEATS),--repeats=$(REPEATS)) \
	$(if $(BOOTS),--boots=$(BOOTS)) $(if $(CPUS),--cpus=$(CPUS)) $(if $(JOBS),--jobs=$(JOBS)) \
	$(if $(SEED),--seed=$(SEED)) $(if $(FLAVOUR),--flavour=$(FLAVOUR)) \
	$(if $(TAP),--tap) $(ARGS)

ENGINEFLAGS = $(if $(FLAVOUR),--flavour=$(FLAVOUR)) $(if $(KERNEL),--kernel='$(KERNEL)') \
	$(if $(CPUS),--cpus=$(CPUS)) $(if $(SEED),--seed=$(SEED)) $(if $(TAP),--tap)

# What each target takes of them; see the end of this file.
VARIABLES := ONLY REPEATS BOOTS JOBS SEED FLAVOUR S K A B KERNEL TAP CPUS OPS LIVES OP REQUESTS \
	SECONDS_EACH SCENES ARGS
TAKES_compat        := ONLY REPEATS BOOTS CPUS JOBS SEED FLAVOUR TAP ARGS
TAKES_compare       := ONLY REPEATS BOOTS CPUS JOBS SEED TAP A B ARGS
TAKES_kernels       := FLAVOUR K ARGS
TAKES_list          := ONLY ARGS
TAKES_show          := S ARGS
TAKES_diff          := S ARGS
TAKES_failed        := ARGS
TAKES_baseline      := ONLY ARGS
TAKES_laggards      := ONLY JOBS KERNEL ARGS
TAKES_soak          := REPEATS ARGS
TAKES_controls      := TAP ARGS
TAKES_engines       := ONLY FLAVOUR KERNEL CPUS SEED TAP ARGS
TAKES_mutants       := ONLY TAP ARGS
TAKES_torture       := FLAVOUR KERNEL CPUS SEED TAP OPS LIVES ARGS
TAKES_storm         := KERNEL REQUESTS CPUS SEED TAP ARGS
TAKES_check-off     := ARGS
TAKES_check-series  := JOBS ARGS
TAKES_check-kcsan   := ONLY REPEATS OPS CPUS SEED ARGS
TAKES_check-style   := ARGS
TAKES_bench         := ONLY CPUS ARGS
TAKES_profile       := OP ARGS
TAKES_tracers       := ONLY CPUS ARGS
TAKES_selftests     := ONLY CPUS ARGS
TAKES_suites        := ONLY CPUS ARGS
TAKES_answers       := ONLY REPEATS SEED SCENES CPUS ARGS
TAKES_check-nolegacy := ONLY REPEATS ARGS
TAKES_shell         := KERNEL ARGS
TAKES_gdb           := KERNEL ONLY SEED ARGS
TAKES_worktree      := ARGS
TAKES_writeback     := ARGS
TAKES_series        := ARGS
TAKES_fuzz          := SECONDS_EACH
TAKES_proofs        := ONLY ARGS

comma := ,

# All CPUs for our own programs, unless make was told how many to use.
JOBS_OF_MAKE = $(if $(findstring j,$(firstword -$(MAKEFLAGS)))$(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: help
help: ## this list
	@echo "ptrace-testbed: boots a stock and a utrace kernel, compares their ptrace."
	@echo; echo "Targets:"
	@sed -n 's/^\([a-z][a-z-]*\):[^#]*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16
	@echo; echo "Variables:"
	@echo "  ONLY='GLOB,...' cases, or programs       REPEATS=EXACT[,RACY]  (3,100)"
	@echo "  BOOTS=N         at least so many boots   JOBS=N   VMs at once  (2)"
	@echo "  SEED=N          repeat a run's seeds     FLAVOUR=debug  or kcsan, rt"
	@echo "  S='GLOB'        scenario of show, diff   KERNEL=stock|utrace  of shell, gdb,"
	@echo "  TAP=1           TAP, not the table         laggards, engines, torture, storm"
	@echo "  CPUS=N          virtual CPUs of a guest  K='NAME...'    of kernels"
	@echo "  OP=NAME         operation of profile: one of those that bench lists"
	@echo "  OPS=N           of torture, check-kcsan  LIVES=N        of torture"
	@echo "  REQUESTS=N      of storm                 SECONDS_EACH=N of fuzz"
	@echo "  A=FILE B=FILE   kernels of compare       SCENES=N       of answers' random"
	@echo "  ARGS='...'      more options: see ptbed(1), harness/ptbed.1"
	@echo "One that a target does not take is an error, which says what it takes."

.PHONY: deps
deps: ## install the Debian packages that are missing
	@harness/deps.sh

# What these do needs none of the programs that test engines or compare answers,
# which take as long to build as all the rest.
SCENARIOS_ONLY := compat compare kernels image list show diff failed baseline laggards soak controls \
	shell gdb worktree writeback series check-off check-style

.PHONY: tools
tools: deps
	@$(MAKE) --no-print-directory $(JOBS_OF_MAKE) $(PTBED) guest \
		$(if $(filter-out $(SCENARIOS_ONLY),$(MAKECMDGOALS)),$(PLUGIN) engine-programs answer-programs)

$(PTBED): $(HOST_OBJ)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(CFLAGS) -o $@ $^ $(LIBS)

# A plugin for QEMU is a shared object; what it calls is in QEMU itself.
PLUGIN := $(BUILD)/plugin/count.so

$(BUILD)/plugin/%.so: harness/plugin/%.c harness/plugin/qemu_plugin.h
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) $(WARN) $(CFLAGS) -fPIC -shared -fvisibility=hidden -o $@ $<

$(BUILD)/scnc: $(LIB_OBJ) $(BUILD)/obj/compat-tests/lang/scnc.o
	@echo "  LD $@"
	@$(CC) $(CFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) $(WARN) $(CFLAGS) -I. -Iharness -MMD -MP -c -o $@ $<

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
include vm-images/guest.mk

.PHONY: compat
compat: tools ## run all scenarios on both kernels, diff, gate
	@$(PTBED) compat $(RUNFLAGS)

.PHONY: compare
compare: tools ## the same for two kernels of yours: A=<bzImage> B=<bzImage>
	@$(PTBED) compare $(RUNFLAGS) '$(A)' '$(B)'

.PHONY: test
test: tools ## unit tests, Bats, short fuzzing, planted bugs, a quick gate
	@harness/tests/run

UNIT_SRC := $(wildcard harness/tests/unit/test_*.c)
UNIT     := $(UNIT_SRC:harness/tests/unit/%.c=$(BUILD)/tests/unit/%)

.PHONY: unit
unit: $(UNIT)

$(BUILD)/tests/unit/%: harness/tests/unit/%.c $(LIB_OBJ)
	@mkdir -p $(@D)
	$(CC) $(WARN) $(CFLAGS) -I. -Iharness -Icompat-tests -o $@ $^ $(LIBS) -lcmocka

.PHONY: kernels
kernels: tools ## build the stock and the utrace kernel into the store
	@$(PTBED) kernels $(if $(FLAVOUR),--flavour=$(FLAVOUR)) $(ARGS) $(K)

.PHONY: image
image: tools ## build the guest's initramfs
	@$(PTBED) image

.PHONY: list
list: tools ## scenarios, their ids and numbers of cases
	@$(PTBED) list $(if $(ONLY),'$(ONLY)') $(ARGS)

.PHONY: show
show: tools ## one scenario expanded, with what stock answers: S=...
	@$(PTBED) show '$(S)' $(ARGS)

.PHONY: diff
diff: tools ## one scenario's two kernels side by side: S=...
	@$(PTBED) diff '$(S)' $(ARGS)

.PHONY: failed
failed: tools ## what failed in the newest run
	@$(PTBED) failed $(ARGS)

.PHONY: baseline
baseline: tools ## take the newest run's stock outcomes into traces/baseline
	@$(PTBED) baseline --update $(if $(ONLY),--only='$(ONLY)') $(ARGS)

.PHONY: laggards
laggards: tools ## each role of each exact case as slow as can be: one outcome
	@$(PTBED) laggards $(if $(ONLY),--only='$(ONLY)') $(if $(JOBS),--jobs=$(JOBS)) \
		$(if $(KERNEL),--kernel='$(KERNEL)') $(ARGS)

.PHONY: soak
soak: tools ## stock against stock, 20 runs, half on a loaded host; resumable
	@$(PTBED) soak $(if $(REPEATS),--repeats=$(REPEATS)) $(ARGS)

.PHONY: controls
controls: tools ## planted bugs, one kernel chosen at boot: each must be found
	@$(PTBED) controls $(if $(TAP),--tap) $(ARGS)

.PHONY: engines
engines: tools ## programs that test utrace engines, on the utrace kernel
	@$(PTBED) engines $(ENGINEFLAGS) $(if $(ONLY),--only='$(ONLY)') $(ARGS)

.PHONY: mutants
mutants: tools ## mistakes in utrace's core: engine programs must find each
	@$(PTBED) mutants $(if $(ONLY),'$(ONLY)') $(if $(TAP),--tap) $(ARGS)

.PHONY: torture
torture: tools ## random operations on random threads; resumable: OPS=, LIVES=
	@$(PTBED) torture $(ENGINEFLAGS) $(if $(OPS),--ops=$(OPS)) $(if $(LIVES),--lives=$(LIVES)) $(ARGS)

.PHONY: storm
storm: tools ## random ptrace requests on utrace-debug; resumable: REQUESTS=
	@$(PTBED) storm $(if $(KERNEL),--kernel='$(KERNEL)') $(if $(REQUESTS),--requests=$(REQUESTS)) \
		$(if $(CPUS),--cpus=$(CPUS)) $(if $(SEED),--seed=$(SEED)) $(if $(TAP),--tap) $(ARGS)

.PHONY: check-off
check-off: tools ## CONFIG_UTRACE=n against stock, object by object
	@$(PTBED) check-off $(ARGS)

.PHONY: check-series
check-series: tools ## every patch builds, boots, passes the quick gate; resumable
	@$(PTBED) check-series $(if $(JOBS),--jobs=$(JOBS)) $(ARGS)

.PHONY: check-kcsan
check-kcsan: tools ## data races that the series brings, stock's taken off
	@$(PTBED) kcsan $(if $(ONLY),--only='$(ONLY)') $(if $(REPEATS),--repeats=$(REPEATS)) \
		$(if $(OPS),--ops=$(OPS)) $(if $(CPUS),--cpus=$(CPUS)) $(if $(SEED),--seed=$(SEED)) $(ARGS)

.PHONY: check-style
check-style: tools ## checkpatch, kernel-doc, sparse and W=1 on the series
	@$(PTBED) check-style $(ARGS)

.PHONY: bench
bench: tools ## what operations cost on both kernels, with bounds: ONLY=NAME
	@$(PTBED) bench $(if $(ONLY),--only='$(ONLY)') $(if $(CPUS),--cpus=$(CPUS)) $(ARGS)

.PHONY: profile
profile: tools ## an operation of bench by function, on both kernels: OP=NAME
	@$(PTBED) profile $(ARGS) '$(OP)'

.PHONY: tracers
tracers: tools ## strace, gdb, CRIU, UML... on both kernels, compared
	@$(PTBED) tracers $(if $(ONLY),--only='$(ONLY)') $(if $(CPUS),--cpus=$(CPUS)) $(ARGS)

.PHONY: selftests
selftests: tools ## the kernel's own selftests on both kernels, compared
	@$(PTBED) selftests $(if $(ONLY),--only='$(ONLY)') $(if $(CPUS),--cpus=$(CPUS)) $(ARGS)

.PHONY: suites
suites: tools ## strace's own test suite on both kernels, compared
	@$(PTBED) suites $(if $(ONLY),--only='$(ONLY)') $(if $(CPUS),--cpus=$(CPUS)) $(ARGS)

.PHONY: answers
answers: tools ## what ptrace answers to every request, on both kernels, compared
	@$(PTBED) answers $(if $(ONLY),--only='$(ONLY)') $(if $(REPEATS),--repeats=$(REPEATS)) \
		$(if $(SEED),--seed=$(SEED)) $(if $(SCENES),--scenes=$(SCENES)) \
		$(if $(CPUS),--cpus=$(CPUS)) $(ARGS)

.PHONY: check-nolegacy
check-nolegacy: tools ## stock's stop path is gone from utrace
	@$(PTBED) nolegacy $(if $(ONLY),--only='$(ONLY)') $(if $(REPEATS),--repeats=$(REPEATS)) $(ARGS)

.PHONY: proofs
proofs: tools ## which of all these hold for the present kernels; runs the rest
	@$(if $(findstring --list,$(ARGS)),,$(PTBED) kernels &&) \
		harness/proofs.sh $(ARGS) $(foreach n,$(ONLY),$(subst $(comma), ,$n))

.PHONY: shell
shell: tools ## a shell in a guest: KERNEL=stock|utrace
	@$(PTBED) shell $(or $(KERNEL),stock) $(ARGS)

.PHONY: gdb
gdb: tools ## GDB on a guest's kernel: KERNEL=stock|utrace
	@$(PTBED) gdb $(if $(ONLY),--only='$(ONLY)') $(if $(SEED),--seed=$(SEED)) $(or $(KERNEL),stock) $(ARGS)

.PHONY: worktree
worktree: tools ## a git tree of the patched kernel, to edit and commit in
	@$(PTBED) worktree $(ARGS)

.PHONY: writeback
writeback: tools ## write that tree back into kernel-patches/6.12
	@$(PTBED) writeback $(ARGS)

.PHONY: series
series: tools ## a mailable git-am series in build/series
	@$(PTBED) series $(ARGS)

.PHONY: fuzz
fuzz: tools ## fuzz the parser and the result decoder: SECONDS_EACH=300
	@harness/tests/fuzz/run $(or $(SECONDS_EACH),300)

.PHONY: clean
clean: ## remove what was built in the checkout, keep runs
	rm -rf $(BUILD)/obj $(BUILD)/guest $(BUILD)/image $(BUILD)/tests $(BUILD)/plugin $(PTBED) $(BUILD)/scnc

.PHONY: distclean
distclean: ## remove everything not committed but the kernel store
	rm -rf $(BUILD) traces/runs traces/latest

# A variable that a target does not take would be ignored, and its verdict be
# taken for that of something else: end before anything runs.  Parts of others
# are not asked, nor is what only prepares for another target named with it.
# Asked is what was given to make: the environment may have an A for others.
PREPARES := help deps tools image clean distclean
PARTS    := unit guest engine-programs answer-programs
goals     = $(filter-out $(PARTS) $(if $(filter-out $(PREPARES),$(MAKECMDGOALS)),$(PREPARES)),$(MAKECMDGOALS))
# How things are built, and ENVIRONMENT of ptbed(1): for every target.
SETTINGS := BUILD CC CCACHE% CFLAGS MAKE% NO_COLOR PTBED_% SHELL TMPDIR XDG_CACHE_HOME
given    := $(foreach v,$(.VARIABLES),$(if $(findstring command line,$(origin $v)),$(if $($v),$v)))
given    := $(sort $(filter-out -% $(SETTINGS),$(given)))
check     = $(if $2,$(error make $1 does not take $2; it takes $(or $(TAKES_$1),no variable)))
$(foreach g,$(filter-out $(BUILD)/%,$(goals)),$(call check,$g,$(filter-out $(TAKES_$g),$(given))))
