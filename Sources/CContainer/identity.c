/// Users and groups by the container's own files: after the change of root, so that no symbolic link leads to the host's.
#define _GNU_SOURCE
#include "internal.h"

#include <stdlib.h>

/// A text file read line by line, without the heap.
struct lines {
  int fd;
  size_t start, end;
  char buffer[16384];
};

static int open_lines(struct lines *lines, const char *path) {
  struct stat status;
  lines->start = lines->end = 0;
  // A FIFO or a terminal under that name must not hold us up.
  lines->fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (lines->fd < 0) return 0;
  if (fstat(lines->fd, &status) == 0 && S_ISREG(status.st_mode)) return 1;
  close(lines->fd);
  return 0;
}

/// The next line without its end, or NULL. A line longer than the buffer is cut into several.
static char *next_line(struct lines *lines) {
  for (;;) {
    char *line = lines->buffer + lines->start, *end = memchr(line, '\n', lines->end - lines->start);
    if (end) {
      *end = 0;
      lines->start += (size_t)(end - line) + 1;
      return line;
    }
    memmove(lines->buffer, line, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    size_t room = sizeof lines->buffer - 1 - lines->end;
    ssize_t count = room ? read(lines->fd, lines->buffer + lines->end, room) : 0;
    if (count < 0 && errno == EINTR) continue;
    if (count > 0) {
      lines->end += (size_t)count;
      continue;
    }
    if (lines->end == 0) return NULL;
    lines->buffer[lines->end] = 0;
    lines->end = 0;
    return lines->buffer;
  }
}

/// Cuts a line at its colons; missing fields are empty.
static void split(char *line, char **fields, int count) {
  for (int i = 0; i < count; i++) {
    fields[i] = line;
    line += strcspn(line, ":");
    if (*line) *line++ = 0;
  }
}

/// The number of an ID, 0 to 2147483647, or -1 if the text is no number; -2 if it is out of range.
static long number(const char *text) {
  if (!*text || strspn(text, "0123456789") != strlen(text)) return -1;
  return strlen(text) > 10 || strtol(text, NULL, 10) > 0x7fffffff ? -2 : strtol(text, NULL, 10);
}

static int is_member(const char *members, const char *name) {
  size_t length = strlen(name);
  for (const char *member = members; *member; member += strspn(member, ",")) {
    size_t size = strcspn(member, ",");
    if (size == length && memcmp(member, name, size) == 0) return 1;
    member += size;
  }
  return 0;
}

static void add_group(struct cinit_identity *identity, gid_t group) {
  for (int i = 0; i < identity->group_count; i++)
    if (identity->groups[i] == group) return;
  if (identity->group_count < (int)(sizeof identity->groups / sizeof *identity->groups)) identity->groups[identity->group_count++] = group;
}

/// Finds the user in /etc/passwd. Returns whether it is there.
static int find_user(const char *user, long id, struct cinit_identity *identity, char *name, size_t size) {
  static struct lines lines;
  char *line, *fields[6];
  int found = 0;
  if (!open_lines(&lines, "/etc/passwd")) return 0;
  while (!found && (line = next_line(&lines))) {
    split(line, fields, 6);
    long uid = number(fields[2]), gid = number(fields[3]);
    if (!*fields[0] || uid < 0 || gid < 0 || (strcmp(fields[0], user) != 0 && uid != id)) continue;
    identity->user = (uid_t)uid;
    identity->group = (gid_t)gid;
    snprintf(name, size, "%s", fields[0]);
    if (*fields[5]) snprintf(identity->home, sizeof identity->home, "%s", fields[5]);
    found = 1;
  }
  close(lines.fd);
  return found;
}

/// Finds a group in /etc/group; -1 if it is not there.
static long find_group(const char *group) {
  static struct lines lines;
  char *line, *fields[4];
  long id = number(group), found = -1;
  if (!open_lines(&lines, "/etc/group")) return -1;
  while (found < 0 && (line = next_line(&lines))) {
    split(line, fields, 4);
    long gid = number(fields[2]);
    if (*fields[0] && gid >= 0 && (strcmp(fields[0], group) == 0 || gid == id)) found = gid;
  }
  close(lines.fd);
  return found;
}

static void add_groups_of(const char *name, struct cinit_identity *identity) {
  static struct lines lines;
  char *line, *fields[4];
  if (!open_lines(&lines, "/etc/group")) return;
  while ((line = next_line(&lines))) {
    split(line, fields, 4);
    long gid = number(fields[2]);
    if (gid >= 0 && is_member(fields[3], name)) add_group(identity, (gid_t)gid);
  }
  close(lines.fd);
}

/// The ID of a group by name or number; fails if there is none.
static gid_t require_group(const char *group, int index) {
  long gid = find_group(group);
  if (gid < 0) gid = number(group);
  if (gid < 0) cinit_fail(CINIT_STEP_GROUP, index, gid == -2 ? ERANGE : ENOENT);
  return (gid_t)gid;
}

void cinit_find_identity(const struct cinit_program *program, struct cinit_identity *identity) {
  char user[256], name[256] = "";
  size_t length = strcspn(program->user, ":");
  const char *group = program->user[length] ? program->user + length + 1 : "";
  if (length >= sizeof user) cinit_fail(CINIT_STEP_USER, 0, ENAMETOOLONG);
  memcpy(user, program->user, length);
  user[length] = 0;
  identity->user = identity->group = 0;
  identity->group_count = 0;
  strcpy(identity->home, "/");
  long id = length ? number(user) : 0;
  if (id == -2) cinit_fail(CINIT_STEP_USER, 0, ERANGE);
  if (!find_user(user, id, identity, name, sizeof name)) {
    if (id < 0) cinit_fail(CINIT_STEP_USER, 0, ENOENT);
    identity->user = (uid_t)id;
  }
  if (*group) identity->group = require_group(group, -1);
  // As docker does, so that nobody gets rid of a group that is there to keep him out of something (CVE-2022-36109).
  add_group(identity, identity->group);
  if (!*group && *name) add_groups_of(name, identity);
  for (int i = 0; i < program->additional_group_count; i++) add_group(identity, require_group(program->additional_groups[i], i));
}
