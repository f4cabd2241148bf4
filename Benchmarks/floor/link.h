// The rtnetlink requests of an attachment. Sockets act on the network namespace they were opened in.
#pragma once

#include <stdint.h>

enum { MTU = 1500, MAC_SIZE = 6 };

struct pair_description {
    int bridge;               // index of the bridge the host end becomes a port of
    int netns;                // descriptor of the container's namespace
    char host_name[16];
    const char *name;         // of the container's end
    uint8_t host_mac[MAC_SIZE], mac[MAC_SIZE];
};

struct pair_indices {
    int host, container;
};

// The index of the link called `name`, and in *peer (if not NULL) its IFLA_LINK; 0 if there is no such link.
int link_index(int socket, const char *name, int *peer);

// Makes a bridge with this MAC, up, with `address` (host byte order); returns its index.
int bridge_create(int socket, const char *name, const uint8_t mac[MAC_SIZE], uint32_t address, int prefix);

// One request makes the veth pair complete, host end up; a second one in the same sendmsg sets the port's hairpin mode.
struct pair_indices pair_create(int socket, const struct pair_description *description);

// Address, up, default route: one sendmsg on a socket of the container.
void container_configure(int socket, int index, uint32_t address, int prefix, uint32_t gateway);

// Makes the kernel announce the link's addresses (gratuitous ARP): switches arp_notify on and sets the MAC the link
// already has, in one sendmsg. (A packet socket could do it too, but closing one waits for an RCU grace period, 8 to
// 16 ms. With arp_notify set before the link goes up, the kernel would send a first one that the port does not forward.)
void container_announce(int socket, int index, const uint8_t mac[MAC_SIZE]);

void link_delete(int socket, int index);

// Read link events from a socket that listens to RTMGRP_LINK until this one came.
void wait_until_up(int events, int index);
void wait_until_gone(int events, int index);
