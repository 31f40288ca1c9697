# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pulls, loads and pushes beside podman and beside what is left without network and care.

The images are those of the tests, and some that are made here: one large layer, 2 GB in one layer, 500
layers. A registry of our own gives them out, as fast as sendfile(2), and counts what is asked for.
"""
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OCI = "application/vnd.oci.image."
LAYER, CONFIG = OCI + "layer.v1.tar+gzip", OCI + "config.v1+json"
GB = 1 << 30


def digest_file(path):
    total = hashlib.sha256()
    with open(path, "rb") as f:
        for part in iter(lambda: f.read(1 << 20), b""):
            total.update(part)
    return "sha256:" + total.hexdigest()


class Shelf:
    """Images that are given out: manifests by name, blobs by digest as files."""

    def __init__(self, folder):
        self.folder, self.blobs, self.manifests, self.asked = folder, {}, {}, []
        self.pushed = set()     # digests of blobs that came; their bytes are not kept
        os.makedirs(folder, exist_ok=True)
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                shelf.answer(self)

            do_HEAD = do_GET

            def do_POST(self):
                shelf.take(self)

            do_PATCH = do_PUT = do_POST

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.where = "127.0.0.1:%d" % self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        found = re.fullmatch(r"/v2/(.+)/(manifests|blobs)/(.+)", request.path)
        if not found:
            return self.say(request, 200 if request.path == "/v2/" else 404, b"")
        name, kind, what = found.groups()
        if request.command == "GET":
            self.asked.append((kind, what))
        if kind == "manifests":
            text = self.manifests.get(name)
            kinds = (("Content-Type", OCI + "manifest.v1+json"),)
            return self.say(request, 200, text, kinds) if text else self.say(request, 404, b"")
        if request.command == "HEAD" and what in self.pushed:
            return self.say(request, 200, b"")
        path = self.blobs.get(what)
        return self.give(request, path) if path else self.say(request, 404, b"")

    def take(self, request):
        """A push: one upload after the other, each hashed as a registry must."""
        left, total = int(request.headers.get("Content-Length", 0)), hashlib.sha256()
        while left:
            part = request.rfile.read(min(left, 1 << 20))
            left -= len(part)
            total.update(part)
        chunked = "chunked" in request.headers.get("Transfer-Encoding", "")
        while chunked:
            size = int(request.rfile.readline(), 16)
            total.update(request.rfile.read(size))
            request.rfile.readline()
            chunked = size > 0
        path, _, query = request.path.partition("?")
        if request.command == "PUT" and "/uploads/" in path:
            self.pushed.add(re.search(r"digest=([^&]+)", query)[1].replace("%3A", ":"))
        where = (("Location", re.sub("/uploads/.*", "/uploads/1", path)),) if "/uploads/" in path else ()
        self.say(request, 202 if request.command in ("POST", "PATCH") else 201, b"", where)

    def say(self, request, status, body, headers=()):
        request.send_response(status)
        for key, value in headers:
            request.send_header(key, value)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(body)

    def give(self, request, path):
        size = os.path.getsize(path)
        request.send_response(200)
        request.send_header("Content-Length", str(size))
        request.end_headers()
        request.wfile.flush()
        if request.command == "HEAD":
            return
        with open(path, "rb") as f:
            at = 0
            while at < size:
                at += os.sendfile(request.connection.fileno(), f.fileno(), at, min(size - at, 1 << 20))

    def keep(self, data):
        name = hashlib.sha256(data).hexdigest()
        path = os.path.join(self.folder, name)
        with open(path, "wb") as f:
            f.write(data)
        self.blobs["sha256:" + name] = path
        return {"digest": "sha256:" + name, "size": len(data)}

    def add(self, name, layers, diffs):
        """layers: [{digest, size}], whose blobs are here."""
        config = json.dumps({"architecture": "amd64", "os": "linux", "config": {},
                             "rootfs": {"type": "layers", "diff_ids": diffs}}).encode()
        self.manifests[name] = json.dumps({
            "schemaVersion": 2, "mediaType": OCI + "manifest.v1+json",
            "config": {"mediaType": CONFIG, **self.keep(config)},
            "layers": [{"mediaType": LAYER, **layer} for layer in layers]}).encode()

    def file_layer(self, path, diff):
        digest = digest_file(path)
        self.blobs[digest] = path
        return {"digest": digest, "size": os.path.getsize(path)}, diff


class ImageFigures:
    """Sections of Bench that move images; mixed into it."""

    shelf = None

    # --- what is pulled -----------------------------------------------------------------------

    def shelves(self):
        if not self.shelf:
            self.shelf = Shelf(f"{self.home}/shelf")
        return self.shelf

    def one_large(self):
        """The largest layer of test/big alone: 160 MB of gzip. Returns its path."""
        shelf, path = self.shelves(), self.layers("test/big:1")[0]
        if "large" not in shelf.manifests:
            plain = subprocess.Popen(["gzip", "-dc", path], stdout=subprocess.PIPE)
            total = hashlib.sha256()
            for part in iter(lambda: plain.stdout.read(1 << 20), b""):
                total.update(part)
            layer, diff = shelf.file_layer(path, "sha256:" + total.hexdigest())
            shelf.add("large", [layer], [diff])
        return path

    def two_gb(self):
        """One layer with a file of 2 GB that packs to a third."""
        shelf, path = self.shelves(), f"{self.home}/two.tar.gz"
        if "two" in shelf.manifests:
            return
        block = b"".join(b"%s %d\n" % (hashlib.sha256(b"%d" % n).hexdigest().encode(), n) for n in range(15000))
        entry, total = tarfile.TarInfo("two"), hashlib.sha256()
        count = 2 * GB // len(block) + 1
        entry.size = count * len(block)
        packer = shutil.which("igzip") or "gzip"
        with open(path, "wb") as out, subprocess.Popen([packer, "-1", "-c"], stdin=subprocess.PIPE,
                                                       stdout=out) as pack:
            tail = bytes(-entry.size % 512 + 1024)
            for part in [entry.tobuf(), *[block] * count, tail]:
                total.update(part)
                pack.stdin.write(part)
            pack.stdin.close()
        layer, diff = shelf.file_layer(path, "sha256:" + total.hexdigest())
        shelf.add("two", [layer], [diff])

    def many_layers(self):
        shelf = self.shelves()
        layers, diffs = [], []
        for n in range(500):
            out = io.BytesIO()
            with tarfile.open(fileobj=out, mode="w") as tar:
                entry = tarfile.TarInfo("f%d" % n)
                tar.addfile(entry)
            layers.append(shelf.keep(gzip.compress(out.getvalue(), 1, mtime=0)))
            diffs.append("sha256:" + hashlib.sha256(out.getvalue()).hexdigest())
        shelf.add("many", layers, diffs)

    # --- pulling ----------------------------------------------------------------------------

    def fresh(self, peer):
        """A command with a store of its own, and how to remove that."""
        self.stores = getattr(self, "stores", 0) + 1
        store = f"i{self.stores}"
        command = [peer.command[0], "--root", f"{self.home}/{store}"] if peer.name == "cubby" \
            else self.podman(peer.command[0], store)
        return command, lambda: subprocess.run([*command, "unshare", "rm", "-rf", f"{self.home}/{store}"],
                                               check=False, stderr=subprocess.DEVNULL)

    def pulls(self, image, turns, bare=None):
        """name -> rows of pulls into empty stores; bare: name -> function that gives one row"""
        rows = {}
        for _ in range(turns):
            for peer in self.peers:
                command, drop = self.fresh(peer)
                rows.setdefault(peer.name, []).extend(
                    self.repeat(1, *command, "pull", "-q", "--tls-verify=false", image))
                drop()
            for name, take in (bare or {}).items():
                rows.setdefault(name, []).extend(take())
        return rows

    def pull_small(self):
        for name in ("library/debian:12-slim", "test/layers:40"):
            self.line(f"pull of {name} from loopback", self.medians(self.pulls(f"{self.registry}/{name}", 3)),
                      "<= 0.25 x podman")

    def inflate_one(self, program, path):
        place = f"{self.home}/bare"
        script = f'mkdir {place} && {program} -dc < "$1" | tar x -C {place} --no-same-owner'
        rows = self.repeat(1, "sh", "-c", script, "sh", path)
        shutil.rmtree(place)
        return rows

    def pull_layer(self):
        path = self.one_large()
        bare = {f"{program} | tar": lambda program=program: self.inflate_one(program, path)
                for program in ("gzip", "igzip") if shutil.which(program)}
        self.line("pull of one large layer (gzip, 161 MB, 480 MB unpacked)",
                  self.medians(self.pulls(f"{self.shelves().where}/large", 3, bare)),
                  "<= 0.40 x gzip | tar (2.5 times as fast), <= 1.3 x igzip | tar", "s", 1)

    def pull_ten(self):
        """Ten pulls of one image into one store, beside one pull."""
        peer, shelf = self.cubby(), self.shelves()
        self.one_large()
        one, ten = [], []
        for _ in range(3):
            command, drop = self.fresh(peer)
            wanted = [*command, "pull", "-q", "--tls-verify=false", f"{shelf.where}/large"]
            one += [r[0] for r in self.repeat(1, *wanted)]
            drop()
            command, drop = self.fresh(peer)
            wanted = [*command, "pull", "-q", "--tls-verify=false", f"{shelf.where}/large"]
            shelf.asked.clear()
            begin = time.monotonic()
            running = [subprocess.Popen(wanted, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL) for _ in range(10)]
            failed = sum(p.wait() != 0 for p in running)
            ten.append(time.monotonic() - begin)
            blobs = [what for kind, what in shelf.asked if kind == "blobs"]
            print(f"    ten pulls: {failed} failed, {len(blobs)} requests for {len(set(blobs))} blobs", flush=True)
            drop()
        self.line("ten pulls of one image at once", {"cubby": statistics.median(ten), "one pull": statistics.median(one)},
                  "<= 1.2 x one pull, each blob asked for once", "s", 1)

    def pull_memory(self):
        """What all processes of a pull have at most, for images that are made to cost memory."""
        self.two_gb()
        self.many_layers()
        figures = {}
        for name, title in (("two", "2 GB in one layer"), ("many", "500 layers")):
            command, drop = self.fresh(self.cubby())
            figures[title] = self.memory([*command, "pull", "-q", "--tls-verify=false",
                                          f"{self.shelves().where}/{name}"])
            drop()
        self.line("all processes of pull, resident", figures, "<= 64 MiB", "MiB", 1 / 1024)

    # --- loading ------------------------------------------------------------------------------

    def load(self):
        """An archive of docker's with 1 GB of files."""
        peer, image = self.cubby(), f"{self.registry}/test/big:1"
        command, drop = self.fresh(peer)
        archive = f"{self.home}/big.tar"
        for words in (("pull", "-q", "--tls-verify=false", image),
                      ("save", "-q", "--format", "docker-archive", "-o", archive, image)):
            subprocess.run([*command, *words], check=True, stdout=subprocess.DEVNULL)
        drop()
        rows, memory = {}, {}
        for turn in range(3):
            for peer in self.peers:
                command, drop = self.fresh(peer)
                wanted = [*command, "load", "-q", "-i", archive]
                if turn:
                    rows.setdefault(peer.name, []).extend(self.repeat(1, *wanted))
                else:
                    memory[peer.name] = self.memory(wanted)
                drop()
        size = os.path.getsize(archive) / 1e6
        os.unlink(archive)
        figures = self.medians(rows)
        self.line(f"load of a docker-archive of {size:.0f} MB", figures, "<= 0.5 x podman, >= 400 MB/s", "s", 1)
        print(f"    cubby: {size / figures['cubby']:.0f} MB/s", flush=True)
        self.line("all processes of load, resident", memory, "<= 64 MiB", "MiB", 1 / 1024)

    # --- pushing --------------------------------------------------------------------------------

    def push(self):
        """nginx, 34 MB of layers: a first time into a registry that has nothing, and again."""
        shelf, image = self.shelves(), f"{self.registry}/library/nginx:1.22"
        first, again = {}, {}
        commands = {}
        for peer in self.peers:
            commands[peer.name], _ = self.fresh(peer)
            subprocess.run([*commands[peer.name], "pull", "-q", "--tls-verify=false", image], check=True,
                           stdout=subprocess.DEVNULL)
        for _ in range(3):
            for name, command in commands.items():
                wanted = [*command, "push", "-q", "--tls-verify=false", image, f"{shelf.where}/pushed/{name}:1"]
                shelf.pushed.clear()
                first.setdefault(name, []).extend(self.repeat(1, *wanted))
                again.setdefault(name, []).extend(self.repeat(3, *wanted))
        self.line("push of library/nginx into an empty registry", self.medians(first), "<= 1 x podman")
        self.line("push with all blobs present", self.medians(again), "<= 50 ms")
        for name, command in commands.items():
            subprocess.run([*command, "unshare", "rm", "-rf", command[command.index("--root") + 1]], check=False,
                           stderr=subprocess.DEVNULL)

    sections = (pull_small, pull_layer, pull_ten, pull_memory, load, push)
