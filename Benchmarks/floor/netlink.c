#define _GNU_SOURCE
#include "netlink.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Noreturn void fail(const char *what, int error) {
    printf("{\"code\":999,\"msg\":\"floor: %s: %s\"}\n", what, strerror(error));
    exit(1);
}

int netlink_open(int protocol, uint32_t groups) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    if (descriptor < 0) fail("open netlink socket", errno);
    if (groups != 0) {
        // 64 parallel attachments make many events; without room the socket reports ENOBUFS and loses some.
        int room = 8 << 20;
        struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
        if (bind(descriptor, (struct sockaddr *)&address, sizeof address) < 0) fail("join netlink groups", errno);
    }
    return descriptor;
}

void netlink_allow_sending(int descriptor, int bytes) {
    if (setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0) fail("grow send buffer", errno);
}

static void append(struct request *request, const void *bytes, size_t size) {
    size_t padded = NLMSG_ALIGN(size);
    if (request->length + padded > request->capacity) fail("build request", ENOBUFS);
    memcpy(request->bytes + request->length, bytes, size);
    memset(request->bytes + request->length + size, 0, padded - size);
    request->length += padded;
    if (request->message) request->message->nlmsg_len = request->bytes + request->length - (char *)request->message;
}

void message_begin(struct request *request, uint16_t type, uint16_t flags, const void *header, size_t size) {
    struct nlmsghdr start = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | flags, .nlmsg_seq = ++request->sequence};
    request->message = NULL;
    size_t offset = request->length;
    append(request, &start, sizeof start);
    request->message = (struct nlmsghdr *)(request->bytes + offset);
    append(request, header, size);
}

void put(struct request *request, uint16_t type, const void *value, size_t size) {
    struct nlattr start = {.nla_type = type, .nla_len = NLA_HDRLEN + size};
    append(request, &start, sizeof start);
    append(request, value, size);
}

void put_u32(struct request *request, uint16_t type, uint32_t value) { put(request, type, &value, sizeof value); }

void put_text(struct request *request, uint16_t type, const char *text) { put(request, type, text, strlen(text) + 1); }

size_t nest_begin(struct request *request, uint16_t type) {
    size_t offset = request->length;
    put(request, type | NLA_F_NESTED, "", 0);
    return offset;
}

void nest_end(struct request *request, size_t nest) {
    ((struct nlattr *)(request->bytes + nest))->nla_len = request->length - nest;
}

static void ask_for_acknowledgement(struct request *request, uint32_t sequence) {
    for (size_t offset = 0; offset < request->length;) {
        struct nlmsghdr *message = (struct nlmsghdr *)(request->bytes + offset);
        if (message->nlmsg_seq == sequence) message->nlmsg_flags |= NLM_F_ACK;
        offset += NLMSG_ALIGN(message->nlmsg_len);
    }
}

int netlink_send(int descriptor, struct request *request, uint32_t acknowledged, const char *what, int expected,
                 reply_handler *handler, void *context) {
    ask_for_acknowledgement(request, acknowledged);
    if (send(descriptor, request->bytes, request->length, 0) < 0) fail(what, errno);
    request->length = 0;
    request->message = NULL;
    static char buffer[32768] __attribute__((aligned(NLMSG_ALIGNTO)));
    for (;;) {
        ssize_t received = recv(descriptor, buffer, sizeof buffer, 0);
        if (received < 0) fail(what, errno);
        int left = (int)received;
        for (struct nlmsghdr *answer = (struct nlmsghdr *)buffer; NLMSG_OK(answer, left);
             answer = NLMSG_NEXT(answer, left)) {
            if (answer->nlmsg_type != NLMSG_ERROR) {
                if (handler) handler(answer, context);
                continue;
            }
            int error = -((struct nlmsgerr *)NLMSG_DATA(answer))->error;
            if (error != 0 && error != expected) fail(what, error);
            if (error != 0 || answer->nlmsg_seq == acknowledged) return error;
        }
    }
}

const void *attribute(const struct nlmsghdr *message, size_t header, uint16_t type) {
    const char *end = (const char *)message + message->nlmsg_len;
    const char *at = (const char *)NLMSG_DATA(message) + NLMSG_ALIGN(header);
    while (at + NLA_HDRLEN <= end) {
        const struct nlattr *candidate = (const struct nlattr *)at;
        if (candidate->nla_len < NLA_HDRLEN) break;
        if ((candidate->nla_type & NLA_TYPE_MASK) == type) return at + NLA_HDRLEN;
        at += NLA_ALIGN(candidate->nla_len);
    }
    return NULL;
}
