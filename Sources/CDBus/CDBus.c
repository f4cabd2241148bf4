#include "CDBus.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// The part of libdbus-1 that is used here, as `dbus/dbus.h` declares it; its binary interface has been the same since version 1.0.
struct bus_error {
  const char *name;
  const char *message;
  unsigned int bits;
  void *padding;
};
enum { system_bus = 1, type_invalid = 0, type_string = 's', type_boolean = 'b', default_timeout = -1 };

struct cdbus_connection {
  void *library;
  void *bus;
  void (*error_init)(struct bus_error *);
  void (*error_free)(struct bus_error *);
  void *(*bus_get_private)(int, struct bus_error *);
  uint32_t (*bus_name_has_owner)(void *, const char *, struct bus_error *);
  void (*connection_set_exit_on_disconnect)(void *, uint32_t);
  void (*connection_close)(void *);
  void (*connection_unref)(void *);
  void *(*connection_send_with_reply_and_block)(void *, void *, int, struct bus_error *);
  void *(*message_new_method_call)(const char *, const char *, const char *, const char *);
  void (*message_set_auto_start)(void *, uint32_t);
  uint32_t (*message_append_args)(void *, int, ...);
  uint32_t (*message_get_args)(void *, struct bus_error *, int, ...);
  void (*message_unref)(void *);
};

static void fail(struct cdbus_failure *failure, const char *name, const char *message) {
  snprintf(failure->name, sizeof failure->name, "%s", name ? name : "");
  snprintf(failure->message, sizeof failure->message, "%s", message ? message : "");
}

static int load(struct cdbus_connection *c) {
  const struct {
    const char *name;
    void *place;
  } functions[] = {
      {"dbus_error_init", &c->error_init},
      {"dbus_error_free", &c->error_free},
      {"dbus_bus_get_private", &c->bus_get_private},
      {"dbus_bus_name_has_owner", &c->bus_name_has_owner},
      {"dbus_connection_set_exit_on_disconnect", &c->connection_set_exit_on_disconnect},
      {"dbus_connection_close", &c->connection_close},
      {"dbus_connection_unref", &c->connection_unref},
      {"dbus_connection_send_with_reply_and_block", &c->connection_send_with_reply_and_block},
      {"dbus_message_new_method_call", &c->message_new_method_call},
      {"dbus_message_set_auto_start", &c->message_set_auto_start},
      {"dbus_message_append_args", &c->message_append_args},
      {"dbus_message_get_args", &c->message_get_args},
      {"dbus_message_unref", &c->message_unref},
  };
  c->library = dlopen("libdbus-1.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!c->library) return 0;
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
    // POSIX promises that a function's address fits a void pointer.
    void *function = *(void **)functions[i].place = dlsym(c->library, functions[i].name);
    if (!function) return 0;
  }
  return 1;
}

struct cdbus_connection *cdbus_open_system(struct cdbus_failure *failure) {
  struct cdbus_connection *c = calloc(1, sizeof *c);
  if (!c) {
    fail(failure, "org.freedesktop.DBus.Error.NoMemory", "no memory");
    return NULL;
  }
  if (!load(c)) {
    const char *reason = dlerror();
    fail(failure, "org.freedesktop.DBus.Error.NotSupported", reason ? reason : "libdbus-1 lacks a function");
    cdbus_close(c);
    return NULL;
  }
  struct bus_error error;
  c->error_init(&error);
  c->bus = c->bus_get_private(system_bus, &error);
  if (!c->bus) {
    fail(failure, error.name, error.message);
    c->error_free(&error);
    cdbus_close(c);
    return NULL;
  }
  c->connection_set_exit_on_disconnect(c->bus, 0);
  return c;
}

void cdbus_close(struct cdbus_connection *c) {
  if (c->bus) {
    c->connection_close(c->bus);
    c->connection_unref(c->bus);
  }
  if (c->library) dlclose(c->library);
  free(c);
}

int cdbus_has_owner(struct cdbus_connection *c, const char *service, struct cdbus_failure *failure) {
  struct bus_error error;
  c->error_init(&error);
  int answer = c->bus_name_has_owner(c->bus, service, &error) != 0;
  if (!error.name) return answer;
  fail(failure, error.name, error.message);
  c->error_free(&error);
  return -1;
}

int cdbus_call(
    struct cdbus_connection *c, const struct cdbus_method *method, const char *first, const char *second,
    struct cdbus_failure *failure) {
  void *call = c->message_new_method_call(method->service, method->path, method->interface, method->name);
  if (!call || !c->message_append_args(call, type_string, &first, type_string, &second, type_invalid)) {
    if (call) c->message_unref(call);
    fail(failure, "org.freedesktop.DBus.Error.NoMemory", "no memory");
    return -1;
  }
  c->message_set_auto_start(call, 0);
  struct bus_error error;
  c->error_init(&error);
  void *reply = c->connection_send_with_reply_and_block(c->bus, call, default_timeout, &error);
  c->message_unref(call);
  if (!reply) {
    fail(failure, error.name, error.message);
    c->error_free(&error);
    return -1;
  }
  uint32_t truth = 0;
  int answer = c->message_get_args(reply, &error, type_boolean, &truth, type_invalid) ? truth != 0 : 1;
  c->error_free(&error);
  c->message_unref(reply);
  return answer;
}
