# make build | test | test-vm | demo | bench | check | install: everything else is a part of one of these.

PLUGINS  = bridge firewall host-local loopback macvlan overlay portmap tuning
CNI_BIN ?= /opt/cni/bin
PREFIX  ?= /usr/local

# What a fresh Debian or Ubuntu needs besides Swift and git: to build, to test against, and to measure.
BUILD_PACKAGES = gcc make pkg-config libmnl-dev libnftnl-dev libjansson-dev libarchive-dev libbz2-dev liblzma-dev libseccomp-dev libzstd-dev \
                 zlib1g-dev
TEST_PACKAGES  = arping attr buildah busybox-static bzip2 chromium conntrack containernetworking-plugins curl dbus-daemon etcd-client etcd-server ethtool graphviz \
                 groff-base iproute2 iptables iputils-ping jq kmod libcap2-bin libglib2.0-bin nftables openssl procps python3 python3-dbus python3-gi \
                 python3-nftables redis-server skopeo socat strace tcpdump umoci util-linux wireguard-tools xz-utils zstd
VM_PACKAGES    = qemu-system-x86
AS_ROOT  = $(if $(filter-out 0,$(shell id -u)),sudo)
# Tests and demo make network namespaces: root may, anybody else first becomes root of a user namespace.
AS_HOST  = $(if $(filter-out 0,$(shell id -u)),unshare --user --map-root-user --mount --net)

# A release is linked statically, C library and all: the dynamic loader would take as long as everything else until main. The C libraries are
# found by pkg-config files that lead the linker to a folder of archives.
RELEASE  = .build-release
ARCHIVES = $(CURDIR)/$(RELEASE)/archives
PROGRAMS = cni-plugins berth netctl manual

.PHONY: build programs overlayd test test-vm test-clients fuzz demo demo-overlay bench check install setup setup-build setup-vm archives clean

build: programs overlayd

programs: setup-build archives
	for program in $(PROGRAMS); do \
	  STATIC=1 PKG_CONFIG_PATH=$(ARCHIVES) swift build --configuration release --static-swift-stdlib --scratch-path $(RELEASE) \
	    --product $$program && \
	  mkdir -p $(RELEASE)/bin && strip -o $(RELEASE)/bin/.$$program $(RELEASE)/release/$$program && \
	  mv $(RELEASE)/bin/.$$program $(RELEASE)/bin/$$program || exit; \
	done
	for plugin in $(PLUGINS); do ln -f $(RELEASE)/bin/cni-plugins $(RELEASE)/bin/$$plugin; done

# The daemon needs the C library's resolver, which works with shared libraries only; all else is in it, too. It takes some minutes, so only
# whoever installs, measures or shows it builds it for release.
overlayd: setup-build archives
	PKG_CONFIG_PATH=$(ARCHIVES) swift build --configuration release --static-swift-stdlib --scratch-path $(RELEASE) --product $@
	mkdir -p $(RELEASE)/bin
	strip -o $(RELEASE)/bin/.$@ $(RELEASE)/release/$@
	mv $(RELEASE)/bin/.$@ $(RELEASE)/bin/$@

archives: $(ARCHIVES)/libmnl.a
	write() { printf 'Name: %s\nDescription: its archive\nVersion: 0\nLibs: -L%s %s\n' $$1 $(ARCHIVES) "$$2" > $(ARCHIVES)/$$1.pc; }; \
	write jansson -ljansson; write libnftnl -lnftnl; write libmnl -lmnl; write libseccomp -lseccomp; \
	write libarchive "-larchive -llzma -lzstd -lbz2 -lz"
	for library in jansson nftnl seccomp archive lzma zstd bz2 z; do ln -sf $$(gcc -print-file-name=lib$$library.a) $(ARCHIVES) || exit; done

# Distributions have no archive of libmnl.
$(ARCHIVES)/libmnl.a: Sources/CMnl/archive/mnl.c | setup-build
	mkdir -p $(ARCHIVES)
	gcc -std=c11 -O2 -Wall -Wextra -Werror -c $< -o $(ARCHIVES)/mnl.o
	ar rcs $@ $(ARCHIVES)/mnl.o

demo: programs setup
	demo/run $(RELEASE)/bin

# Three hosts in one network.
demo-overlay: build setup
	demo/overlay $(RELEASE)/bin

# What is tested end to end is the release, but for overlayd.
test: setup programs fuzz
	Tests/firewalls/unpack
	CNI_PLUGINS_UNDER_TEST=$(CURDIR)/$(RELEASE)/bin/cni-plugins $(AS_HOST) Tests/run
	if [ "$$(id -u)" = 0 ] && Tests/Clients/run --install; then Tests/Clients/run --plugins $(CURDIR)/$(RELEASE)/bin && \
	  Tests/Clients/netavark $(CURDIR)/$(RELEASE)/bin/netctl; \
	else echo "not tested with podman: it needs root and a package archive that has it"; fi

# A minute of arbitrary input to everything that reads what others wrote; the corpus of earlier runs is kept.
FUZZ_SECONDS ?= 60
fuzz: setup-build
	FUZZ=1 swift build --product fuzz --scratch-path .build-fuzz
	mkdir -p .build-fuzz/corpus
	.build-fuzz/debug/fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
	  .build-fuzz/corpus Tests/Fuzz/seeds

bench: FURTHER = crun podman
bench: build setup
	$(MAKE) -C Benchmarks
	Benchmarks/bench --plugins $(CURDIR)/$(RELEASE)/bin
	Benchmarks/runtimes --berth $(CURDIR)/$(RELEASE)/bin/berth
	Benchmarks/many --netctl $(CURDIR)/$(RELEASE)/bin/netctl --plugins $(CURDIR)/$(RELEASE)/bin
	Benchmarks/overlay --plugins $(CURDIR)/$(RELEASE)/bin
	Benchmarks/overlay-scale $(CURDIR)/$(RELEASE)/bin/overlayd
	swift build --product fault-sweep
	Benchmarks/sweep $(CURDIR)/.build/debug/fault-sweep $(CURDIR)/$(RELEASE)/bin /usr/lib/cni

# On another kernel, in a virtual machine: see docs/testing.md.
test-vm: setup-vm
	Tests/VM/run

test-clients: programs
	Tests/Clients/run --install
	Tests/Clients/run --plugins $(CURDIR)/$(RELEASE)/bin
	Tests/Clients/netavark $(CURDIR)/$(RELEASE)/bin/netctl

check:
	swift format lint --strict --recursive Package.swift Sources Tests plugins

install: build
	mkdir -p $(DESTDIR)$(CNI_BIN)
	install -m 755 $(RELEASE)/bin/cni-plugins $(DESTDIR)$(CNI_BIN)/.cni-plugins
	for plugin in $(PLUGINS); do ln -f $(DESTDIR)$(CNI_BIN)/.cni-plugins $(DESTDIR)$(CNI_BIN)/$$plugin; done
	rm $(DESTDIR)$(CNI_BIN)/.cni-plugins
	for program in berth netctl overlayd; do install -D -m 755 $(RELEASE)/bin/$$program $(DESTDIR)$(PREFIX)/bin/$$program || exit; done
	for program in berth netctl overlayd; do \
	  completion() { $(RELEASE)/bin/$$program --generate-completion-script $$1 > $(RELEASE)/$$program.$$1 && \
	    install -D -m 644 $(RELEASE)/$$program.$$1 $(DESTDIR)$(PREFIX)/share/$$2; }; \
	  completion bash bash-completion/completions/$$program && completion zsh zsh/site-functions/_$$program && \
	  completion fish fish/vendor_completions.d/$$program.fish && rm -rf $(RELEASE)/man && \
	  $(RELEASE)/bin/$$program --experimental-dump-help | $(RELEASE)/bin/manual $(RELEASE)/man && \
	  install -d $(DESTDIR)$(PREFIX)/share/man/man1 && install -m 644 $(RELEASE)/man/* $(DESTDIR)$(PREFIX)/share/man/man1 || exit; \
	done
	for unit in conf/*.service; do \
	  install -D -m 644 $$unit $(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/} && \
	  sed -i 's|/usr/local/bin|$(PREFIX)/bin|' $(DESTDIR)$(PREFIX)/lib/systemd/system/$${unit##*/} || exit; \
	done

setup: PACKAGES = $(BUILD_PACKAGES) $(TEST_PACKAGES) $(FURTHER)
setup-build: PACKAGES = $(BUILD_PACKAGES)
setup-vm: PACKAGES = $(BUILD_PACKAGES) $(TEST_PACKAGES) $(VM_PACKAGES)
setup setup-build setup-vm:
	@missing=; for package in $(PACKAGES); do \
	  dpkg-query --show --showformat '$${db:Status-Status}' $$package 2>/dev/null | grep -q '^installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  $(AS_ROOT) apt-get update --quiet && \
	  $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $$missing; \
	fi

clean:
	rm -rf .build .build-vm $(RELEASE)
