#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Measure cubby and podman side by side and print medians, ratios and budgets.

Each line alternates between the peers, so that a noisy moment touches all of them.
"""
import argparse
import glob
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

import build
import images
import network
import networks


# What keeps a container company; whatever else starts meanwhile is somebody else's.
HELPERS = (b"cubby", b"conmon", b"slirp4netns", b"pasta", b"rootlessport", b"fuse-overlayfs")


def read(path):
    try:
        with open(path, "rb") as f:
            return f.read()
    except OSError:
        return b""


class Peer:
    """A program with a store of its own."""

    def __init__(self, name, command, image, bench):
        self.name, self.command, self.image, self.bench = name, command, image, bench

    def run(self, *args, check=True):
        done = subprocess.run([*self.command, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True)
        if check and done.returncode:
            raise RuntimeError(f"{self.name} {' '.join(args)}: status {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout.strip()

    def times(self, count, *args):
        return self.bench.repeat(count, *self.command, *args)


class Bench(build.BuildFigures, images.ImageFigures, network.NetworkFigures, networks.NetworksFigures):
    def __init__(self, work, registry, layout, only):
        self.work, self.registry, self.layout, self.only = work, registry, layout, only
        self.home = os.path.join(work, "home")
        self.peers, self.absent = [], []
        self.find_peers()

    def find_peers(self):
        cubby = os.path.join(self.work, "bin/cubby")
        if os.path.exists(cubby):
            self.peers.append(Peer("cubby", [cubby, "--root", f"{self.home}/c"], "bb:1", self))
        else:
            self.absent.append("cubby (not built)")
        podman = shutil.which("podman")
        if podman:
            self.peers.append(Peer("podman", self.podman(podman, "p"), "localhost/bb:1", self))
        else:
            self.absent.append("podman (not installed)")

    def podman(self, program, store):
        return [program, "--root", f"{self.home}/{store}", "--runroot", f"{self.home}/{store}r",
                "--storage-driver", "overlay", "--cgroup-manager", "cgroupfs", "--events-backend", "file"]

    def repeat(self, count, *command):
        """[(seconds, KiB)] of that many runs."""
        out = subprocess.run([f"{self.work}/repeat", str(count), *command], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
        rows = [line.split() for line in out.stdout.splitlines()]
        bad = [r[3] for r in rows if r[3] != "0"]
        if bad:
            raise RuntimeError(f"{' '.join(command[-6:])}: {len(bad)} of {count} ended with {bad[0]}: "
                               f"{out.stderr.strip()[-300:]}")
        return [(int(r[0]) / 1e6, int(r[1])) for r in rows]

    def alternate(self, rounds, count, peers):
        """peers: name -> function(count) giving rows; all of a name's rows."""
        rows = {name: [] for name in peers}
        for _ in range(rounds):
            for name, take in peers.items():
                rows[name] += take(count)
        return rows

    # --- output --------------------------------------------------------------------------

    def line(self, title, figures, budget, unit="ms", scale=1e3):
        """figures: name -> value in base units; ratios are of cubby to the others."""
        parts = [f"{name} {value * scale:.{1 if value * scale < 100 else 0}f} {unit}"
                 for name, value in figures.items()]
        ours = figures.get("cubby")
        for name, value in figures.items():
            if ours and name != "cubby" and value:
                parts.append(f"= {ours / value:.3f} x {name}")
        print(f"{title}\n    {'; '.join(parts)}\n    budget: {budget}", flush=True)

    def medians(self, rows):
        return {name: statistics.median(r[0] for r in got) for name, got in rows.items()}

    def section(self, work):
        if self.only and work.__name__ not in self.only:
            return
        try:
            work()
        except (RuntimeError, OSError, subprocess.SubprocessError) as err:
            print(f"{work.__name__}: not measured: {err}", flush=True)

    # --- preparation -----------------------------------------------------------------------

    def make_images(self):
        for peer in self.peers[:]:
            try:
                peer.run("import", "-c", 'CMD ["sh"]', f"{self.work}/busybox.tar", "bb:1")
            except RuntimeError as err:
                self.absent.append(f"{peer.name} ({err})")
                self.peers.remove(peer)

    def floor(self, *options):
        state = f"{self.home}/floor"
        for name in ("u", "w", "m"):
            os.makedirs(f"{state}/{name}", exist_ok=True)
        return lambda n: self.repeat(n, f"{self.work}/floor", *options, f"{self.work}/lower", state)

    def starts(self, *options):
        return {p.name: lambda n, p=p: p.times(n, "run", "--rm", *options, p.image, "true") for p in self.peers}

    # --- the lines -----------------------------------------------------------------------------

    def run_none(self):
        takes = self.starts("--network", "none")
        takes["bare program"] = self.floor()
        rows = self.alternate(5, 5, takes)
        self.line("run --rm --network none IMAGE true", self.medians(rows),
                  "<= 0.07 x podman, <= 1.8 x the bare program")
        self.line("largest process of run, resident",
                  {n: max(r[1] for r in got) for n, got in rows.items() if n != "bare program"},
                  "<= 6 MiB", "MiB", 1 / 1024)

    def run_live(self):
        self.with_live(lambda: self.line(
            "the same while another container lives",
            self.medians(self.alternate(5, 5, self.starts("--network", "none"))), "<= 0.05 x podman"))

    def with_live(self, work):
        started = [p for p in self.peers if p.run("run", "-d", "--network", "none", "--name", "live", p.image,
                                                  "sleep", "100000")]
        try:
            work()
        finally:
            for peer in started:
                peer.run("rm", "-f", "-t", "0", "live", check=False)

    def run_network(self):
        self.line("run --rm IMAGE true, default network",
                  self.medians(self.alternate(5, 4, self.starts())), "<= 0.09 x podman with slirp4netns")

    def exec_true(self):
        self.with_live(lambda: self.line(
            "exec CONTAINER true",
            self.medians(self.alternate(5, 5, {p.name: lambda n, p=p: p.times(n, "exec", "live", "true")
                                               for p in self.peers})), "<= 0.04 x podman"))

    def ps_many(self):
        many = {"cubby": 1000, "podman": 1}
        for peer in self.peers:
            for _ in range(many[peer.name]):
                peer.run("create", "--network", "none", peer.image, "true")
        try:
            rows = self.alternate(5, 4, {p.name: lambda n, p=p: p.times(n, "ps", "-a") for p in self.peers})
            self.line("ps -a (cubby with 1,000 containers, podman with 1)", self.medians(rows), "<= 25 ms")
            self.line("largest process of ps, resident", {n: max(r[1] for r in got) for n, got in rows.items()},
                      "<= 6 MiB", "MiB", 1 / 1024)
        finally:
            for peer in self.peers:
                ids = peer.run("ps", "-aq").split()
                for at in range(0, len(ids), 200):
                    peer.run("rm", "-f", *ids[at:at + 200], check=False)

    # --- how it grows: cubby alone ----------------------------------------------------------

    def at_once(self, commands):
        """All of these, two at a time, in shells of their own that cost nothing to start."""
        halves = [commands[0::2], commands[1::2]]
        running = [subprocess.Popen(["/bin/sh", "-e"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                    text=True) for _ in halves]
        for process, half in zip(running, halves):
            process.stdin.write("\n".join(" ".join(c) for c in half) + "\n")
            process.stdin.close()
        if any([p.wait() for p in running]):
            raise RuntimeError("one of many commands failed")

    def cubby(self):
        return next(p for p in self.peers if p.name == "cubby")

    def grown(self, have, want):
        peer = self.cubby()
        create = [*peer.command, "create", "--network", "none", peer.image, "true"]
        self.at_once([create] * (want - have))
        ids = peer.run("ps", "-aq").split()
        figures = {"ps -a": statistics.median(r[0] for r in peer.times(7, "ps", "-a")),
                   "ps": statistics.median(r[0] for r in peer.times(7, "ps")),
                   "inspect": statistics.median(r[0] for r in peer.times(7, "inspect", ids[want // 2])),
                   "inspect by prefix": statistics.median(
                       r[0] for r in peer.times(7, "inspect", ids[want // 2][:12])),
                   "create": statistics.median(r[0] for r in peer.times(
                       7, "create", "--network", "none", peer.image, "true"))}
        ids = peer.run("ps", "-aq", "--last", "7").split()
        figures["rm"] = statistics.median(peer.times(1, "rm", name)[0][0] for name in ids)
        self.line(f"with {want:,} containers", figures,
                  "ps -a <= 25 ms at 1,000 and <= 250 ms at 10,000; the others stay as they are")

    def scale(self):
        peer = self.cubby()
        try:
            self.grown(0, 1000)
            self.grown(1000, 10000)
        finally:
            begin = time.monotonic()
            ids = peer.run("ps", "-aq").split()
            for at in range(0, len(ids), 1000):
                peer.run("rm", *ids[at:at + 1000], check=False)
            print(f"    all {len(ids):,} removed in {time.monotonic() - begin:.1f} s", flush=True)

    def images_many(self):
        peer = self.cubby()
        names = [f"many:{n}" for n in range(1000)]
        begin = time.monotonic()
        self.at_once([[*peer.command, "tag", peer.image, name] for name in names])
        tagged = (time.monotonic() - begin) / len(names)
        rows = self.alternate(3, 3, {"images": lambda n: peer.times(n, "images"),
                                     "image inspect": lambda n: peer.times(n, "image", "inspect", "many:500"),
                                     "run": lambda n: peer.times(n, "run", "--rm", "--network", "none",
                                                                 "many:500", "true")})
        self.line("with 1,000 images", {**self.medians(rows), "tag": tagged}, "linear")
        peer.run("rmi", "-f", *names, check=False)

    def running(self):
        peer = self.cubby()
        before = self.processes()
        begin = time.monotonic()
        self.at_once([[*peer.command, "run", "-d", "--network", "none", peer.image, "sleep", "100000"]] * 200)
        started = (time.monotonic() - begin) / 200
        total, _ = self.pss(self.ours(peer, self.processes() - before))
        rows = self.alternate(3, 3, {"ps": lambda n: peer.times(n, "ps"),
                                     "run": lambda n: peer.times(n, "run", "--rm", "--network", "none",
                                                                 peer.image, "true")})
        self.line("with 200 running containers", {**self.medians(rows), "run -d, each": started}, "linear")
        self.line("PSS of a monitor among them", {"cubby": total / 200}, "<= 1 MiB private", "MiB", 1 / 1024)
        begin = time.monotonic()
        peer.run("rm", "-f", "-t", "0", *peer.run("ps", "-q").split())
        print(f"    all removed in {time.monotonic() - begin:.1f} s", flush=True)

    def parallel(self):
        figures = {}
        for peer in self.peers:
            begin = time.monotonic()
            running = [subprocess.Popen([*peer.command, "run", "--rm", "--network", "none", peer.image, "true"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL) for _ in range(100)]
            failed = sum(p.wait() != 0 for p in running)
            figures[peer.name] = time.monotonic() - begin
            if failed:
                print(f"{peer.name}: {failed} of 100 parallel runs failed")
        self.line("100 run --rm at once", figures, "no failure, <= 0.10 x podman", "s", 1)

    def processes(self):
        return {int(p.split("/")[2]) for p in glob.glob("/proc/[0-9]*/smaps_rollup")}

    def ours(self, peer, pids):
        """Those of the new processes that belong to this peer; others may be at work meanwhile."""
        if peer.name == "podman":
            helpers = ("conmon", "slirp4netns", "rootlessport", "pasta", "aardvark")
            return {p for p in pids
                    if os.path.basename(read(f"/proc/{p}/cmdline").split(b"\0")[0].decode()).startswith(helpers)}
        store = f"{self.home}/c".encode()
        found = {p for p in pids if store in read(f"/proc/{p}/cmdline") or store in read(f"/proc/{p}/mountinfo")}
        parents = {p: int((read(f"/proc/{p}/stat").rpartition(b")")[2].split() or [b"", b"0"])[1]) for p in pids}
        return found | {p for p in pids if parents[p] in found}

    def pss(self, pids):
        total, names = 0, []
        for pid in pids:
            try:
                with open(f"/proc/{pid}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
                if not os.path.basename(words[0]).startswith(HELPERS):
                    continue
                with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
                    total += next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
                names.append(os.path.basename(words[0].decode()))
            except (OSError, StopIteration):
                continue
        return total, names

    def idle(self):
        figures = {}
        for number, peer in enumerate(self.peers):
            before = self.processes()
            peer.run("run", "-d", "--name", "idle", "-p", f"{18080 + number}:80", peer.image, "sleep", "100000")
            time.sleep(2)                   # idle is what comes after a start
            total, names = self.pss(self.ours(peer, self.processes() - before))
            figures[peer.name] = total
            print(f"{peer.name} keeps: {', '.join(sorted(names))}")
            peer.run("rm", "-f", "-t", "0", "idle")
        self.line("idle container with a network and a port, PSS of all helpers", figures, "<= 2 MiB",
                  "MiB", 1 / 1024)

    def layers(self, name):
        """The layers of an image of the layout, the largest first."""
        blobs = os.path.join(self.layout, "blobs/sha256")
        for entry in json.loads(read(os.path.join(self.layout, "index.json")))["manifests"]:
            if name in (entry.get("annotations") or {}).values():
                found = json.loads(read(os.path.join(blobs, entry["digest"].partition(":")[2])))["layers"]
                found.sort(key=lambda layer: -layer["size"])
                return [os.path.join(blobs, layer["digest"].partition(":")[2]) for layer in found]
        raise RuntimeError(f"no {name} in {self.layout}")

    def unpack_barely(self, name):
        """What is left of a pull without network, digests and safety: two at a time, as cubby does it."""
        place = f"{self.home}/bare"
        inner = 'd=$(basename "$1") && mkdir -p "$d" && igzip -dc < "$1" | tar x -C "$d" --no-same-owner'
        script = f'mkdir {place} && cd {place} && printf "%s\\0" "$@" | xargs -0 -n1 -P2 sh -c \'{inner}\' sh'
        rows = self.repeat(1, "sh", "-c", script, "sh", *self.layers(name))
        shutil.rmtree(place)
        return rows

    def memory(self, command):
        """KiB that a command and all below it have resident at most; what they share counts for each."""
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        most = 0
        while running.poll() is None:
            total, pids = 0, [running.pid]
            while pids:
                pid = pids.pop()
                for line in read(f"/proc/{pid}/status").splitlines():
                    if line.startswith(b"VmRSS:"):
                        total += int(line.split()[1])
                for path in glob.glob(f"/proc/{pid}/task/*/children"):
                    pids += [int(p) for p in read(path).split()]
            most = max(most, total)
            time.sleep(0.02)
        return most

    def pull(self):
        image = f"{self.registry}/test/big:1"
        rows, memory = {}, {}
        barely = shutil.which("igzip") is not None
        for turn in range(3):
            for peer in self.peers:
                store = f"pull-{peer.name}-{turn}"
                command = [peer.command[0], "--root", f"{self.home}/{store}"] if peer.name == "cubby" \
                    else self.podman(peer.command[0], store)
                wanted = [*command, "pull", "-q", "--tls-verify=false", image]
                rows.setdefault(peer.name, []).extend(self.repeat(1, *wanted))
                subprocess.run([*command, "unshare", "rm", "-rf", f"{self.home}/{store}"], check=False,
                               stderr=subprocess.DEVNULL)
                if not turn:
                    memory[peer.name] = self.memory(wanted)
                    subprocess.run([*command, "unshare", "rm", "-rf", f"{self.home}/{store}"], check=False,
                                   stderr=subprocess.DEVNULL)
            if barely:
                rows.setdefault("igzip | tar", []).extend(self.unpack_barely("test/big:1"))
        if not barely:
            print("absent: igzip (not installed)")
        self.line("pull of test/big:1 from loopback (8 layers, 840 MB unpacked)", self.medians(rows),
                  "<= 0.25 x podman, <= 1.3 x igzip | tar, two at a time", "s", 1)
        self.line("all processes of pull, resident", memory, "<= 64 MiB", "MiB", 1 / 1024)

    def single(self):
        """Images that are one file: making one of blobs that are here, and running it."""
        cubby = self.cubby()
        big, small = f"{self.registry}/test/big:1", f"{self.registry}/library/nginx:1.22"
        out = f"{self.home}/out.sqfs"
        cubby.run("pull", "-q", "--tls-verify=false", big)
        cubby.run("pull", "-q", "--tls-verify=false", small)
        cubby.run("save", "--format", "squashfs", "-o", out, small)
        peers = {"cubby": lambda n: cubby.times(n, "run", "--rm", "--network", "none", out, "true"),
                 "unpacked": lambda n: cubby.times(n, "run", "--rm", "--network", "none", small, "true")}
        self.line("run --rm --network none of a single file", self.medians(self.alternate(4, 5, peers)), "<= 60 ms")
        plain = 'for b; do "$0" -dc < "$b" > /dev/null; done'
        makers = {"cubby": lambda n: cubby.times(n, "save", "--format", "squashfs", "-o", out, big)}
        for program in ("gzip", "igzip"):
            if shutil.which(program):
                makers[f"{program} -dc"] = lambda n, p=program: self.repeat(
                    n, "sh", "-c", plain, p, *self.layers("test/big:1"))
        rows = self.alternate(3, 1, makers)
        self.line("one file of the layers of test/big:1 (8 layers, 840 MB unpacked)", self.medians(rows),
                  "<= 1.3 x gzip -dc", "s", 1)
        command = [*cubby.command, "save", "--format", "squashfs", "-o", out, big]
        self.line("all processes of that, resident", {"cubby": self.memory(command)}, "<= 64 MiB", "MiB", 1 / 1024)
        os.unlink(out)

    def all(self):
        self.make_images()
        for text in self.absent:
            print(f"absent: {text}")
        if not self.peers:
            sys.exit("nobody to measure")
        for work in (self.run_none, self.run_live, self.run_network, self.exec_true, self.ps_many,
                     self.scale, self.images_many, self.running, self.parallel, self.idle, self.network, self.pull,
                     self.single,
                     self.build_cached, self.build_steps, self.build_files, self.build_hashing,
                     self.build_stages,
                     *(getattr(self, work.__name__) for work in self.sections)):
            self.section(work)
        if self.only:                       # parts of what has been measured else
            for work in (self.requests, self.network_default, self.network_shared, self.network_fast):
                self.section(work)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", required=True)
    parser.add_argument("--registry", required=True)
    parser.add_argument("--layout", required=True, help="OCI layout with the images of the registry")
    parser.add_argument("only", nargs="*", help="run_none run_live run_network exec_true ps_many scale images_many running "
                        "parallel idle network requests network_default network_shared network_fast pull single pull_small pull_layer pull_ten pull_memory load push "
                        "build_cached build_steps build_files build_hashing build_stages")
    args = parser.parse_args()
    Bench(args.work, args.registry, args.layout, args.only).all()


if __name__ == "__main__":
    main()
