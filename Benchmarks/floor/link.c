#define _GNU_SOURCE
#include "link.h"

#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/ip.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/socket.h>

static char storage[4096] __attribute__((aligned(NLMSG_ALIGNTO)));

static struct request empty_request(void) {
    static uint32_t sequence;
    sequence += 100;
    return (struct request){.bytes = storage, .capacity = sizeof storage, .sequence = sequence};
}

static void link_begin(struct request *request, uint16_t flags, int index, unsigned set) {
    struct ifinfomsg header = {.ifi_index = index, .ifi_flags = set, .ifi_change = set};
    message_begin(request, RTM_NEWLINK, flags, &header, sizeof header);
}

static void read_indices(const struct nlmsghdr *answer, void *context) {
    struct pair_indices *indices = context;
    const struct ifinfomsg *header = NLMSG_DATA(answer);
    const int32_t *peer = attribute(answer, sizeof *header, IFLA_LINK);
    if (answer->nlmsg_type != RTM_NEWLINK) return;
    indices->host = header->ifi_index;
    if (peer) indices->container = *peer;
}

int link_index(int socket, const char *name, int *peer) {
    struct request request = empty_request();
    struct ifinfomsg header = {0};
    struct pair_indices found = {0, 0};
    message_begin(&request, RTM_GETLINK, 0, &header, sizeof header);
    put_text(&request, IFLA_IFNAME, name);
    put_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    netlink_send(socket, &request, request.sequence, "look up link", ENODEV, read_indices, &found);
    if (peer) *peer = found.container;
    return found.host;
}

static void put_address(struct request *request, int index, uint32_t address, int prefix) {
    struct ifaddrmsg header = {.ifa_family = AF_INET, .ifa_prefixlen = prefix, .ifa_index = index};
    uint32_t wire = htonl(address), broadcast = htonl(address | (0xFFFFFFFFu >> prefix));
    message_begin(request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &header, sizeof header);
    put(request, IFA_LOCAL, &wire, sizeof wire);
    put(request, IFA_ADDRESS, &wire, sizeof wire);
    put(request, IFA_BROADCAST, &broadcast, sizeof broadcast);
}

int bridge_create(int socket, const char *name, const uint8_t mac[MAC_SIZE], uint32_t address, int prefix) {
    struct request request = empty_request();
    struct pair_indices made = {0, 0};
    link_begin(&request, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, 0, IFF_UP);
    put_text(&request, IFLA_IFNAME, name);
    put(&request, IFLA_ADDRESS, mac, MAC_SIZE);
    size_t information = nest_begin(&request, IFLA_LINKINFO);
    put_text(&request, IFLA_INFO_KIND, "bridge");
    nest_end(&request, information);
    // Another attachment may have made it a moment ago; it will also have given it its address.
    int error = netlink_send(socket, &request, request.sequence, "create bridge", EEXIST, read_indices, &made);
    if (error == EEXIST) return link_index(socket, name, NULL);
    request = empty_request();
    put_address(&request, made.host, address, prefix);
    netlink_send(socket, &request, request.sequence, "add gateway address", 0, NULL, NULL);
    return made.host;
}

static void put_end(struct request *request, const char *name, const uint8_t mac[MAC_SIZE]) {
    put_text(request, IFLA_IFNAME, name);
    put(request, IFLA_ADDRESS, mac, MAC_SIZE);
    put_u32(request, IFLA_MTU, MTU);
    // More queues than one would make the kernel wait for an expedited RCU grace period.
    put_u32(request, IFLA_NUM_TX_QUEUES, 1);
    put_u32(request, IFLA_NUM_RX_QUEUES, 1);
}

static void put_peer(struct request *request, const struct pair_description *description) {
    struct ifinfomsg header = {0};
    size_t peer = nest_begin(request, VETH_INFO_PEER);
    // The peer's attribute starts with a link header; it has to be inside the attribute's length.
    memcpy(request->bytes + request->length, &header, sizeof header);
    request->length += sizeof header;
    put_end(request, description->name, description->mac);
    put_u32(request, IFLA_NET_NS_FD, (uint32_t)description->netns);
    nest_end(request, peer);
}

struct pair_indices pair_create(int socket, const struct pair_description *description) {
    struct request request = empty_request();
    struct pair_indices made = {0, 0};
    link_begin(&request, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, 0, IFF_UP);
    put_end(&request, description->host_name, description->host_mac);
    put_u32(&request, IFLA_MASTER, (uint32_t)description->bridge);
    size_t information = nest_begin(&request, IFLA_LINKINFO);
    put_text(&request, IFLA_INFO_KIND, "veth");
    size_t data = nest_begin(&request, IFLA_INFO_DATA);
    put_peer(&request, description);
    nest_end(&request, data);
    nest_end(&request, information);

    uint8_t hairpin = 1;
    link_begin(&request, 0, 0, 0);
    put_text(&request, IFLA_IFNAME, description->host_name);
    information = nest_begin(&request, IFLA_LINKINFO);
    put_text(&request, IFLA_INFO_SLAVE_KIND, "bridge");
    data = nest_begin(&request, IFLA_INFO_SLAVE_DATA);
    put(&request, IFLA_BRPORT_MODE, &hairpin, sizeof hairpin);
    nest_end(&request, data);
    nest_end(&request, information);
    netlink_send(socket, &request, request.sequence, "create veth pair", 0, read_indices, &made);
    return made;
}

void container_configure(int socket, int index, uint32_t address, int prefix, uint32_t gateway) {
    struct request request = empty_request();
    put_address(&request, index, address, prefix);
    link_begin(&request, 0, index, IFF_UP);

    struct rtmsg route = {.rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_STATIC,
        .rtm_scope = RT_SCOPE_UNIVERSE, .rtm_type = RTN_UNICAST};
    uint32_t wire = htonl(gateway);
    message_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
    put(&request, RTA_GATEWAY, &wire, sizeof wire);
    put_u32(&request, RTA_OIF, (uint32_t)index);
    netlink_send(socket, &request, request.sequence, "configure container interface", 0, NULL, NULL);
}

void container_announce(int socket, int index, const uint8_t mac[MAC_SIZE]) {
    struct request request = empty_request();
    link_begin(&request, 0, index, 0);
    size_t families = nest_begin(&request, IFLA_AF_SPEC), family = nest_begin(&request, AF_INET);
    size_t settings = nest_begin(&request, IFLA_INET_CONF);
    put_u32(&request, IPV4_DEVCONF_ARP_NOTIFY, 1);
    nest_end(&request, settings);
    nest_end(&request, family);
    nest_end(&request, families);

    link_begin(&request, 0, index, 0);
    put(&request, IFLA_ADDRESS, mac, MAC_SIZE);
    netlink_send(socket, &request, request.sequence, "announce address", 0, NULL, NULL);
}

void link_delete(int socket, int index) {
    struct request request = empty_request();
    struct ifinfomsg header = {.ifi_index = index};
    message_begin(&request, RTM_DELLINK, 0, &header, sizeof header);
    netlink_send(socket, &request, request.sequence, "delete link", ENODEV, NULL, NULL);
}

static int is_up(const struct nlmsghdr *event) {
    const uint8_t *state = attribute(event, sizeof(struct ifinfomsg), IFLA_OPERSTATE);
    return event->nlmsg_type == RTM_NEWLINK && state && *state == IF_OPER_UP;
}

static int is_gone(const struct nlmsghdr *event) {
    // A bridge port's removal is also told, for family AF_BRIDGE, before the link itself is gone.
    return event->nlmsg_type == RTM_DELLINK && ((struct ifinfomsg *)NLMSG_DATA(event))->ifi_family == AF_UNSPEC;
}

static void wait_for(int events, int index, int (*matches)(const struct nlmsghdr *), const char *what) {
    static char buffer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
    struct timeval patience = {.tv_sec = 10};
    setsockopt(events, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    for (;;) {
        ssize_t received = recv(events, buffer, sizeof buffer, 0);
        if (received < 0) fail(what, errno);
        int left = (int)received;
        for (struct nlmsghdr *event = (struct nlmsghdr *)buffer; NLMSG_OK(event, left); event = NLMSG_NEXT(event, left))
            if (((struct ifinfomsg *)NLMSG_DATA(event))->ifi_index == index && matches(event)) return;
    }
}

void wait_until_up(int events, int index) { wait_for(events, index, is_up, "wait for bridge port"); }
void wait_until_gone(int events, int index) { wait_for(events, index, is_gone, "wait for link to go"); }
