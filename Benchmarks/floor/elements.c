#define _GNU_SOURCE
#include "elements.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

// NFT_MSG_DESTROYSETELEM of Linux 6.3; Debian 12's headers are older.
enum { DESTROY_ELEMENT = 30, COMMENT_SIZE = 128, ELEMENTS_PER_MESSAGE = 400 };

static void put_data(struct request *request, uint16_t type, const void *value, size_t size) {
    size_t data = nest_begin(request, type);
    put(request, NFTA_DATA_VALUE, value, size);
    nest_end(request, data);
}

static void put_jump(struct request *request, const char *chain) {
    size_t data = nest_begin(request, NFTA_SET_ELEM_DATA), verdict = nest_begin(request, NFTA_DATA_VERDICT);
    put_u32(request, NFTA_VERDICT_CODE, htonl((uint32_t)NFT_JUMP));
    put_text(request, NFTA_VERDICT_CHAIN, chain);
    nest_end(request, verdict);
    nest_end(request, data);
}

// The comment as nft stores it: type 0, length, text with its final zero.
static void put_comment(struct request *request, const char *comment) {
    unsigned char record[2 + COMMENT_SIZE] = {0, 0};
    size_t length = strnlen(comment, COMMENT_SIZE - 1) + 1;
    record[1] = (unsigned char)length;
    memcpy(record + 2, comment, length - 1);
    put(request, NFTA_SET_ELEM_USERDATA, record, 2 + length);
}

static void put_element(struct request *request, enum element_change change, const struct element *element) {
    size_t nest = nest_begin(request, NFTA_LIST_ELEM);
    put_data(request, NFTA_SET_ELEM_KEY, element->key, element->key_size);
    if (change == ELEMENT_ADD) {
        if (element->jump) put_jump(request, element->jump);
        if (element->value) put_data(request, NFTA_SET_ELEM_DATA, element->value, element->value_size);
        if (element->comment) put_comment(request, element->comment);
    }
    nest_end(request, nest);
}

static void batch_mark(struct request *request, uint16_t type) {
    struct nfgenmsg header = {.nfgen_family = AF_UNSPEC, .version = NFNETLINK_V0, .res_id = htons(NFNL_SUBSYS_NFTABLES)};
    message_begin(request, type, 0, &header, sizeof header);
}

void transaction_begin(struct request *request) { batch_mark(request, NFNL_MSG_BATCH_BEGIN); }

void transaction_change(struct request *request, enum element_change change, const char *map,
                        const struct element *elements, size_t count) {
    uint16_t operation = change == ELEMENT_ADD ? NFT_MSG_NEWSETELEM : DESTROY_ELEMENT;
    struct nfgenmsg header = {.nfgen_family = NFPROTO_INET, .version = NFNETLINK_V0};
    for (size_t first = 0; first < count; first += ELEMENTS_PER_MESSAGE) {
        message_begin(request, NFNL_SUBSYS_NFTABLES << 8 | operation, change == ELEMENT_ADD ? NLM_F_CREATE : 0, &header,
                      sizeof header);
        put_text(request, NFTA_SET_ELEM_LIST_TABLE, "floor");
        put_text(request, NFTA_SET_ELEM_LIST_SET, map);
        size_t list = nest_begin(request, NFTA_SET_ELEM_LIST_ELEMENTS);
        for (size_t index = first; index < count && index < first + ELEMENTS_PER_MESSAGE; index++)
            put_element(request, change, &elements[index]);
        nest_end(request, list);
    }
}

void transaction_commit(int socket, struct request *request) {
    uint32_t last_change = request->sequence;
    batch_mark(request, NFNL_MSG_BATCH_END);
    netlink_send(socket, request, last_change, "change nft elements", 0, NULL, NULL);
}
