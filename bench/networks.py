# SPDX-License-Identifier: LGPL-2.1-or-later
"""What networks that containers share, and --network fast, carry and cost, beside loopback and bare interfaces.

bench/talk.c is both client and server, in containers (bound to /talk) as outside.
"""
import contextlib
import shutil
import subprocess

from network import free_port, host_address, listening, running, until

SECONDS = "1"
# Two namespaces joined by a pair of interfaces, or, with an argument, by a bridge with two pairs; prints their pids.
BARE = """
import subprocess, sys
def sh(line): subprocess.run(["sh", "-ec", line], check=True)
def space():
    one = subprocess.Popen(["unshare", "-n", "sh", "-c", "ip link set lo up; echo; exec sleep 100000"], stdout=subprocess.PIPE)
    one.stdout.readline()
    return one
a, b = space(), space()
def inside(one, line): sh(f"nsenter -t {one.pid} -n sh -ec '{line}'")
if len(sys.argv) > 1:
    sh("ip link add name bridge0 type bridge; ip link set bridge0 up")
    for name, one in (("port1", a), ("port2", b)):
        sh(f"ip link add name {name} type veth peer name eth0 netns {one.pid}; ip link set {name} master bridge0 up")
else:
    inside(a, f"ip link add name eth0 type veth peer name eth0 netns {b.pid}")
for number, one in ((1, a), (2, b)):
    inside(one, f"echo reno > /proc/sys/net/ipv4/tcp_congestion_control; ip addr add 10.9.9.{number}/24 dev eth0; ip link set eth0 up")
print(a.pid, b.pid, flush=True)
sys.stdin.read()
a.kill()
b.kill()
"""


class NetworksFigures:
    def talk(self, client, what, address, port):
        done = subprocess.run([*client, what, address, str(port), SECONDS], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"talk {what}: {done.stderr.strip()[-200:]}")
        return float(done.stdout)

    def answers_at(self, port):
        return subprocess.run([f"{self.work}/talk", "ask", "127.0.0.1", str(port), "0.01"], check=False,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    @contextlib.contextmanager
    def talker(self, *options, name, port=7000):
        """A container that serves; with its address where it is on a network."""
        cubby = self.cubby()
        with self.container(cubby, "-v", f"{self.work}/talk:/talk:ro", *options, name=name,
                            command=("/talk", "serve", str(port))):
            yield cubby.run("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", name)

    def talk_lines(self, takes, lines):
        """takes: name -> function(what)"""
        for what, title, budget, unit, scale in lines:
            self.in_turns(title, {name: lambda t=take, w=what: t(w) for name, take in takes.items()}, budget, unit, scale)

    @contextlib.contextmanager
    def bare(self, *words):
        with running(["unshare", "-r", "-n", "python3", "-c", BARE, *words], stdin=subprocess.PIPE,
                     text=True) as process:
            pids = process.stdout.readline().split()
            if len(pids) != 2:
                raise RuntimeError("no bare interfaces")
            enter = [["nsenter", "-t", pid, "-U", "-n", "--preserve-credentials", "--", f"{self.work}/talk"]
                     for pid in pids]
            with running([*enter[1], "serve", "7000"]):
                until(lambda: subprocess.run([*enter[0], "ask", "10.9.9.2", "7000", "0.01"], check=False,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0)
                yield lambda what: self.talk(enter[0], what, "10.9.9.2", 7000)
            process.stdin.close()
            process.wait()

    # --- networks that containers share ---------------------------------------------------------

    def shared_set_up(self):
        cubby = self.cubby()
        starts = {"first of a network": ("--network", "bench"), "without": ("--network", "none")}
        rows = self.alternate(5, 5, {name: lambda n, o=options: cubby.times(n, "run", "--rm", *o, cubby.image, "true")
                                     for name, options in starts.items()})
        first, none = (self.medians(rows)[name] for name in starts)
        with self.container(cubby, "--network", "bench", name="member"):
            rows = self.alternate(5, 5, {name: lambda n, o=options: cubby.times(n, "run", "--rm", *o, cubby.image, "true")
                                         for name, options in starts.items()})
            later, live = (self.medians(rows)[name] for name in starts)
        self.line("run --rm --network NETWORK IMAGE true, what the network adds",
                  {"first of a network": first, "without": none, "with its holder": first - none,
                   "one more": later - live}, "<= 8 ms, holder included")

    def shared_ports(self):
        port, plain = free_port(), free_port()
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.talker("--network", "bench", "-p", f"{port}:7000", name="published"))
            stack.enter_context(running([f"{self.work}/talk", "serve", str(plain)]))
            fore, back = free_port(), plain
            stack.enter_context(running([f"{self.work}/relay", str(fore), str(back)]))
            until(lambda: self.answers_at(port) and self.answers_at(fore))
            client = [f"{self.work}/talk"]
            self.talk_lines({"cubby": lambda w: self.talk(client, w, "127.0.0.1", port),
                             "bench/relay.c": lambda w: self.talk(client, w, "127.0.0.1", fore),
                             "loopback": lambda w: self.talk(client, w, "127.0.0.1", plain)},
                            (("send", "TCP, host to published port of a user network", ">= 1.2 x bench/relay.c", "Gbit/s", 1e-9),
                             ("fetch", "TCP, published port of a user network to host", ">= 1.2 x bench/relay.c", "Gbit/s", 1e-9),
                             ("ask", "question and answer on a published port of a user network, median",
                              "<= 1.3 x loopback", "us", 1e6)))

    def shared_between(self):
        self.missing("ip", "nsenter", "unshare")
        cubby = self.cubby()
        with contextlib.ExitStack() as stack:
            address = stack.enter_context(self.talker("--network", "bench", name="server"))
            enter = stack.enter_context(self.container(cubby, "--network", "bench", name="client"))
            takes = {"cubby": lambda w: self.talk([*enter, f"{self.work}/talk"], w, address, 7000),
                     "bare bridge": stack.enter_context(self.bare("bridge")),
                     "bare pair": stack.enter_context(self.bare())}
            self.talk_lines(takes, (("send", "TCP, container to container of a user network", ">= 0.9 x bare bridge",
                                     "Gbit/s", 1e-9),
                                    ("ask", "question and answer between containers of a user network, median",
                                     "<= 1.1 x bare bridge", "us", 1e6)))

    def shared_out(self):
        cubby, port, address = self.cubby(), free_port(), host_address()
        with contextlib.ExitStack() as stack:
            stack.enter_context(running([f"{self.work}/talk", "serve", str(port)]))
            clients = {"user network": stack.enter_context(self.container(cubby, "--network", "bench", name="out")),
                       "default": stack.enter_context(self.container(cubby, name="usual")),
                       "loopback": []}
            if shutil.which("slirp4netns"):
                clients["slirp4netns"] = stack.enter_context(self.slirp())
            until(lambda: self.answers_at(port))
            self.talk_lines({name: lambda w, c=c: self.talk([*c, f"{self.work}/talk"], w, address, port)
                             for name, c in clients.items()},
                            (("send", "TCP, container to host", ">= 3 x slirp4netns", "Gbit/s", 1e-9),
                             ("ask", "question and answer of container and host, median", "<= slirp4netns", "us", 1e6),
                             ("connect", "connect(2) of a container to the host, median", "<= slirp4netns", "us", 1e6)))

    def network_shared(self):
        cubby = self.cubby()
        cubby.run("network", "create", "bench")
        try:
            self.each_of(self.shared_set_up, self.shared_out, self.shared_ports, self.shared_between)
        finally:
            cubby.run("network", "rm", "-f", "bench", check=False)

    # --- fast -----------------------------------------------------------------------------------

    def fast_out(self):
        cubby, port, address = self.cubby(), free_port(), host_address()
        with running([f"{self.work}/talk", "serve", str(port)]), \
                self.container(cubby, "--network", "fast", "-v", f"{self.work}/talk:/talk:ro", name="fast"):
            until(lambda: self.answers_at(port))
            inside, outside = [*cubby.command, "exec", "fast", "/talk"], [f"{self.work}/talk"]
            gateway = cubby.run("exec", "fast", "sh", "-c", "awk '/host.containers.internal/{print $1; exit}' /etc/hosts")
            self.talk_lines({"cubby": lambda w: self.talk(inside, w, gateway, port),
                             "loopback": lambda w: self.talk(outside, w, address, port)},
                            (("send", "TCP, container to host, --network fast", ">= 0.9 x loopback", "Gbit/s", 1e-9),
                             ("fetch", "TCP, host to container, --network fast", ">= 0.9 x loopback", "Gbit/s", 1e-9),
                             ("connect", "connect(2) of a container, --network fast, median", "none: each connection pays it once", "us", 1e6)))

    def fast_ports(self):
        port, plain = free_port(), free_port()
        with self.talker("--network", "fast", "-p", f"{port}:7000", name="fastserver"), \
                running([f"{self.work}/talk", "serve", str(plain)]):
            until(lambda: self.answers_at(port) and self.answers_at(plain))
            client = [f"{self.work}/talk"]
            self.talk_lines({"cubby": lambda w: self.talk(client, w, "127.0.0.1", port),
                             "loopback": lambda w: self.talk(client, w, "127.0.0.1", plain)},
                            (("send", "TCP, host to published port, --network fast", ">= 0.9 x loopback", "Gbit/s", 1e-9),
                             ("fetch", "TCP, published port to host, --network fast", ">= 0.9 x loopback", "Gbit/s", 1e-9),
                             ("ask", "question and answer on a published port, --network fast, median",
                              "<= 1.3 x loopback", "us", 1e6)))

    def network_fast(self):
        self.each_of(self.fast_out, self.fast_ports)
