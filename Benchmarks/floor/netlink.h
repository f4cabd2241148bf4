// Netlink requests as raw bytes: several messages are built one behind the other and leave in one sendmsg.
#pragma once

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

// A request under construction. `message` is the message being filled, `sequence` the number of the last one begun.
struct request {
    char *bytes;
    size_t length, capacity;
    struct nlmsghdr *message;
    uint32_t sequence;
};

// Called for every answer that is not an acknowledgement.
typedef void reply_handler(const struct nlmsghdr *answer, void *context);

// Opens a netlink socket in the current network namespace that listens to `groups` (a bit mask, 0 for none).
int netlink_open(int protocol, uint32_t groups);

// Lets one datagram on `socket` be as large as `bytes` (one transaction with 10 000 elements is about 1 MB).
void netlink_allow_sending(int socket, int bytes);

// Starts a message of `type` whose fixed part is `header`, `size` bytes long.
void message_begin(struct request *request, uint16_t type, uint16_t flags, const void *header, size_t size);

void put(struct request *request, uint16_t type, const void *value, size_t size);
void put_u32(struct request *request, uint16_t type, uint32_t value);
void put_text(struct request *request, uint16_t type, const char *text);

// Opens an attribute that holds attributes; the result is what nest_end needs to close it.
size_t nest_begin(struct request *request, uint16_t type);
void nest_end(struct request *request, size_t nest);

// Sends everything built so far in one sendmsg, asks for an acknowledgement of message number `acknowledged` and
// waits for it. `expected` is an error number that counts as success (0 for none). Ends the process on any other
// error, with `what` in the text. Returns the error number met, 0 or `expected`.
int netlink_send(int socket, struct request *request, uint32_t acknowledged, const char *what, int expected,
                 reply_handler *handler, void *context);

// The payload of attribute `type` among the attributes behind the first `header` bytes of `message`, or NULL.
const void *attribute(const struct nlmsghdr *message, size_t header, uint16_t type);

// Prints a CNI error object and ends the process with status 1.
_Noreturn void fail(const char *what, int error);
