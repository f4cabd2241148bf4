"""Runs the harness in namespaces of its own, so that nothing it does touches the machine.

The network, mount and process namespaces disappear with the harness, and all it made with them: links, rules,
mounts, processes. Only the scratch folder is on a real disk, because leases are.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile

INSIDE = "BENCH_SCRATCH"


def is_inside() -> bool:
    return INSIDE in os.environ


def scratch_folder() -> str:
    return os.environ[INSIDE]


def run_inside(arguments: list[str]) -> int:
    """Runs this program again with the same arguments in fresh namespaces and returns its exit status."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` below is reached
    scratch = tempfile.mkdtemp(prefix="bench-", dir="/var/tmp")
    command = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        command += ["--user", "--map-root-user"]
    try:
        environment = dict(os.environ, **{INSIDE: scratch})
        return subprocess.run([*command, sys.executable, *arguments], env=environment).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def make_private() -> None:
    """Gives the namespaces their own /run (xtables.lock, our records, netns names) and /sys."""
    subprocess.run(["mount", "-t", "tmpfs", "bench", "/run"], check=True)
    subprocess.run(["mount", "-t", "sysfs", "bench", "/sys"], check=True)
    os.makedirs("/run/netns")
    if os.path.isdir("/var/lib/cni"):
        subprocess.run(["mount", "-t", "tmpfs", "bench", "/var/lib/cni"], check=True)
