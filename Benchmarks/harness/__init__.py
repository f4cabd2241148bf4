"""The benchmark harness: standard library only, everything inside namespaces of its own."""
