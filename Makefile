# millrace - build, test, install.  GNU make; everything made goes to build/.
#
#   make         the tools, in build/bin
#   make demo    packages, tools, and the demonstration of the README
#   make check   packages of the tests, and all tests
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

PREFIX ?= /usr/local
DESTDIR ?=
BUILD ?= build
CC ?= cc
CLANG ?= clang
ifeq ($(origin CC),default)
CC := cc
endif
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wconversion -Wno-sign-conversion -Wstrict-prototypes \
       -Wmissing-prototypes -Wvla -Wformat=2 -Wpointer-arith -Wundef
HARDEN = -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
ifneq ($(SANITIZE),)
HARDEN = -fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer
endif
OUR_CFLAGS = -std=c11 -D_GNU_SOURCE -Ilib $(shell pkg-config --cflags libpq rdkafka jansson libxxhash 2>/dev/null) \
             $(WARN) $(HARDEN) $(WERROR)
COMPILE = $(CC) $(OUR_CFLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP

LIB_SRC := $(wildcard lib/*/*.c lib/*/*/*.c)
TOOLS := $(patsubst cmd/%.c,%,$(wildcard cmd/*.c))
UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
AIDS := $(patsubst tests/aid/%.c,%,$(wildcard tests/aid/*.c))
DEMOS := $(patsubst tests/demo/%.c,%,$(wildcard tests/demo/*.c))
BENCHES := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(filter-out tests/fuzz/replay.c,$(wildcard tests/fuzz/*.c)))
LIB := $(BUILD)/libmillrace.a
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/obj/%.o)

# Each tool links only what it uses: an archive gives what is asked for.
LDLIBS_ALL = -ljansson -lxxhash -lpthread
ksrc ksink: LDLIBS += -lrdkafka
pgsink: LDLIBS += -lpq -lpthread
jfilter jmap: LDLIBS += -ljq -lonig -lm
jdedup jsort jwatermark: LDLIBS += -lonig
jwindow: LDLIBS += -lgmp -lonig
TEST_LIBS = -lrdkafka -lpq -ljq -lonig -lgmp -ljansson -lxxhash -lm -lpthread

all: $(TOOLS)
.PHONY: all $(TOOLS) setup demo check check-setup check-unit check-bats check-live check-flink asan lint fuzz bench install uninstall clean
$(TOOLS): %: $(BUILD)/bin/%

$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LDFLAGS)' | cmp -s - $@ || echo '$(COMPILE) $(LDFLAGS)' >$@
.PHONY: FORCE
FORCE:

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(COMPILE) -c -o $@ $<
$(LIB): $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $(LIB_OBJ)
$(BUILD)/bin/%: $(BUILD)/obj/cmd/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $< $(LIB) $(LDLIBS) $(LDLIBS_ALL) -lm
$(BUILD)/unit/%: $(BUILD)/obj/tests/unit/%.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $< $(LIB) $(TEST_LIBS)
# Small programs that the bats tests use; without the library, which they judge.
$(BUILD)/aid/%: $(BUILD)/obj/tests/aid/%.o
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -o $@ $<
# The differential run: our engine beside the library of jq 1.8.2, which lies where `JQ` says.
DIFFER = $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/jq/*.c))
$(BUILD)/obj/tests/jq/theirs.o: CPPFLAGS += -I$(JQ)/include
$(BUILD)/jq/differ: $(DIFFER) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -o $@ $(DIFFER) $(LIB) $(JQ)/lib/libjq.a $(JQ)/lib/libonig.a $(LDLIBS_ALL) -lm -lpthread
# What the demonstration and the benchmark make data and measure with.
$(BUILD)/tests/%: $(BUILD)/obj/tests/demo/%.o
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -o $@ $< -lm
$(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -o $@ $<
# A fuzz target as an ordinary program that runs the files it is given.
$(BUILD)/replay/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/replay.o $(LIB)
	@mkdir -p $(@D)
	$(CC) $(HARDEN) $(CFLAGS) $(LDFLAGS) -Wl,--as-needed -o $@ $< $(BUILD)/obj/tests/fuzz/replay.o $(LIB) $(TEST_LIBS)
$(BUILD)/fuzz/%: tests/fuzz/%.c $(LIB_SRC) $(wildcard lib/*/*.h lib/*/*/*.h)
	@mkdir -p $(@D)
	$(CLANG) -std=c11 -D_GNU_SOURCE -Ilib $(shell pkg-config --cflags libpq 2>/dev/null) -O1 -g \
	    -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all -Wl,--as-needed -o $@ $< $(LIB_SRC) $(TEST_LIBS)

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

setup:
	tests/setup build
demo: setup
	$(MAKE) -j2 all demos
	BUILD=$(BUILD) tests/demo/run
check-setup:
	tests/setup check
check: check-setup
	$(MAKE) -j2 all units aids
	BUILD=$(BUILD) tests/run unit bats live
aids: $(AIDS:%=$(BUILD)/aid/%) demos differ
# Without a network there is no jq 1.8.2, and its tests say so.
differ: $(LIB) # by one make: two would write it at once
	@! jq=$$(tests/jq/oracle) || $(MAKE) JQ=$${jq%/*} $(BUILD)/jq/differ
demos: $(DEMOS:%=$(BUILD)/tests/%)
benches: $(BENCHES:%=$(BUILD)/bench/%)
units: $(UNITS:%=$(BUILD)/unit/%) $(FUZZERS:%=$(BUILD)/replay/%)
.PHONY: aids demos benches units
check-unit: units
	BUILD=$(BUILD) tests/run unit
check-bats: all aids
	BUILD=$(BUILD) tests/run bats
check-live: all aids
	BUILD=$(BUILD) tests/run live
# Asks Flink again and writes its answers to tests/flink/golden.
check-flink: all aids
	MR_BIN=$(CURDIR)/$(BUILD)/bin MR_BUILD=$(CURDIR)/$(BUILD) tests/flink/renew
asan: check-setup
	$(MAKE) -j2 BUILD=build/asan SANITIZE=address,undefined CFLAGS='-O1 -g' all units aids
	BUILD=build/asan tests/run unit bats live
lint:
	tests/setup lint
	tests/lint
# make fuzz [FUZZ='scan stamp'] [FUZZ_SECONDS=600]: each target for so long
FUZZ ?= $(FUZZERS)
FUZZ_SECONDS ?= 60
fuzz:
	tests/setup fuzz
	$(MAKE) -j2 $(FUZZ:%=$(BUILD)/fuzz/%)
	BUILD=$(BUILD) tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)
bench: all demos benches
	BUILD=$(BUILD) tests/bench/run $(BENCH)

MAN1 := $(wildcard man/*.1)
MAN7 := $(wildcard man/*.7)
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7
	install -m 755 $(TOOLS:%=$(BUILD)/bin/%) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(MAN1) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 $(MAN7) $(DESTDIR)$(PREFIX)/share/man/man7
uninstall:
	rm -f $(TOOLS:%=$(DESTDIR)$(PREFIX)/bin/%)
	rm -f $(MAN1:man/%=$(DESTDIR)$(PREFIX)/share/man/man1/%) $(MAN7:man/%=$(DESTDIR)$(PREFIX)/share/man/man7/%)
clean:
	rm -rf build
