#define _GNU_SOURCE
#include "floor.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

// Opens the network's lease folder, made on first use, and its lock, which is held until the descriptor is closed.
static int open_store(const struct call *call, int *lock) {
    char folder[512], name[128], path[700];
    text_value(call->configuration, "dataDir", folder, sizeof folder);
    text_value(call->configuration, "name", name, sizeof name);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int store = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (store < 0) {
        mkdir(folder, 0755);
        mkdir(path, 0755);
        store = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    if (store < 0) fail(path, errno);
    *lock = openat(store, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (*lock < 0 || flock(*lock, LOCK_EX) < 0) fail("lock leases", errno);
    return store;
}

static void address_text(uint32_t address, char *text) {
    struct in_addr wire = {.s_addr = htonl(address)};
    inet_ntop(AF_INET, &wire, text, INET_ADDRSTRLEN);
}

static int write_file(int store, const char *name, int flags, const char *content) {
    int file = openat(store, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);
    if (file < 0) return -1;
    if (write(file, content, strlen(content)) < 0) fail(name, errno);
    close(file);
    return 0;
}

static uint32_t last_reserved(int store) {
    char text[INET_ADDRSTRLEN] = "";
    struct in_addr address;
    int file = openat(store, "last_reserved_ip.0", O_RDONLY | O_CLOEXEC);
    if (file < 0) return GATEWAY;
    ssize_t length = read(file, text, sizeof text - 1);
    close(file);
    return length > 0 && inet_pton(AF_INET, text, &address) == 1 ? ntohl(address.s_addr) : GATEWAY;
}

uint32_t lease_take(const struct call *call) {
    int lock, store = open_store(call, &lock);
    uint32_t last = SUBNET + (1u << (32 - PREFIX)) - 2, address = last_reserved(store);
    char owner[300], text[INET_ADDRSTRLEN];
    snprintf(owner, sizeof owner, "%s\r\n%s", call->container, call->interface);
    do {
        address = address >= last ? GATEWAY + 1 : address + 1;
        address_text(address, text);
    } while (write_file(store, text, O_EXCL, owner) < 0 && errno == EEXIST);
    write_file(store, "last_reserved_ip.0", O_TRUNC, text);
    close(lock);
    close(store);
    return address;
}

void lease_release(const struct call *call, uint32_t address) {
    int lock, store = open_store(call, &lock);
    char text[INET_ADDRSTRLEN];
    address_text(address, text);
    unlinkat(store, text, 0);
    close(lock);
    close(store);
}
