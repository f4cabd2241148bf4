// Elements of the maps and sets of table `inet floor` (floor.nft), changed in one transaction.
#pragma once

#include "netlink.h"

enum element_change { ELEMENT_ADD, ELEMENT_REMOVE };

// Key and value in network byte order, each field of a concatenation padded to four bytes. `jump` is the chain of a
// verdict map's element. A set's element has neither value nor jump.
struct element {
    const void *key, *value;
    size_t key_size, value_size;
    const char *jump, *comment;
};

void transaction_begin(struct request *request);
// Removing an element that is not there is no error.
void transaction_change(struct request *request, enum element_change change, const char *map,
                        const struct element *elements, size_t count);
// Returns when the kernel has committed.
void transaction_commit(int socket, struct request *request);
