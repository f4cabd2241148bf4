// The kernel work of one attachment, and nothing else: no JSON parser, no checks, no rollback. What a CNI plugin costs
// more than this is the plugin's own.
#pragma once

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

// What the runtime says: the CNI_* environment, and the network configuration as text.
struct call {
    const char *container, *netns, *interface;
    const char *configuration;
    int rules;  // an nftables socket of the host's namespace
};

// Addresses are in host byte order.
enum {
    SUBNET = 0x0A580000,  // 10.88.0.0
    PREFIX = 16,
    GATEWAY = SUBNET + 1,
};

// bridge.c. Afterwards the process is in the container's namespace.
uint32_t bridge_add(const struct call *call);
void bridge_delete(const struct call *call, uint32_t address);
void bridge_print_result(const struct call *call, uint32_t address);

// portmap.c
void portmap_add(const struct call *call, uint32_t address);
void portmap_delete(const struct call *call, uint32_t address);

// lease.c: files as host-local writes them, in <dataDir>/<network>.
uint32_t lease_take(const struct call *call);
void lease_release(const struct call *call, uint32_t address);

// configuration.c: values found by their key's text, which must be written as `"key":` without blanks.
// Copies the text of the first `key` behind `from`; ends the process if there is none.
void text_value(const char *from, const char *key, char *text, size_t size);
// Reads the number of the next `key` behind *from and moves *from there; 0 if there is none.
int next_number(const char **from, const char *key, long *number);
// The address in prevResult; host byte order, 0 if there is none.
uint32_t previous_address(const char *configuration);

// deferred.c: the slow end of a DEL goes to a child that outlives the plugin.
// Forks. In the child: closes stdin, stdout and stderr, and returns 1. In the plugin: returns 0.
int deferred_begin(void);
// In the child: waits until the plugin has ended and the sockets can be closed at no cost to others; then ends.
_Noreturn void deferred_end(void);
