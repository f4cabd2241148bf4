#define _GNU_SOURCE
#include "floor.h"
#include "netlink.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *value_of(const char *from, const char *key) {
    char pattern[64];
    int length = snprintf(pattern, sizeof pattern, "\"%s\":", key);
    const char *found = strstr(from, pattern);
    return found ? found + length : NULL;
}

void text_value(const char *from, const char *key, char *text, size_t size) {
    const char *value = value_of(from, key);
    if (value == NULL || *value != '"') fail(key, EINVAL);
    size_t length = strcspn(value + 1, "\"");
    if (length >= size) fail(key, ENAMETOOLONG);
    memcpy(text, value + 1, length);
    text[length] = '\0';
}

int next_number(const char **from, const char *key, long *number) {
    const char *value = value_of(*from, key);
    if (value == NULL) return 0;
    *number = strtol(value, (char **)from, 10);
    return 1;
}

uint32_t previous_address(const char *configuration) {
    if (value_of(configuration, "address") == NULL) return 0;
    char text[64];
    struct in_addr address;
    text_value(configuration, "address", text, sizeof text);
    text[strcspn(text, "/")] = '\0';
    return inet_pton(AF_INET, text, &address) == 1 ? ntohl(address.s_addr) : 0;
}
