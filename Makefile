# make build | test | demo | bench | check | install: everything else is a part of one of these.

PLUGINS  = bridge firewall host-local loopback portmap tuning
CNI_BIN ?= /opt/cni/bin
PREFIX  ?= /usr/local

# What a fresh Debian or Ubuntu needs besides Swift and git: to build, to test against, and to measure.
BUILD_PACKAGES = gcc make pkg-config libmnl-dev libnftnl-dev libjansson-dev libarchive-dev libseccomp-dev
TEST_PACKAGES  = arping buildah busybox-static bzip2 conntrack containernetworking-plugins curl dbus-daemon ethtool iproute2 iptables iputils-ping jq kmod \
                 libglib2.0-bin nftables procps python3 python3-dbus python3-gi python3-nftables skopeo socat strace tcpdump umoci util-linux xz-utils zstd
AS_ROOT  = $(if $(filter-out 0,$(shell id -u)),sudo)
# Tests and demo make network namespaces: root may, anybody else first becomes root of a user namespace.
AS_HOST  = $(if $(filter-out 0,$(shell id -u)),unshare --user --map-root-user --mount --net)

# The plugins of a release start in 1 ms because nearly everything is linked statically: Swift's library, and of the C libraries
# those that have an archive. Its pkg-config files lead the linker to a folder that holds nothing but archives.
RELEASE  = .build-release
ARCHIVES = $(CURDIR)/$(RELEASE)/archives
STATIC   = --static-swift-stdlib $(foreach flag,-Xclang-linker -no-pie -Xclang-linker -static-libgcc,-Xswiftc $(flag))

.PHONY: build test test-clients fuzz demo bench check install setup setup-build archives clean

build: setup-build archives
	PKG_CONFIG_PATH=$(ARCHIVES) swift build --configuration release --product cni-plugins --scratch-path $(RELEASE) $(STATIC)
	PKG_CONFIG_PATH=$(ARCHIVES) swift build --configuration release --product berth --scratch-path $(RELEASE) $(STATIC)
	mkdir -p $(RELEASE)/bin
	strip -o $(RELEASE)/bin/.cni-plugins $(RELEASE)/release/cni-plugins
	mv $(RELEASE)/bin/.cni-plugins $(RELEASE)/bin/cni-plugins
	strip -o $(RELEASE)/bin/.berth $(RELEASE)/release/berth
	mv $(RELEASE)/bin/.berth $(RELEASE)/bin/berth
	for plugin in $(PLUGINS); do ln -f $(RELEASE)/bin/cni-plugins $(RELEASE)/bin/$$plugin; done

archives:
	mkdir -p $(ARCHIVES)
	ln -sf $$(gcc -print-file-name=libstdc++.a) $(ARCHIVES)
	for library in jansson:jansson libnftnl:nftnl libmnl:mnl; do \
	  name=$${library#*:}; archive=$$(gcc -print-file-name=lib$$name.a); \
	  test $$archive = lib$$name.a || ln -sf $$archive $(ARCHIVES); \
	  printf 'Name: %s\nDescription: its archive, if it has one\nVersion: 0\nLibs: -L%s -l%s\n' \
	    $${library%:*} $(ARCHIVES) $$name > $(ARCHIVES)/$${library%:*}.pc; \
	done

demo: build setup
	demo/run $(RELEASE)/bin

test: setup fuzz
	Tests/firewalld/unpack
	$(AS_HOST) swift test

# A minute of arbitrary input to everything that reads what others wrote; the corpus of earlier runs is kept.
FUZZ_SECONDS ?= 60
fuzz: setup-build
	FUZZ=1 swift build --product fuzz --scratch-path .build-fuzz
	mkdir -p .build-fuzz/corpus
	.build-fuzz/debug/fuzz -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -max_len=4096 -print_final_stats=1 \
	  .build-fuzz/corpus Tests/Fuzz/seeds

bench: build setup
	$(MAKE) -C Benchmarks
	Benchmarks/bench --plugins $(CURDIR)/$(RELEASE)/bin

test-clients: build
	Tests/Clients/run --install
	Tests/Clients/run --plugins $(CURDIR)/$(RELEASE)/bin

check:
	swift format lint --strict --recursive Package.swift Sources Tests plugins

install: build
	mkdir -p $(DESTDIR)$(CNI_BIN)
	install -m 755 $(RELEASE)/bin/cni-plugins $(DESTDIR)$(CNI_BIN)/.cni-plugins
	for plugin in $(PLUGINS); do ln -f $(DESTDIR)$(CNI_BIN)/.cni-plugins $(DESTDIR)$(CNI_BIN)/$$plugin; done
	rm $(DESTDIR)$(CNI_BIN)/.cni-plugins
	install -D -m 755 $(RELEASE)/bin/berth $(DESTDIR)$(PREFIX)/bin/berth

setup: PACKAGES = $(BUILD_PACKAGES) $(TEST_PACKAGES)
setup-build: PACKAGES = $(BUILD_PACKAGES)
setup setup-build:
	@missing=; for package in $(PACKAGES); do \
	  dpkg-query --show --showformat '$${db:Status-Status}' $$package 2>/dev/null | grep -q '^installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  $(AS_ROOT) apt-get update --quiet && \
	  $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends $$missing; \
	fi

clean:
	rm -rf .build $(RELEASE)
