#define _GNU_SOURCE
#include "elements.h"
#include "floor.h"
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

static struct pair_description description;
static char bridge_name[16];
static uint8_t bridge_mac[MAC_SIZE];

static void make_mac(uint8_t mac[MAC_SIZE], const uint8_t random[MAC_SIZE]) {
    memcpy(mac, random, MAC_SIZE);
    mac[0] = (mac[0] & 0xFC) | 0x02;
}

static void make_names(void) {
    uint8_t random[4 + 3 * MAC_SIZE];
    if (getrandom(random, sizeof random, 0) < 0) fail("make random names", errno);
    snprintf(description.host_name, sizeof description.host_name, "veth%02x%02x%02x%02x", random[0], random[1], random[2],
             random[3]);
    make_mac(description.host_mac, random + 4);
    make_mac(description.mac, random + 4 + MAC_SIZE);
    make_mac(bridge_mac, random + 4 + 2 * MAC_SIZE);
}

static void write_setting(const char *path) {
    int file = open(path, O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, "1", 1) < 0) fail(path, errno);
    close(file);
}

static int find_or_create_bridge(int host) {
    int index = link_index(host, bridge_name, NULL);
    if (index != 0) return index;
    char path[80];
    index = bridge_create(host, bridge_name, bridge_mac, GATEWAY, PREFIX);
    snprintf(path, sizeof path, "/proc/sys/net/ipv4/conf/%s/route_localnet", bridge_name);
    write_setting(path);
    write_setting("/proc/sys/net/ipv4/ip_forward");
    return index;
}

static int open_namespace(const char *path) {
    int netns = open(path, O_RDONLY | O_CLOEXEC);
    if (netns < 0) fail(path, errno);
    return netns;
}

static int open_container_socket(int netns) {
    if (setns(netns, CLONE_NEWNET) < 0) fail("enter container", errno);
    return netlink_open(NETLINK_ROUTE, 0);
}

static void change_masquerading(const struct call *call, uint32_t address, enum element_change change) {
    static char storage[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
    char comment[128];
    snprintf(comment, sizeof comment, "bench/%.64s/%s", call->container, call->interface);
    uint32_t wire = htonl(address);
    struct element source = {.key = &wire, .key_size = sizeof wire, .jump = "network", .comment = comment};
    struct request request = {.bytes = storage, .capacity = sizeof storage};
    transaction_begin(&request);
    transaction_change(&request, change, "source_nat", &source, 1);
    transaction_commit(call->rules, &request);
}

uint32_t bridge_add(const struct call *call) {
    int events = netlink_open(NETLINK_ROUTE, RTMGRP_LINK);
    int host = netlink_open(NETLINK_ROUTE, 0);
    text_value(call->configuration, "bridge", bridge_name, sizeof bridge_name);
    make_names();

    uint32_t address = lease_take(call);
    description.netns = open_namespace(call->netns);
    description.name = call->interface;
    description.bridge = find_or_create_bridge(host);
    struct pair_indices pair = pair_create(host, &description);
    int container = open_container_socket(description.netns);
    container_configure(container, pair.container, address, PREFIX, GATEWAY);
    change_masquerading(call, address, ELEMENT_ADD);
    wait_until_up(events, pair.host);
    container_announce(container, pair.container, description.mac);
    return address;
}

void bridge_delete(const struct call *call, uint32_t address) {
    int events = netlink_open(NETLINK_ROUTE, RTMGRP_LINK);
    int host_end = 0;
    change_masquerading(call, address, ELEMENT_REMOVE);
    int container = open_container_socket(open_namespace(call->netns));
    int index = link_index(container, call->interface, &host_end);
    // Deleting a link answers 20 to 30 ms after the link has gone.
    if (deferred_begin()) {
        if (index != 0) link_delete(container, index);
        deferred_end();
    }
    close(call->rules);
    if (index != 0) wait_until_gone(events, host_end);
    lease_release(call, address);
}

static void print_mac(const uint8_t mac[MAC_SIZE]) {
    printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void bridge_print_result(const struct call *call, uint32_t address) {
    struct in_addr wire = {.s_addr = htonl(address)}, gateway = {.s_addr = htonl(GATEWAY)};
    char text[INET_ADDRSTRLEN], gateway_text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &wire, text, sizeof text);
    inet_ntop(AF_INET, &gateway, gateway_text, sizeof gateway_text);
    printf("{\"cniVersion\":\"1.0.0\",\"interfaces\":[{\"name\":\"%s\"},{\"name\":\"%s\",\"mac\":\"", bridge_name,
           description.host_name);
    print_mac(description.host_mac);
    printf("\"},{\"name\":\"%s\",\"mac\":\"", call->interface);
    print_mac(description.mac);
    printf("\",\"sandbox\":\"%s\"}],\"ips\":[{\"address\":\"%s/%d\",\"gateway\":\"%s\",\"interface\":2}],", call->netns, text,
           PREFIX, gateway_text);
    printf("\"routes\":[{\"dst\":\"0.0.0.0/0\"}],\"dns\":{}}\n");
}
