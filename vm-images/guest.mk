# guest.mk - builds what runs in the guest: build/guest/{init,interp64,interp32,interpx32,engines/*,answers/*}; included by the top Makefile.

BUILD ?= build
GUEST := $(BUILD)/guest

# The interpreter links no libc and uses no register but the general ones: an
# actor makes no system call, and touches no state, that its steps do not name.
GUEST_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE \
	-ffreestanding -fno-builtin -fno-pie -fno-stack-protector -fcf-protection=none \
	-fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns \
	-fno-omit-frame-pointer -fno-strict-aliasing -mgeneral-regs-only -I.
# The same sources give the same image in any checkout.
GUEST_CFLAGS += -ffile-prefix-map=$(CURDIR)=.
# Snippets have the same addresses in all three images, so that a tracer knows
# the labels of a tracee of another word size.
GUEST_LDFLAGS := -nostdlib -static -no-pie -Wl,--build-id=none -Wl,-z,noexecstack \
	-Wl,--section-start=.snip=0x20000000 -Wl,--section-start=.snipdata=0x20100000

INTERP_C := $(filter-out compat-tests/interp/watch%.c compat-tests/interp/bench.c, \
	$(wildcard compat-tests/interp/*.c)) \
	$(wildcard compat-tests/form/*.c)
INTERP_WATCH := $(wildcard compat-tests/interp/watch*.c) compat-tests/interp/bench.c
INIT_C := $(wildcard vm-images/init/*.c) compat-tests/form/crc.c

.PHONY: guest
guest: $(GUEST)/init $(GUEST)/interp64 $(GUEST)/interp32 $(GUEST)/interpx32

$(GUEST)/o64/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -m64 $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
$(GUEST)/o32/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -m32 $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
$(GUEST)/ox32/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -mx32 $(GUEST_CFLAGS) -MMD -MP -c -o $@ $<
$(GUEST)/o64/%.o: %.S
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -m64 -ffile-prefix-map=$(CURDIR)=. -I. -MMD -MP -c -o $@ $<
$(GUEST)/o32/%.o: %.S
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -m32 -ffile-prefix-map=$(CURDIR)=. -I. -MMD -MP -c -o $@ $<
$(GUEST)/ox32/%.o: %.S
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -mx32 -ffile-prefix-map=$(CURDIR)=. -I. -MMD -MP -c -o $@ $<

SNIP_64 := $(filter-out %/snip_i386.S,$(wildcard compat-tests/interp/snip_*.S))
SNIP_32 := $(filter-out %/snip_x86_64.S,$(wildcard compat-tests/interp/snip_*.S))
INTERP_OBJ := $(INTERP_C:%.c=%.o) compat-tests/interp/start.o

$(GUEST)/interp64: $(addprefix $(GUEST)/o64/,$(INTERP_OBJ) $(INTERP_WATCH:%.c=%.o) $(SNIP_64:%.S=%.o))
	@echo "  LD $@"
	@$(CC) -m64 $(GUEST_LDFLAGS) -o $@ $^ -lgcc
$(GUEST)/interp32: $(addprefix $(GUEST)/o32/,$(INTERP_OBJ) $(SNIP_32:%.S=%.o))
	@echo "  LD $@"
	@$(CC) -m32 $(GUEST_LDFLAGS) -o $@ $^ -lgcc
$(GUEST)/interpx32: $(addprefix $(GUEST)/ox32/,$(INTERP_OBJ) $(SNIP_64:%.S=%.o))
	@echo "  LD $@"
	@$(CC) -mx32 $(GUEST_LDFLAGS) -o $@ $^ -lgcc

$(GUEST)/init: $(addprefix $(GUEST)/oinit/,$(INIT_C:%.c=%.o))
	@echo "  LD $@"
	@$(CC) -static -o $@ $^
$(GUEST)/oinit/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -I. -MMD -MP -c -o $@ $<

# Programs that test engines: compat-tests/engines/NAME.c, all with what is in lib/.
ENGINE_DIR := compat-tests/engines
ENGINE_C := $(wildcard $(ENGINE_DIR)/*.c)
ENGINE_LIB := $(patsubst %.c,$(GUEST)/oengines/%.o,$(wildcard $(ENGINE_DIR)/lib/*.c))

.PHONY: engine-programs
engine-programs: $(ENGINE_C:$(ENGINE_DIR)/%.c=$(GUEST)/engines/%) $(GUEST)/engines/bench \
	$(addprefix $(GUEST)/tracers/,threads threads32 calls family keeper leaker nonet.so beside hold)

$(GUEST)/engines/%: $(GUEST)/oengines/$(ENGINE_DIR)/%.o $(ENGINE_LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) -static -pthread -o $@ $^
$(GUEST)/oengines/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CCACHE) $(CC) -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -pthread \
		-ffile-prefix-map=$(CURDIR)=. -I$(ENGINE_DIR) -I$(ENGINE_DIR)/lib \
		-Ikernel-patches/6.12/files/samples/utrace -MMD -MP -c -o $@ $<
.PRECIOUS: $(GUEST)/oengines/%.o

# One of them is of many files.
$(GUEST)/engines/ptrace-storm: $(patsubst %.c,$(GUEST)/oengines/%.o,$(wildcard $(ENGINE_DIR)/storm/*.c))

# What real tracers trace; debuggers read its symbols.
TRACEE_CC := $(CC) -std=gnu11 -O1 -g -Wall -Wextra -Werror -D_GNU_SOURCE

$(GUEST)/tracers/%: compat-tests/tracers/%.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(TRACEE_CC) -static -pthread -o $@ $<

$(GUEST)/tracers/leaker: compat-tests/tracers/leaker.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(TRACEE_CC) -fsanitize=leak -pthread -o $@ $<

$(GUEST)/tracers/%32: compat-tests/tracers/%.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(TRACEE_CC) -m32 -static -pthread -o $@ $<

$(GUEST)/tracers/%.so: compat-tests/tracers/%.c
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(TRACEE_CC) -shared -fPIC -o $@ $<

# What has engines beside them.
$(GUEST)/tracers/beside $(GUEST)/tracers/hold: $(GUEST)/tracers/%: \
		$(GUEST)/oengines/compat-tests/tracers/%.o $(ENGINE_LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) -static -pthread -o $@ $^

# The benchmark is one program of many files.
BENCH_O := $(patsubst %.c,$(GUEST)/oengines/%.o,$(wildcard compat-tests/bench/*.c))

$(GUEST)/engines/bench: $(BENCH_O) $(ENGINE_LIB)
	@mkdir -p $(@D)
	@echo "  LD $@"
	@$(CC) -static -pthread -o $@ $^

# Programs whose answers are compared: compat-tests/answers/NAME.c, all with what is in lib/,
# for every word size.
ANSWER_DIR := compat-tests/answers
ANSWER_C := $(wildcard $(ANSWER_DIR)/*.c)
ANSWER_LIB := $(wildcard $(ANSWER_DIR)/lib/*.c)
ANSWERS := $(foreach abi,64 32 x32,$(ANSWER_C:$(ANSWER_DIR)/%.c=$(GUEST)/answers/%-$(abi)))

.PHONY: answer-programs
answer-programs: $(ANSWERS)

define answer_rules
$(GUEST)/answers/%-$(1): $(GUEST)/oanswers$(1)/$(ANSWER_DIR)/%.o $(ANSWER_LIB:%.c=$(GUEST)/oanswers$(1)/%.o)
	@mkdir -p $$(@D)
	@echo "  LD $$@"
	@$$(CC) -m$(1) -static -pthread -s -o $$@ $$^
$(GUEST)/oanswers$(1)/%.o: %.c
	@mkdir -p $$(@D)
	@echo "  CC $$<"
	@$$(CCACHE) $$(CC) -m$(1) -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -pthread -fno-pie \
		-I$(ANSWER_DIR)/lib -MMD -MP -c -o $$@ $$<
.PRECIOUS: $(GUEST)/oanswers$(1)/%.o
endef
$(foreach abi,64 32 x32,$(eval $(call answer_rules,$(abi))))

-include $(shell find $(GUEST) -name '*.d' 2>/dev/null)
