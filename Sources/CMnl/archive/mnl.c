// The part of libmnl's interface that this project and libnftnl call, for static executables: no distribution has an archive of libmnl,
// and a plugin that needs the dynamic loader for it starts half a millisecond later. Everything else than a release links libmnl itself. What
// the functions do is told in <libmnl/libmnl.h> and in libmnl's manual; the layout of messages in netlink(7).
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

// Sockets

struct mnl_socket {
  int descriptor;
  struct sockaddr_nl address;
};

struct mnl_socket *mnl_socket_open2(int bus, int flags) {
  struct mnl_socket *s = calloc(1, sizeof *s);
  if (!s) return NULL;
  s->descriptor = socket(AF_NETLINK, SOCK_RAW | flags, bus);
  if (s->descriptor >= 0) return s;
  free(s);
  return NULL;
}

struct mnl_socket *mnl_socket_open(int bus) { return mnl_socket_open2(bus, 0); }

int mnl_socket_bind(struct mnl_socket *s, unsigned int groups, pid_t port) {
  s->address = (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_groups = groups, .nl_pid = (uint32_t)port};
  socklen_t size = sizeof s->address;
  if (bind(s->descriptor, (struct sockaddr *)&s->address, size) < 0) return -1;
  if (getsockname(s->descriptor, (struct sockaddr *)&s->address, &size) < 0) return -1;
  if (size == sizeof s->address && s->address.nl_family == AF_NETLINK) return 0;
  errno = EINVAL;
  return -1;
}

int mnl_socket_close(struct mnl_socket *s) {
  int result = close(s->descriptor);
  free(s);
  return result;
}

int mnl_socket_get_fd(const struct mnl_socket *s) { return s->descriptor; }

unsigned int mnl_socket_get_portid(const struct mnl_socket *s) { return s->address.nl_pid; }

ssize_t mnl_socket_sendto(const struct mnl_socket *s, const void *bytes, size_t size) {
  static const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  return sendto(s->descriptor, bytes, size, 0, (const struct sockaddr *)&kernel, sizeof kernel);
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *s, void *buffer, size_t size) {
  struct sockaddr_nl sender;
  struct iovec part = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {.msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &part, .msg_iovlen = 1};
  ssize_t received = recvmsg(s->descriptor, &message, 0);
  if (received < 0) return -1;
  if (message.msg_flags & MSG_TRUNC) errno = ENOSPC;
  else if (message.msg_namelen != sizeof sender) errno = EINVAL;
  else return received;
  return -1;
}

int mnl_socket_setsockopt(const struct mnl_socket *s, int type, void *value, socklen_t size) {
  return setsockopt(s->descriptor, SOL_NETLINK, type, value, size);
}

// Messages

struct nlmsghdr *mnl_nlmsg_put_header(void *buffer) {
  struct nlmsghdr *message = memset(buffer, 0, MNL_NLMSG_HDRLEN);
  message->nlmsg_len = MNL_NLMSG_HDRLEN;
  return message;
}

static void *tail(const struct nlmsghdr *message) { return (char *)message + MNL_ALIGN(message->nlmsg_len); }

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *message, size_t size) {
  void *header = tail(message);
  message->nlmsg_len = MNL_ALIGN(message->nlmsg_len) + MNL_ALIGN(size);
  return memset(header, 0, MNL_ALIGN(size));
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *message) { return (char *)message + MNL_NLMSG_HDRLEN; }

/// Calls `use` for each message that is not control, and answers as libmnl does: an error of the kernel is -1 with errno.
int mnl_cb_run(const void *buffer, size_t size, unsigned int sequence, unsigned int port, mnl_cb_t use, void *data) {
  const char *at = buffer;
  int answer = MNL_CB_OK;
  while (size >= sizeof(struct nlmsghdr)) {
    const struct nlmsghdr *message = (const void *)at;
    if (message->nlmsg_len < sizeof *message || message->nlmsg_len > size) break;
    if (port && message->nlmsg_pid && message->nlmsg_pid != port) return errno = ESRCH, MNL_CB_ERROR;
    if (sequence && message->nlmsg_seq && message->nlmsg_seq != sequence) return errno = EPROTO, MNL_CB_ERROR;
    if (message->nlmsg_flags & NLM_F_DUMP_INTR) return errno = EINTR, MNL_CB_ERROR;
    if (message->nlmsg_type == NLMSG_DONE) return MNL_CB_STOP;
    if (message->nlmsg_type == NLMSG_ERROR) {
      const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);
      if (message->nlmsg_len < MNL_NLMSG_HDRLEN + sizeof *error) return errno = EBADMSG, MNL_CB_ERROR;
      errno = abs(error->error);
      return error->error ? MNL_CB_ERROR : MNL_CB_STOP;
    }
    if (message->nlmsg_type >= NLMSG_MIN_TYPE && use && (answer = use(message, data)) <= MNL_CB_STOP) return answer;
    size_t step = MNL_ALIGN(message->nlmsg_len);
    if (step >= size) break;
    at += step;
    size -= step;
  }
  return answer;
}

// Batches: messages one behind the other in a caller's buffer that is twice as large as `limit`; one that goes over the limit is
// carried over to the next batch.

struct mnl_nlmsg_batch {
  char *buffer;
  size_t limit, size;
};

struct mnl_nlmsg_batch *mnl_nlmsg_batch_start(void *buffer, size_t limit) {
  struct mnl_nlmsg_batch *batch = malloc(sizeof *batch);
  if (batch) *batch = (struct mnl_nlmsg_batch){.buffer = buffer, .limit = limit};
  return batch;
}

void mnl_nlmsg_batch_stop(struct mnl_nlmsg_batch *batch) { free(batch); }

void *mnl_nlmsg_batch_head(struct mnl_nlmsg_batch *batch) { return batch->buffer; }

void *mnl_nlmsg_batch_current(struct mnl_nlmsg_batch *batch) { return batch->buffer + batch->size; }

size_t mnl_nlmsg_batch_size(struct mnl_nlmsg_batch *batch) { return batch->size; }

bool mnl_nlmsg_batch_is_empty(struct mnl_nlmsg_batch *batch) { return batch->size == 0; }

bool mnl_nlmsg_batch_next(struct mnl_nlmsg_batch *batch) {
  const struct nlmsghdr *message = mnl_nlmsg_batch_current(batch);
  if (batch->size + message->nlmsg_len > batch->limit) return false;
  batch->size += message->nlmsg_len;
  return true;
}

// Reading attributes

uint16_t mnl_attr_get_type(const struct nlattr *attribute) { return attribute->nla_type & NLA_TYPE_MASK; }

uint16_t mnl_attr_get_payload_len(const struct nlattr *attribute) { return attribute->nla_len - MNL_ATTR_HDRLEN; }

void *mnl_attr_get_payload(const struct nlattr *attribute) { return (char *)attribute + MNL_ATTR_HDRLEN; }

const char *mnl_attr_get_str(const struct nlattr *attribute) { return mnl_attr_get_payload(attribute); }

#define GETTER(name, type)                                                \
  type name(const struct nlattr *attribute) {                             \
    type value;                                                           \
    memcpy(&value, mnl_attr_get_payload(attribute), sizeof value);        \
    return value;                                                         \
  }
GETTER(mnl_attr_get_u8, uint8_t)
GETTER(mnl_attr_get_u16, uint16_t)
GETTER(mnl_attr_get_u32, uint32_t)
GETTER(mnl_attr_get_u64, uint64_t)

bool mnl_attr_ok(const struct nlattr *attribute, int size) {
  return size >= (int)sizeof *attribute && attribute->nla_len >= sizeof *attribute && (int)attribute->nla_len <= size;
}

struct nlattr *mnl_attr_next(const struct nlattr *attribute) {
  return (struct nlattr *)((char *)attribute + MNL_ALIGN(attribute->nla_len));
}

static int parse(const char *at, const char *end, mnl_attr_cb_t use, void *data) {
  int answer = MNL_CB_OK;
  while (answer > MNL_CB_STOP && mnl_attr_ok((const void *)at, (int)(end - at))) {
    answer = use((const void *)at, data);
    at = (const char *)mnl_attr_next((const void *)at);
  }
  return answer;
}

int mnl_attr_parse(const struct nlmsghdr *message, unsigned int offset, mnl_attr_cb_t use, void *data) {
  return parse((const char *)mnl_nlmsg_get_payload(message) + MNL_ALIGN(offset), tail(message), use, data);
}

int mnl_attr_parse_nested(const struct nlattr *nest, mnl_attr_cb_t use, void *data) {
  const char *first = mnl_attr_get_payload(nest);
  return parse(first, first + mnl_attr_get_payload_len(nest), use, data);
}

int mnl_attr_type_valid(const struct nlattr *attribute, uint16_t last) {
  if (mnl_attr_get_type(attribute) <= last) return 1;
  errno = EOPNOTSUPP;
  return -1;
}

static int refuse(int code) {
  errno = code;
  return -1;
}

int mnl_attr_validate(const struct nlattr *attribute, enum mnl_attr_data_type type) {
  static const uint16_t sizes[MNL_TYPE_MAX] = {
      [MNL_TYPE_U8] = 1, [MNL_TYPE_U16] = 2, [MNL_TYPE_U32] = 4, [MNL_TYPE_U64] = 8, [MNL_TYPE_MSECS] = 8};
  if (type >= MNL_TYPE_MAX) return refuse(EINVAL);
  uint16_t size = mnl_attr_get_payload_len(attribute);
  const char *text = mnl_attr_get_payload(attribute);
  if (size < sizes[type]) return refuse(ERANGE);
  switch (type) {
  case MNL_TYPE_FLAG: return size == 0 ? 0 : refuse(ERANGE);
  case MNL_TYPE_STRING: return size > 0 ? 0 : refuse(ERANGE);
  case MNL_TYPE_NUL_STRING: return size == 0 ? refuse(ERANGE) : text[size - 1] == '\0' ? 0 : refuse(EINVAL);
  case MNL_TYPE_NESTED: return size == 0 || size >= MNL_ATTR_HDRLEN ? 0 : refuse(ERANGE);
  default: return sizes[type] == 0 || size == sizes[type] ? 0 : refuse(ERANGE);
  }
}

// Writing attributes

static struct nlattr *put_header(struct nlmsghdr *message, uint16_t type, size_t size) {
  struct nlattr *attribute = tail(message);
  attribute->nla_type = type;
  attribute->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + size);
  message->nlmsg_len = (uint32_t)(MNL_ALIGN(message->nlmsg_len) + MNL_ALIGN(attribute->nla_len));
  return attribute;
}

void mnl_attr_put(struct nlmsghdr *message, uint16_t type, size_t size, const void *bytes) {
  char *payload = mnl_attr_get_payload(put_header(message, type, size));
  if (size) memcpy(payload, bytes, size);
  memset(payload + size, 0, MNL_ALIGN(size) - size);
}

void mnl_attr_put_u8(struct nlmsghdr *message, uint16_t type, uint8_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_u16(struct nlmsghdr *message, uint16_t type, uint16_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_u32(struct nlmsghdr *message, uint16_t type, uint32_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_u64(struct nlmsghdr *message, uint16_t type, uint64_t value) { mnl_attr_put(message, type, sizeof value, &value); }
void mnl_attr_put_str(struct nlmsghdr *message, uint16_t type, const char *text) { mnl_attr_put(message, type, strlen(text), text); }
void mnl_attr_put_strz(struct nlmsghdr *message, uint16_t type, const char *text) { mnl_attr_put(message, type, strlen(text) + 1, text); }

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *message, uint16_t type) { return put_header(message, type | NLA_F_NESTED, 0); }

void mnl_attr_nest_end(struct nlmsghdr *message, struct nlattr *start) {
  start->nla_len = (uint16_t)((char *)tail(message) - (char *)start);
}
