/// The conversation between a parent and its init, over a socket of packets.
#define _GNU_SOURCE
#include "internal.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

int cinit_control = CONTROL;

static void say(int step, int index, int error, int terminal) {
  struct cinit_message message = {.step = step, .index = index, .error = error};
  struct iovec part = {&message, sizeof message};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
  } extra;
  struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
  if (terminal >= 0) {
    packet.msg_control = extra.bytes;
    packet.msg_controllen = sizeof extra.bytes;
    extra.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int))};
    memcpy(CMSG_DATA(&extra.header), &terminal, sizeof terminal);
  }
  // If the parent is gone there is nobody to tell. Not for ever: a seccomp profile may answer every call with EINTR.
  for (int tries = 0; tries < 100 && sendmsg(cinit_control, &packet, MSG_NOSIGNAL) < 0 && errno == EINTR; tries++) {}
}

_Noreturn void cinit_fail(enum cinit_step step, int index, int error) {
  say(step, index, error, -1);
  _exit(step == CINIT_STEP_LOOKUP && error == ENOENT ? 127 : 126);
}

void cinit_ready(int terminal) { say(0, 0, 0, terminal); }

int cinit_mapped(int control, const int *mounts, int count) {
  char word = 'm';
  struct iovec part = {&word, 1};
  union {
    char bytes[CMSG_SPACE(sizeof(int) * CINIT_SENT_MOUNTS)];
    struct cmsghdr header;
  } extra;
  struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
  if (count > CINIT_SENT_MOUNTS) return -E2BIG;
  if (count > 0) {
    packet.msg_control = extra.bytes;
    packet.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
    extra.header =
        (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count)};
    memcpy(CMSG_DATA(&extra.header), mounts, sizeof(int) * (size_t)count);
  }
  ssize_t sent;
  do sent = sendmsg(control, &packet, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

/// What cinit_mapped has sent, in its order.
static int sent_mounts[CINIT_SENT_MOUNTS], sent_count, sent_next;

void cinit_await_mapping(void) {
  char word;
  struct iovec part = {&word, 1};
  union {
    char bytes[CMSG_SPACE(sizeof sent_mounts)];
    struct cmsghdr header;
  } extra;
  struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.bytes, .msg_controllen = sizeof extra.bytes};
  ssize_t count;
  do count = recvmsg(CONTROL, &packet, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  if (count <= 0) _exit(126);
  struct cmsghdr *header = CMSG_FIRSTHDR(&packet);
  if (!header || header->cmsg_type != SCM_RIGHTS) return;
  sent_count = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
  memcpy(sent_mounts, CMSG_DATA(header), sizeof(int) * (size_t)sent_count);
}

int cinit_next_sent(void) { return sent_next < sent_count ? sent_mounts[sent_next++] : -EBADMSG; }

int cinit_go(int control, const struct sock_filter *filter, size_t count, uint32_t flags) {
  uint32_t head[2] = {(uint32_t)count, flags};
  struct iovec parts[2] = {{head, sizeof head}, {(void *)filter, count * sizeof *filter}};
  struct msghdr packet = {.msg_iov = parts, .msg_iovlen = count ? 2 : 1};
  ssize_t sent;
  do sent = sendmsg(control, &packet, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? -errno : 0;
}

int cinit_receive(int control, struct cinit_message *message, int *terminal) {
  struct iovec part = {message, sizeof *message};
  union {
    char bytes[CMSG_SPACE(sizeof(int))];
    struct cmsghdr header;
  } extra;
  struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = extra.bytes, .msg_controllen = sizeof extra.bytes};
  *terminal = -1;
  ssize_t count;
  do count = recvmsg(control, &packet, MSG_CMSG_CLOEXEC);
  while (count < 0 && errno == EINTR);
  // A process that dies with something unread in its socket makes the other end fail, once.
  if (count < 0 && errno == ECONNRESET) return 0;
  if (count < 0) return -errno;
  struct cmsghdr *header = count ? CMSG_FIRSTHDR(&packet) : NULL;
  if (header && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int)))
    memcpy(terminal, CMSG_DATA(header), sizeof *terminal);
  if (count == 0) return 0;
  return count == sizeof *message ? 1 : -EBADMSG;
}

int cinit_wait(int pidfd) {
  siginfo_t info;
  int result;
  do result = waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED);
  while (result < 0 && errno == EINTR);
  if (result < 0) return -errno;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

int cinit_kill(int pidfd, int signal) { return cinit_outcome(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0)); }

int cinit_open_process(pid_t pid) { return cinit_outcome(syscall(SYS_pidfd_open, pid, 0)); }

int cinit_open_child(pid_t pid) {
  siginfo_t info;
  int pidfd = cinit_open_process(pid);
  if (pidfd < 0 || waitid(P_PIDFD, (id_t)pidfd, &info, WEXITED | WNOHANG | WNOWAIT) == 0) return pidfd;
  close(pidfd);
  return -ECHILD;
}

uint64_t cinit_bounding_set(void) {
  uint64_t set = 0;
  for (int capability = 0; capability < 64; capability++) {
    int held = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
    if (held < 0) break;
    if (held) set |= 1ULL << capability;
  }
  return set;
}
