# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the network carries and costs, beside slirp4netns, rootlessport and plain loopback.

Everything runs on this machine: iperf3 and wrk talk to programs that are in a container's network namespace, which
they enter with nsenter, or on its loopback. What is not installed is said and left out.
"""
import contextlib
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import time

SECONDS, ROUNDS = 2, 3
# A process of a fresh namespace with slirp4netns as podman calls it; the pipe tells that it is ready.
SLIRP = """
import os, subprocess, sys
ready, said = os.pipe()
os.set_inheritable(said, True)
inside = subprocess.Popen(["unshare", "-n", "sh", "-c", "ip link set lo up; echo; exec sleep 100000"], stdout=subprocess.PIPE)
inside.stdout.readline()
helper = subprocess.Popen(["slirp4netns", "--disable-host-loopback", "--mtu=65520", "--enable-sandbox",
                           "--enable-seccomp", "-c", "-r", str(said), str(inside.pid), "tap0"],
                          close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
os.close(said)
os.read(ready, 1)
print(inside.pid, flush=True)
sys.stdin.read()
helper.kill()
inside.kill()
"""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def host_address():
    """An address of this machine that is not loopback."""
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        try:
            s.connect(("198.51.100.1", 9))
        except OSError:
            raise RuntimeError("this machine has no address but loopback") from None
        return s.getsockname()[0]


def listening(port):
    """Whether something listens there; asked of the kernel, for iperf3 takes a connection for a client."""
    wanted = f":{port:04X}"
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError), open(f"/proc/net/{table}", encoding="ascii") as f:
            if any(row.split()[1].endswith(wanted) and row.split()[3] == "0A" for row in list(f)[1:]):
                return True
    return False


def until(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise RuntimeError("a server did not start")
        time.sleep(0.02)


@contextlib.contextmanager
def running(command, **options):
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


class NetworkFigures:
    def missing(self, *programs):
        absent = [p for p in programs if not shutil.which(p)]
        if absent:
            raise RuntimeError(f"{', '.join(absent)} not installed")

    def peer(self, name):
        return next((p for p in self.peers if p.name == name), None)

    @contextlib.contextmanager
    def container(self, peer, *options, name="net", command=("sleep", "100000"), image=None):
        """A container, and a command's words that run it in its network namespace."""
        peer.run("run", "-d", "--name", name, *options, image or peer.image, *command)
        try:
            pid = peer.run("inspect", "--format", "{{.State.Pid}}", name)
            yield [*peer.command, "unshare", "nsenter", "-t", pid, "-n", "--"]
        finally:
            peer.run("rm", "-f", "-t", "0", name, check=False)

    @contextlib.contextmanager
    def slirp(self):
        with running(["unshare", "-r", "python3", "-c", SLIRP], stdin=subprocess.PIPE, text=True) as process:
            pid = process.stdout.readline().strip()
            if not pid:
                raise RuntimeError("slirp4netns did not start")
            yield ["nsenter", "-t", pid, "-U", "-n", "--preserve-credentials", "--"]
            process.stdin.close()
            process.wait()

    def carry(self, client, server, address, port, *options, at=None):
        """Bits a second from one iperf3 to another. client, server: words that run them where they shall be."""
        with running([*server, "iperf3", "-s", "-1", "-p", str(at or port)]):
            until(lambda: listening(port))
            if server:
                time.sleep(0.2)         # the relay listens before the server does
            done = subprocess.run([*client, "iperf3", "-c", address, "-p", str(port), "-t", str(SECONDS), "-J", *options],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        try:
            return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"]
        except (ValueError, KeyError):
            raise RuntimeError(f"iperf3: {done.stdout.strip()[-200:]}") from None

    def in_turns(self, title, takes, budget, unit="Gbit/s", scale=1e-9):
        rows = {name: [] for name in takes}
        for _ in range(ROUNDS):
            for name, take in takes.items():
                rows[name].append(take())
        self.line(title, {name: statistics.median(got) for name, got in rows.items()}, budget, unit, scale)

    # --- through the stack --------------------------------------------------------------------

    def through_stack(self):
        self.missing("iperf3", "nsenter", "unshare")
        address = host_address()
        with contextlib.ExitStack() as stack:
            clients = {"cubby": stack.enter_context(self.container(self.cubby()))}
            if shutil.which("slirp4netns"):
                clients["slirp4netns"] = stack.enter_context(self.slirp())
            else:
                print("absent: slirp4netns (not installed)")
            clients["loopback"] = []
            for title, options, budget in (
                    ("TCP, container to host (default network)", (), ">= 3 x slirp4netns"),
                    ("TCP, host to container through the stack", ("-R",), ">= slirp4netns"),
                    ("TCP, container to host, 8 streams", ("-P", "8"), ">= 2 x slirp4netns")):
                self.in_turns(title, {name: lambda c=c, o=options: self.carry(c, [], address, free_port(), *o)
                                      for name, c in clients.items()}, budget)

    # --- published ports ---------------------------------------------------------------------

    def published(self):
        self.missing("iperf3", "nsenter")
        with contextlib.ExitStack() as stack:
            takes = {}
            for peer in self.peers:
                port = free_port()
                options = ["-p", f"{port}:5201"]
                if peer.name == "podman":
                    options += ["--network", "slirp4netns:port_handler=rootlesskit"]
                try:
                    inside = stack.enter_context(self.container(peer, *options))
                except RuntimeError as err:
                    print(f"absent: {peer.name}'s published port ({err})")
                    continue
                name = "rootlessport" if peer.name == "podman" else peer.name
                takes[name] = lambda i=inside, p=port: self.carry([], i, "127.0.0.1", p, at=5201)
            fore, back = free_port(), free_port()
            stack.enter_context(running([f"{self.work}/relay", str(fore), str(back)]))
            takes["bench/relay.c"] = lambda: self.carry_relayed(fore, back)
            takes["loopback"] = lambda: self.carry([], [], "127.0.0.1", free_port())
            self.in_turns("TCP, host to published port", takes, ">= rootlessport, which is 1.2 x bench/relay.c")

    def carry_relayed(self, fore, back):
        with running(["iperf3", "-s", "-1", "-p", str(back)]):
            until(lambda: listening(back))
            done = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(fore), "-t", str(SECONDS), "-J"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True)
        return json.loads(done.stdout)["end"]["sum_received"]["bits_per_second"]

    def latency(self, port, count, *headers):
        """Seconds that half of the requests for a small file take at most, so many at a time."""
        words = [w for h in headers for w in ("-H", h)]
        done = subprocess.run(["wrk", "-t1", f"-c{count}", f"-d{SECONDS}s", "--latency", *words,
                               f"http://127.0.0.1:{port}/"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
        found = re.search(r"50%\s+([\d.]+)(us|ms|s)", done.stdout)
        if not found or "Non-2xx" in done.stdout:
            raise RuntimeError(f"wrk: {done.stdout.strip()[-200:]}")
        return float(found.group(1)) * {"us": 1e-6, "ms": 1e-3, "s": 1}[found.group(2)]

    def requests(self):
        self.missing("wrk")
        cubby, image = self.cubby(), f"{self.registry}/library/nginx:1.22"
        cubby.run("pull", "-q", "--tls-verify=false", image)
        port, plain, fore = free_port(), free_port(), free_port()
        script = f"sed -i 's/listen .*;/listen {plain};/' /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'"
        with self.container(cubby, "-p", f"{port}:80", name="web", image=image, command=()), \
                self.container(cubby, "--network", "host", name="plain", image=image, command=("sh", "-c", script)), \
                running([f"{self.work}/relay", str(fore), str(plain)]):
            until(lambda: listening(plain))
            until(lambda: subprocess.run(["wrk", "-t1", "-c1", "-d1s", f"http://127.0.0.1:{port}/"], check=False,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0)
            ports = {"cubby": port, "bench/relay.c": fore, "loopback": plain}
            for title, count, headers, budget in (
                    ("kept alive", 1, (), "<= 1.3 x loopback"),
                    ("a connection each", 1, ("Connection: close",), "<= 1.3 x loopback"),
                    ("kept alive, 8 at a time", 8, (), "<= 1.1 x bench/relay.c")):
                self.in_turns(f"request for a small file of nginx on a published port, {title}, median",
                              {name: lambda p=p, n=count, h=headers: self.latency(p, n, *h) for name, p in ports.items()},
                              budget, "us", 1e6)

    # --- what it costs ----------------------------------------------------------------------------

    def set_up(self):
        cubby = self.cubby()
        rows = self.alternate(5, 5, {
            "cubby": lambda n: cubby.times(n, "run", "--rm", cubby.image, "true"),
            "--network none": lambda n: cubby.times(n, "run", "--rm", "--network", "none", cubby.image, "true")})
        none, default = (self.medians(rows)[name] for name in ("--network none", "cubby"))
        self.line("run --rm IMAGE true, what the default network adds",
                  {"with it": default, "without": none, "the network": default - none}, "<= 4 ms")

    def helper_memory(self):
        cubby, before = self.cubby(), self.processes()
        with self.container(cubby, "-p", f"{free_port()}:80"):
            time.sleep(2)               # idle is what comes after a start
            new = self.ours(cubby, self.processes() - before)
            total, names = 0, []
            for pid in new:
                one, name = self.pss({pid})
                if name == ["cubby-net"]:
                    total += one
                    names += name
            if not names:
                raise RuntimeError("no cubby-net found")
            self.line("PSS of cubby-net, idle, with a published port", {"cubby": total}, "<= 1 MiB", "MiB", 1 / 1024)

    def network_default(self):
        self.each_of(self.through_stack, self.published, self.requests, self.set_up, self.helper_memory)

    def network(self):
        self.each_of(self.network_default, self.network_shared, self.network_fast)

    def each_of(self, *works):
        for work in works:
            try:
                work()
            except (RuntimeError, OSError, ValueError, subprocess.SubprocessError) as err:
                print(f"network, {work.__name__}: not measured: {err}", flush=True)
