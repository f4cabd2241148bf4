"""The container runtimes that are measured, each with folders of its own, and the root file system that all of them run."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field

SERVICE, PORT = 80, 8080
APPLETS = ("sh", "true", "sleep", "httpd")
CONTAINERS_CONF = """\
[containers]
cgroups = "disabled"
log_driver = "k8s-file"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "crun"
[network]
network_backend = "cni"
cni_plugin_dirs = ["{plugins}"]
network_config_dir = "{networks}"
default_subnet = "10.90.0.0/16"
"""
STORAGE_CONF = '[storage]\ndriver = "overlay"\nrunroot = "/run/storage"\ngraphroot = "{folder}/storage"\n'


class EngineFailed(Exception):
    """A command that did not end with status 0; the text holds what it printed."""


@dataclass
class Engine:
    """A command line that takes docker's options. `root` are the words that name the root file system."""

    name: str
    words: list[str]
    root: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> str:
        result = subprocess.run([*self.words, *arguments], env=os.environ | self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if result.returncode != 0:
            raise EngineFailed(f"{self.name} {' '.join(arguments)}: {result.stderr.decode(errors='replace').strip()[-500:]}")
        return result.stdout.decode()

    def start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen([*self.words, *arguments], env=os.environ | self.environment, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def serve(self, name: str, port: int = PORT) -> list[str]:
        """The words that start a published web server in the background."""
        return ["run", "-d", "--name", name, "-p", f"{port}:{SERVICE}", *self.root,
                "httpd", "-f", "-p", str(SERVICE), "-h", "/www"]


def make_root(folder: str) -> str:
    root = os.path.join(folder, "rootfs")
    for name in ("bin", "dev", "etc", "proc", "sys", "tmp", "www"):
        os.makedirs(os.path.join(root, name))
    shutil.copy(shutil.which("busybox"), os.path.join(root, "bin"))
    for applet in APPLETS:
        os.symlink("busybox", os.path.join(root, "bin", applet))
    with open(os.path.join(root, "www", "index.html"), "w") as page:
        page.write("hello\n")
    return root


def berth(executable: str, folder: str, root: str) -> Engine:
    environment = {"BERTH_ROOT": f"{folder}/berth", "BERTH_RUN": "/run/berth", "BERTH_CNI_CONF": f"{folder}/berth-networks",
                   "BERTH_TIMES": "/run/times"}
    return Engine("berth", [executable], ["--rootfs", root], environment)


def podman(folder: str, root: str, plugins: str) -> Engine | None:
    """podman with Debian's plugins, without cgroups: less work than berth does."""
    if not shutil.which("podman") or not os.access(os.path.join(plugins, "bridge"), os.X_OK):
        return None
    networks = f"{folder}/podman-networks"
    os.makedirs(networks)
    for name, text in (("containers.conf", CONTAINERS_CONF.format(plugins=plugins, networks=networks)),
                       ("storage.conf", STORAGE_CONF.format(folder=folder))):
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
    environment = {"CONTAINERS_CONF": f"{folder}/containers.conf", "CONTAINERS_STORAGE_CONF": f"{folder}/storage.conf",
                   "HOME": folder, "TMPDIR": folder}
    engine = Engine("podman", ["podman"], ["--rootfs", root], environment)
    # An ordinary image, as berth's: a folder with --rootfs would spare podman its storage.
    archive = subprocess.run(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE, check=True).stdout
    with open(os.path.join(folder, "policy.json"), "w") as file:
        file.write('{"default": [{"type": "insecureAcceptAnything"}]}')
    result = subprocess.run(["podman", "--signature-policy", f"{folder}/policy.json", "import", "-", "localhost/bench"], input=archive,
                            env=os.environ | environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode == 0:
        engine.root = ["localhost/bench"]
    return engine


def crun(folder: str, root: str) -> Engine | None:
    """crun with the bundle of what berth is asked for: the same root, namespaces and program."""
    if not shutil.which("crun"):
        return None
    bundle = os.path.join(folder, "bundle")
    os.makedirs(bundle)
    subprocess.run(["crun", "spec"], cwd=bundle, check=True)
    path = os.path.join(bundle, "config.json")
    with open(path) as file:
        configuration = json.load(file)
    configuration["process"] |= {"terminal": False, "args": ["true"]}
    configuration["root"] = {"path": root, "readonly": False}
    with open(path, "w") as file:
        json.dump(configuration, file)
    words = ["crun", "--root", "/run/crun", "--cgroup-manager", "disabled"]
    return Engine("crun", words, ["--bundle", bundle])
