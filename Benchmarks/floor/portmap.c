#define _GNU_SOURCE
#include "elements.h"
#include "floor.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <stdio.h>

enum { PORTS = 10000, REQUEST_SIZE = 4 << 20 };

// Two fields of four bytes, as nft lays out a concatenation; network byte order.
struct pair {
    unsigned char first[4], second[4];
};

static struct pair keys[PORTS], values[PORTS];
static struct element elements[PORTS];
static char storage[REQUEST_SIZE];

static void put_port(unsigned char field[4], long port) {
    field[0] = (unsigned char)(port >> 8);
    field[1] = (unsigned char)port;
}

static struct pair addresses(uint32_t address) {
    struct pair pair;
    uint32_t wire = htonl(address);
    __builtin_memcpy(pair.first, &wire, 4);
    __builtin_memcpy(pair.second, &wire, 4);
    return pair;
}

// Fills `elements` with the published ports of the configuration (tcp only); returns their number.
static size_t published_ports(const struct call *call, uint32_t address, const char *comment) {
    size_t count = 0;
    long host, container;
    const char *at = call->configuration;
    for (; count < PORTS && next_number(&at, "hostPort", &host); count++) {
        if (!next_number(&at, "containerPort", &container)) container = host;
        values[count] = addresses(address);
        __builtin_memset(values[count].second, 0, 4);
        keys[count].first[0] = IPPROTO_TCP;
        put_port(keys[count].second, host);
        put_port(values[count].second, container);
        elements[count] = (struct element){.key = &keys[count], .key_size = sizeof(struct pair),
            .value = &values[count], .value_size = sizeof(struct pair), .comment = comment};
    }
    return count;
}

static void change(const struct call *call, uint32_t address, enum element_change change) {
    char comment[128];
    snprintf(comment, sizeof comment, "bench/%.64s/%s", call->container, call->interface);
    struct pair self = addresses(address);
    struct element hairpin = {.key = &self, .key_size = sizeof self, .comment = comment};
    struct request request = {.bytes = storage, .capacity = sizeof storage};
    size_t count = published_ports(call, address, comment);
    if (count > 1000) netlink_allow_sending(call->rules, REQUEST_SIZE);
    transaction_begin(&request);
    transaction_change(&request, change, "published", elements, count);
    transaction_change(&request, change, "hairpin", &hairpin, 1);
    transaction_commit(call->rules, &request);
}

void portmap_add(const struct call *call, uint32_t address) { change(call, address, ELEMENT_ADD); }

void portmap_delete(const struct call *call, uint32_t address) { change(call, address, ELEMENT_REMOVE); }
