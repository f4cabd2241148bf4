/// Calls over the system bus of D-Bus, by the libdbus-1 of the machine.
///
/// The library is loaded when a connection is opened: no process that does not need it links it or waits for it.
#ifndef CDBUS_H
#define CDBUS_H

/// A connection to the bus.
struct cdbus_connection;

/// Why something failed: a D-Bus error name (`org.freedesktop.DBus.Error.FileNotFound`) and a sentence. Cut where they are too long.
struct cdbus_failure {
  char name[128];
  char message[512];
};

/// Connects to the system bus, at DBUS_SYSTEM_BUS_ADDRESS or the usual place. Returns NULL and fills `failure` if that fails, with the name
/// `org.freedesktop.DBus.Error.NotSupported` if the machine has no libdbus-1.
struct cdbus_connection *cdbus_open_system(struct cdbus_failure *failure);

/// Disconnects.
void cdbus_close(struct cdbus_connection *connection);

/// 1 if a process offers the service now, 0 if none does, -1 if asking fails.
int cdbus_has_owner(struct cdbus_connection *connection, const char *service, struct cdbus_failure *failure);

/// A method of an object.
struct cdbus_method {
  const char *service;
  const char *path;
  const char *interface;
  const char *name;
};

/// Calls a method with two texts, and waits for the answer; does not start the service. Returns the answer if it is a truth value, 1 for any
/// other one, and -1 with `failure` if the call fails.
int cdbus_call(
    struct cdbus_connection *connection, const struct cdbus_method *method, const char *first, const char *second,
    struct cdbus_failure *failure);

#endif
