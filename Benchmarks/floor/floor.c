// Usage, as a runtime calls a plugin: bridge | portmap | both, by the name it was started under.
// `both` does the work of the two in one process.
#define _GNU_SOURCE
#include "floor.h"
#include "netlink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char configuration[4 << 20];

static const char *read_configuration(void) {
    size_t length = 0;
    ssize_t count;
    while ((count = read(STDIN_FILENO, configuration + length, sizeof configuration - 1 - length)) > 0) length += count;
    if (count < 0) fail("read configuration", errno);
    configuration[length] = '\0';
    return configuration;
}

static const char *variable(const char *name) {
    const char *value = getenv(name);
    if (value == NULL) fail(name, EINVAL);
    return value;
}

// The close of a socket in a namespace that has just seen a deletion waits until the kernel has freed what was deleted
// (10 ms), so a child holds the socket for longer than this process does.
static void release_later(const struct call *call) {
    if (deferred_begin()) deferred_end();
    close(call->rules);
}

int main(int count, char **arguments) {
    const char *slash = strrchr(arguments[0], '/');
    const char *part = count > 1 ? arguments[1] : slash ? slash + 1 : arguments[0];
    int with_bridge = strcmp(part, "portmap") != 0, with_portmap = strcmp(part, "bridge") != 0;
    struct call call = {variable("CNI_CONTAINERID"), variable("CNI_NETNS"), variable("CNI_IFNAME"), read_configuration(),
        netlink_open(NETLINK_NETFILTER, 0)};
    uint32_t address = previous_address(call.configuration);

    if (strcmp(variable("CNI_COMMAND"), "DEL") == 0) {
        if (with_portmap) portmap_delete(&call, address);
        if (with_bridge) bridge_delete(&call, address);
        else release_later(&call);
        return 0;
    }
    if (with_bridge) address = bridge_add(&call);
    if (with_portmap) portmap_add(&call, address);
    if (with_bridge) bridge_print_result(&call, address);
    else puts("{\"cniVersion\":\"1.0.0\"}");
    return 0;
}
