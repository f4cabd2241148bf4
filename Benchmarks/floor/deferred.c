#define _GNU_SOURCE
#include "floor.h"
#include "netlink.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

// Its writing end is open in the plugin only, so the child reads its end when the plugin is gone.
static int plugin_is_gone[2];

int deferred_begin(void) {
    if (pipe(plugin_is_gone) < 0) fail("make pipe", errno);
    pid_t child = fork();
    if (child < 0) fail("fork", errno);
    if (child > 0) return 0;
    close(plugin_is_gone[1]);
    for (int descriptor = 0; descriptor <= 2; descriptor++) close(descriptor);
    return 1;
}

void deferred_end(void) {
    char byte;
    while (read(plugin_is_gone[0], &byte, 1) < 0 && errno == EINTR) continue;
    // For one RCU grace period after a deletion, the close of any nftables socket of the namespace waits for it, and
    // holds the lock that every transaction needs. Waiting for a grace period first holds nothing.
    syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
    _exit(0);
}
