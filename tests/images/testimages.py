#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Make the test images: many odd layers, and malicious ones.

  testimages.py layers --store DIR --busybox FILE    test/layers:40 and its relatives
  testimages.py evil   --store DIR                   test/evil-*, also as DIR/evil/NAME.tar
"""
import argparse
import gzip
import hashlib
import io
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))
from mkimage import Layer, Store  # noqa: E402

EPOCH = 1735689600          # 2025-01-01, the time stamp of every file not said otherwise
PAX, GNU, USTAR = tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT
ENV = {"Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],
       "Cmd": ["/bin/sh"]}
UP = "../" * 24             # out of any root file system


def noise(seed, size):
    """The same incompressible bytes every time."""
    out, i = bytearray(), 0
    while len(out) < size:
        out += hashlib.sha256(f"{seed}/{i}".encode()).digest()
        i += 1
    return bytes(out[:size])


class Tar:
    """A tar stream, written entry by entry."""

    def __init__(self, title, fmt=PAX, kind="gzip"):
        self.title, self.fmt, self.kind = title, fmt, kind
        self.buf = io.BytesIO()

    def entry(self, name, data=b"", type=tarfile.REGTYPE, mode=0o644, uid=0, gid=0, mtime=EPOCH,
              link="", dev=None, xattrs=None, pax=None, patch=None):
        if isinstance(data, str):
            data = data.encode()
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.uid, info.gid, info.mtime = type, mode, uid, gid, mtime
        info.linkname, info.size = link, len(data)
        if dev:
            info.devmajor, info.devminor = dev
        for key, value in (xattrs or {}).items():
            info.pax_headers["SCHILY.xattr." + key] = value
        info.pax_headers.update(pax or {})
        header = info.tobuf(self.fmt, "utf-8", "surrogateescape")
        if patch:
            header = header[:-512] + patch(bytearray(header[-512:]))
        self.raw(header)
        self.raw(data + b"\0" * (-len(data) % 512))
        return self

    def raw(self, data):
        self.buf.write(data)
        return self

    def file(self, name, data="", **kw):
        return self.entry(name, data, **kw)

    def dir(self, name, mode=0o755, **kw):
        return self.entry(name, type=tarfile.DIRTYPE, mode=mode, **kw)

    def sym(self, name, target, **kw):
        return self.entry(name, type=tarfile.SYMTYPE, mode=0o777, link=target, **kw)

    def hard(self, name, target, **kw):
        return self.entry(name, type=tarfile.LNKTYPE, link=target, **kw)

    def fifo(self, name, mode=0o644, **kw):
        return self.entry(name, type=tarfile.FIFOTYPE, mode=mode, **kw)

    def node(self, name, kind, major, minor, mode=0o666, **kw):
        return self.entry(name, type=kind, mode=mode, dev=(major, minor), **kw)

    def whiteout(self, path):
        head, tail = os.path.split(path)
        return self.entry(os.path.join(head, ".wh." + tail))

    def opaque(self, path):
        return self.entry(os.path.join(path, ".wh..wh..opq"))

    def bytes(self, blocks=2):
        return self.buf.getvalue() + b"\0" * 512 * blocks


def checksum(header):
    """Set the checksum of a raw header."""
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header)


def old_v7(header):
    """A header as before POSIX: no magic, regular files have type NUL."""
    header[257:512] = bytes(255)
    if header[156:157] == b"0":
        header[156] = 0
    return checksum(header)


def sparse_gnu(tar, name, size, parts):
    """GNU's own sparse file: type S, a map in the header, here with an extension block."""
    data = b"".join(d for _, d in parts)
    info = tarfile.TarInfo(name)
    info.mtime, info.size, info.type = EPOCH, len(data), b"S"
    header = bytearray(info.tobuf(GNU, "utf-8", "surrogateescape"))
    fields = [b"%011o\0%011o\0" % (offset, len(d)) for offset, d in parts]
    fields.append(b"%011o\0%011o\0" % (size, 0))
    first, rest = b"".join(fields[:4]), fields[4:]
    header[386:386 + len(first)] = first
    header[482] = 1 if rest else 0
    header[483:495] = b"%011o\0" % size
    tar.raw(checksum(header))
    while rest:
        block = bytearray(512)
        part, rest = b"".join(rest[:21]), rest[21:]
        block[:len(part)] = part
        block[504] = 1 if rest else 0
        tar.raw(bytes(block))
    tar.raw(data + b"\0" * (-len(data) % 512))


def sparse_pax(tar, name, size, parts):
    """The sparse file of PAX format 1.0: the map comes before the data."""
    table = "".join(f"{offset}\n{len(d)}\n" for offset, d in parts)
    table = f"{len(parts) + 1}\n{table}{size}\n0\n".encode()
    table += b"\0" * (-len(table) % 512)
    folder, base = os.path.split(name)
    tar.entry(f"{folder}/GNUSparseFile.0/{base}", table + b"".join(d for _, d in parts),
              pax={"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": name,
                   "GNU.sparse.realsize": str(size)})


def capability(bits, effective=True):
    """security.capability, revision 2, as text that is safe in a PAX record."""
    raw = struct.pack("<IIIII", 0x02000000 | effective, bits, 0, 0, 0)
    return raw.decode("ascii")


# ---------------------------------------------------------------------------
# test/layers:40
# ---------------------------------------------------------------------------
def forty(busybox):
    """Forty layers; what each does is its title and becomes the history."""
    out = []

    def layer(title, fmt=PAX, kind="gzip"):
        tar = Tar(title, fmt, kind)
        out.append(tar)
        return tar

    t = layer("busybox and the first folders")
    t.dir("bin").file("bin/busybox", busybox, mode=0o755)
    for name in ("sh", "ls", "cat", "stat", "find", "sha256sum", "readlink", "id", "sleep", "test"):
        t.hard("bin/" + name, "bin/busybox", mode=0o755)
    t.dir("etc").file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n")
    t.file("etc/group", "root:x:0:\nuser:x:1000:\nextra:x:2000:user\n")
    t.dir("root", 0o700).dir("tmp", 0o1777).dir("proc", 0o555).dir("sys", 0o555).dir("dev")

    t = layer("files to be deleted later")
    t.dir("w").file("w/gone", "gone\n").file("w/back", "first\n").file("w/stay", "stay\n")
    t.file("w/.whale", "this is no whiteout\n").file("w/wh.x", "nor this\n")
    t.dir("w/d").file("w/d/1", "1\n").dir("w/d/e").file("w/d/e/2", "2\n")
    t.dir("w/half").file("w/half/a", "a\n").file("w/half/b", "b\n")

    t = layer("whiteouts of files and of a folder with content")
    t.whiteout("w/gone").whiteout("w/back").whiteout("w/d").whiteout("w/half/a")

    layer("a deleted file and a deleted folder come back").file("w/back", "second\n") \
        .dir("w/d", 0o750, uid=7, gid=8).file("w/d/new", "new\n")

    t = layer("folders to be made opaque")
    for top in ("o1", "o2", "o3", "o3/in"):
        t.dir(top).file(top + "/old", "old\n").dir(top + "/sub").file(top + "/sub/deep", "deep\n")

    layer("opaque marker before its new content").dir("o1", 0o711).opaque("o1") \
        .file("o1/new", "new\n")

    layer("opaque marker after its new content").dir("o2").file("o2/new", "new\n") \
        .dir("o2/sub").file("o2/sub/new", "new\n").opaque("o2")

    layer("opaque marker deep inside, parent not opaque").dir("o3").dir("o3/in").opaque("o3/in") \
        .file("o3/in/new", "new\n")

    t = layer("hard links")
    t.dir("h").dir("h/other").file("h/a", "linked\n", mode=0o640, uid=1000, gid=1000)
    for name in ("h/b", "h/c", "h/other/d"):
        t.hard(name, "h/a", mode=0o640, uid=1000, gid=1000)
    t.file("h/p", "pair\n").hard("h/q", "h/p")

    layer("one name of four gets new content; the others keep the old").file("h/a", "changed\n")

    layer("one more name of them is deleted").whiteout("h/b")

    layer("both names of a pair again, linked, with new content") \
        .file("h/p", "pair, new\n", mode=0o600).hard("h/q", "h/p", mode=0o600)

    t = layer("things that change their type later")
    t.dir("r").dir("r/dir-file").file("r/dir-file/x", "x\n").dir("r/dir-file/y")
    t.file("r/file-dir", "a file\n").dir("r/dir-link").file("r/dir-link/x", "x\n")
    t.sym("r/link-dir", "dir-link").sym("r/link-file", "file-dir").file("r/file-link", "a file\n")
    t.file("r/file-fifo", "a file\n").sym("r/link-link", "one").dir("r/target")
    t.file("r/target/keep", "keep\n")

    layer("a folder becomes a file").file("r/dir-file", "now a file\n")

    layer("a file becomes a folder").dir("r/file-dir", 0o700).file("r/file-dir/z", "z\n")

    t = layer("symbolic links come and go")
    t.sym("r/dir-link", "target").dir("r/link-dir").file("r/link-dir/own", "own\n")
    t.file("r/link-file", "now a file\n").sym("r/file-link", "/r/target/keep")
    t.sym("r/link-link", "two").fifo("r/file-fifo", 0o620)

    t = layer("symbolic links: absolute, relative, dangling, looping, long, strange")
    t.dir("s").sym("s/absolute", "/etc/passwd").sym("s/relative", "../etc/passwd")
    t.sym("s/dangling", "no/such/file").sym("s/loop1", "loop2").sym("s/loop2", "loop1")
    t.sym("s/self", "self").sym("s/dot", ".").sym("s/up", "../../../../../../..")
    t.sym("s/long", "/".join(["x" * 50] * 8)).sym("s/unicode", "Grüße/日本")
    t.sym("s/owned", "dangling", uid=1000, gid=1000).sym("s/slash", "/tmp/")

    t = layer("long names in PAX records")
    t.dir("long").file("long/" + "p" * 255, "255 bytes\n")
    deep = "long/" + "/".join(f"{i:02}" + "d" * 58 for i in range(6))
    for i in range(1, 7):
        t.dir("/".join(deep.split("/")[:i + 1]))
    t.file(deep + "/end", "a path of 371 bytes\n").hard(deep + "/hard", deep + "/end")
    t.sym("long/pax-target", deep + "/end")

    t = layer("long names in GNU records", GNU)
    t.file("long/" + "g" * 240, "gnu\n").hard("long/gnu-hard", "long/" + "g" * 240)
    t.sym("long/gnu-target", "/" + deep + "/end").file("long/" + "k" * 95, "100 bytes, no NUL\n")

    t = layer("long names split in two (USTAR)", USTAR)
    t.dir("long/" + "u" * 100).file("long/" + "u" * 100 + "/" + "v" * 99, "ustar\n")

    t = layer("names: Unicode, blanks, quotes, controls, globs")
    t.dir("n")
    for name in ("Ünïcödé", "e\u0301-decomposed", "\u00e9-composed", "日本語", "😀", "שלום",
                 "with space", " lead", "trail ", "tab\there", "new\nline", "back\\slash", 'q"uote',
                 "apo'strophe", "-dash", "*", "?", "[a]", "$HOME", "`id`", "A", "a", "%41", "...",
                 "..x", "#", "a:b", "a=b", "~", "\x01ctl", "\u200bzero-width"):
        t.file("n/" + name, name + "\n")

    t = layer("a name that is not UTF-8", GNU)
    t.file(os.fsdecode(b"n/latin1-\xe4\xf6\xfc"), "latin1\n")
    t.file(os.fsdecode(b"n/\xff\xfe"), "bytes\n")

    t = layer("modes")
    t.dir("m")
    for mode in (0o0, 0o1, 0o111, 0o200, 0o444, 0o777, 0o4755, 0o2755, 0o6711, 0o1644, 0o4000):
        t.file(f"m/f{mode:04o}", f"{mode:o}\n", mode=mode)
    for mode in (0o0, 0o111, 0o300, 0o1777, 0o2775, 0o3770):
        t.dir(f"m/d{mode:04o}", mode).file(f"m/d{mode:04o}/in", "in\n")

    t = layer("owners; set-uid files that are not root's")
    t.dir("u", uid=1000, gid=1000)
    for uid, gid in ((0, 0), (1, 1), (1000, 0), (0, 1000), (65534, 65534), (65535, 65535),
                     (33, 4), (999, 50000)):
        t.file(f"u/{uid}-{gid}", "", uid=uid, gid=gid)
        t.sym(f"u/l{uid}-{gid}", "x", uid=uid, gid=gid)
    t.file("u/suid", "s\n", mode=0o4755, uid=1000, gid=1000)
    t.file("u/sgid", "s\n", mode=0o2755, uid=65534, gid=33)
    t.dir("u/dir", 0o2770, uid=1000, gid=2000)

    t = layer("extended attributes")
    t.dir("x", xattrs={"user.on.dir": "yes"})
    t.file("x/plain", "x\n", xattrs={"user.one": "1", "user.two": "zwei ü"})
    t.file("x/binary", "x\n", xattrs={"user.binary": "\x00\x01\x02=\n\x7f"})
    t.file("x/large", "x\n", xattrs={"user.large": "v" * 2000})
    t.file("x/equals", "x\n", xattrs={"user.mime_type": "text/plain; a=b"})
    t.file("x/later", "x\n", xattrs={"user.old": "old"})

    t = layer("file capabilities, also on a file that is not root's")
    t.dir("x", xattrs={"user.on.dir": "yes"})
    t.file("x/cap", "x\n", mode=0o755, xattrs={"security.capability": capability(1 << 10)})
    t.file("x/cap-user", "x\n", mode=0o755, uid=1000, gid=1000,
           xattrs={"security.capability": capability(1 << 13 | 1 << 12)})

    layer("a file's attributes are replaced, not merged").dir("x", xattrs={"user.on.dir": "yes"}) \
        .file("x/later", "x\n", xattrs={"user.new": "new"})

    layer("only a file's mode and owner change") \
        .file("w/stay", "stay\n", mode=0o4511, uid=12, gid=34)

    layer("only a folder's mode and owner change; its content stays") \
        .dir("r/target", 0o1733, uid=44, gid=55)

    t = layer("sparse file, PAX 1.0")
    t.dir("sp")
    sparse_pax(t, "sp/pax", 2 << 20, [(4096, noise("pax", 4096)), (1 << 20, noise("pax2", 512))])
    t.file("sp/after-pax", "still in step\n")

    t = layer("sizes round a block")
    t.dir("z")
    for size in (0, 1, 511, 512, 513, 1023, 1024, 65535, 65536, 1048577):
        t.file(f"z/{size}", noise(f"size{size}", size))
    t.dir("z/empty-dir").fifo("z/fifo", 0o600, uid=1000)

    t = layer("a global PAX header; times before 1970 and with fractions")
    t.entry("pax_global_header", b"52 comment=0123456789abcdef0123456789abcdef01234567\n",
            type=b"g", mode=0o666)
    t.dir("t").file("t/before", "1960\n", mtime=-315619200)
    t.file("t/fraction", "f\n", mtime=1500000000.123456789)
    t.file("t/zero", "0\n", mtime=0).file("t/y2038", "2040\n", mtime=2208988800)

    t = layer("old tar headers, no magic", USTAR)
    t.dir("v7", patch=old_v7).file("v7/file", "old\n", patch=old_v7)
    t.sym("v7/link", "file", patch=old_v7).hard("v7/hard", "v7/file", patch=old_v7)

    t = layer("names with ./ in front, an entry for the root, a folder after its content")
    t.dir("./").file("./dot/f", "f\n").file("./dot//g", "g\n").dir("./dot", 0o750, uid=3, gid=4)

    layer("whiteouts of things that never were").whiteout("never").dir("w").whiteout("w/never")

    layer("an empty layer")
    layer("the same empty layer again")

    t = layer("zstd: two frames and a skippable one between them", kind="zstd")
    t.dir("c").file("c/zstd", noise("zstd", 300000))
    t.dir("many")
    for i in range(600):
        t.file(f"many/{i:03}", f"{i}\n")

    t = layer("not compressed", kind="none")
    t.file("c/none", "none\n").dir("c/kept").file("c/kept/1", "1\n")

    t = layer("gzip of three members; zeros after the end that count for the diff id",
              kind="members")
    t.whiteout("many").file("c/members", noise("members", 200000)).file("last", "the end\n")
    assert len(out) == 40, len(out)
    return out


def to_layer(store, tar):
    """Compress one Tar in its own way."""
    data = tar.bytes()
    if tar.kind == "members":
        data += bytes(16384)
        cut = len(data) // 3
        blob = b""
        for i, part in enumerate((data[:cut], data[cut:2 * cut], data[2 * cut:])):
            member = io.BytesIO()
            with gzip.GzipFile(f"part{i}.tar", "wb", 6, member, mtime=EPOCH) as f:
                f.write(part)
            blob += member.getvalue()
        kind = "gzip"
    elif tar.kind == "zstd":
        cut = len(data) // 2
        blob = zstd(data[:cut]) + struct.pack("<II", 0x184D2A50, 5) + b"skip!" + zstd(data[cut:])
        kind = "zstd"
    elif tar.kind == "none":
        blob, kind = data, "none"
    else:
        blob, kind = gz(data), "gzip"
    digest, size = store.add_bytes(blob)
    return Layer(digest, size, "sha256:" + hashlib.sha256(data).hexdigest(), kind, tar.title)


def gz(data):
    return gzip.compress(data, 6, mtime=0)


def zstd(data):
    return subprocess.run(["zstd", "-q", "-c", "-3"], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def history_of(layers):
    """As real images have it: more lines of history than layers."""
    out = []
    for i, layer in enumerate(layers):
        out.append({"created": "2025-01-01T00:00:00Z", "created_by": layer.created_by})
        if i % 10 == 4:
            out.append({"created": "2025-01-01T00:00:00Z", "created_by": f"ENV STEP={i}",
                        "empty_layer": True})
    return out


def cmd_layers(args):
    store = Store(args.store)
    with open(args.busybox, "rb") as f:
        busybox = f.read()

    def put(name, tars, config=None):
        layers = [to_layer(store, tar) for tar in tars]
        repo = name.rsplit(":", 1)[0]
        desc = store.image([repo], layers, config or ENV, args.arch, EPOCH,
                           history=history_of(layers))
        store.publish(name, desc)

    base = Tar("busybox").dir("bin").file("bin/busybox", busybox, mode=0o755) \
        .hard("bin/sh", "bin/busybox", mode=0o755)
    put("test/layers:40", forty(busybox))

    # what clients do differently; README says what is right
    low = Tar("a folder with its own mode and owner").dir("secret", 0o700, uid=1000, gid=1000) \
        .file("secret/a", "a\n").dir("real").file("real/a", "a\n").sym("alias", "real")
    put("test/implicit:1", [base, low, Tar("no entry for the parents").file("secret/b", "b\n")
                            .file("fresh/one/two", "2\n")])
    put("test/through-link:1", [base, low, Tar("a path through a link of a lower layer")
                                .file("alias/b", "b\n")])
    put("test/hardlink-across:1", [base, low, Tar("a hard link to a file of a lower layer")
                                   .hard("real/b", "real/a")])
    put("test/whiteout-nothing:1", [base, low, Tar("whiteouts where nothing is")
                                    .whiteout("real/no/such/dir").whiteout("no/such/dir")])
    put("test/highids:1", [base, Tar("owners that no map of 65536 ids can hold")
                           .file("high", "h\n", uid=70000, gid=70000)
                           .file("huge", "h\n", uid=4294967294, gid=4294967294)])
    put("test/devices:1", [base, Tar("device nodes, as old base images have them").dir("dev")
                           .node("dev/null", tarfile.CHRTYPE, 1, 3)
                           .node("dev/sda", tarfile.BLKTYPE, 8, 0, 0o660, gid=6)
                           .file("after", "after\n")])
    t = Tar("sparse files, GNU's own format", GNU).dir("sp")
    sparse_gnu(t, "sp/gnu", 3 << 20, [(i << 19, noise(f"sparse{i}", 1024)) for i in range(6)])
    sparse_gnu(t, "sp/hole", 1 << 20, [])
    put("test/sparse-gnu:1", [base, t.file("sp/after", "still in step\n")])
    desc = store.image(["test/artifact"], [to_layer(store, Tar("a chart").file("x", "x\n"))], {},
                       args.arch, EPOCH, tweak_config=lambda _: b'{"name":"chart"}',
                       tweak_manifest=lambda m: {**m, "config": {
                           **m["config"], "mediaType": "application/vnd.example.chart.v1+json"}})
    store.publish("test/artifact:1", desc)


# ---------------------------------------------------------------------------
# test/evil-*
# ---------------------------------------------------------------------------
EVIL = []


def evil(verdict, text):
    def add(func):
        EVIL.append((func.__name__.replace("_", "-"), verdict, text, func))
        return func
    return add


def mark(name):
    """The file on the host that an attack tries to make."""
    return f"tmp/cubby-evil-{name}"


@evil("contain", "names with ../ that lead out of the root")
def dotdot(_):
    return [Tar("x").file(UP + mark("dotdot"), "evil\n").dir("a")
            .file("a/b/" + UP + mark("dotdot"), "evil\n").file("a/../ok", "ok\n")
            .sym(UP + mark("dotdot-link"), "x").dir(UP + mark("dotdot-dir"))]


@evil("contain", "absolute names; they belong below the image's root")
def absolute(_):
    return [Tar("x").dir("/tmp", 0o1777).file("/" + mark("absolute"), "inside\n")
            .file("//tmp//cubby-evil-absolute2", "inside\n")]


@evil("contain", "a symbolic link out of the root, then a file written through it, in one layer")
def symlink(_):
    return [Tar("x").sym("abs", "/tmp").file("abs/cubby-evil-symlink", "evil\n")
            .sym("rel", UP + "tmp").file("rel/cubby-evil-symlink", "evil\n")
            .sym("one", "abs").dir("one/cubby-evil-symlink-dir")
            .sym("file", "/" + mark("symlink")).file("file", "evil\n")]


@evil("contain", "the same over two layers")
def symlink_layers(_):
    return [Tar("x").sym("abs", "/tmp").sym("rel", UP + "tmp")
            .sym("dangling", "/" + mark("symlink-layers")),
            Tar("y").file("abs/cubby-evil-symlink-layers", "evil\n")
            .file("rel/cubby-evil-symlink-layers", "evil\n").file("dangling", "evil\n")]


@evil("contain", "hard links to files outside, then new content for them")
def hardlink(_):
    return [Tar("x").hard("h1", UP + "etc/passwd").hard("h2", "/etc/passwd")
            .sym("l", "/etc").hard("h3", "l/passwd").file("h1", "evil\n").file("h2", "evil\n")]


@evil("contain", "a hard link to a symbolic link that leads outside, then written")
def hardlink_symlink(_):
    return [Tar("x").sym("s", "/" + mark("hardlink-symlink")).hard("h", "s").file("h", "evil\n")]


@evil("contain", "whiteouts of . and .., and through a link out of the root")
def whiteout(_):
    return [Tar("x").dir("d").file("d/keep", "keep\n").sym("abs", "/tmp").sym("rel", UP + "tmp"),
            Tar("y").file(".wh..").file(".wh...").file("d/.wh...").file("d/.wh..")
            .file("abs/.wh.cubby-canary").file("rel/.wh.cubby-canary").file(".wh.")
            .file(UP + "tmp/.wh.cubby-canary")]


@evil("contain", "opaque marker through a link out of the root; other .wh..wh. names")
def opaque(_):
    return [Tar("x").sym("abs", "/tmp/cubby-canary.d").dir("d").file("d/a", "a\n"),
            Tar("y").file("abs/.wh..wh..opq").dir("d/.wh..wh.plnk").file(".wh..wh.aufs")
            .file("d/.wh..wh.orph")]


@evil("contain", "device nodes: a disk, memory, and a node named like a common file")
def device(_):
    return [Tar("x").node("sda", tarfile.BLKTYPE, 8, 0).node("mem", tarfile.CHRTYPE, 1, 1)
            .dir("etc").node("etc/passwd", tarfile.CHRTYPE, 1, 3)
            .node("overlay-whiteout", tarfile.CHRTYPE, 0, 0)]


@evil("contain", "one name many times, each time something else; the last one holds")
def duplicate(_):
    return [Tar("x").file("d", "1\n").dir("d").file("d/in", "x\n").sym("d", "/tmp")
            .file("d", "last\n").sym("e", "/tmp").dir("e").file("e/cubby-evil-duplicate", "in\n")]


@evil("contain", "the root itself as a link, a file, without any mode")
def root(_):
    return [Tar("x").dir("./", 0o0).sym("./", "/tmp").sym(".", "/tmp").sym("/", "/tmp")
            .file("cubby-evil-root", "inside\n")]


@evil("contain", "FIFOs where the runtime reads files: opening them must not hang")
def fifo(_):
    return [Tar("x").dir("etc").fifo("etc/passwd").fifo("etc/group").fifo("etc/hosts")
            .fifo("etc/resolv.conf")]


@evil("contain", "mount points and the working folder are links out of the root")
def mountpoints(_):
    t = Tar("x").dir("etc")
    for name in ("proc", "sys", "dev", "run", "work"):
        t.sym(name, UP + mark("mountpoints"))
    for name in ("hosts", "resolv.conf", "hostname", "passwd", "group"):
        t.sym("etc/" + name, UP + mark("mountpoints"))
    return [t]


@evil("contain", "a 4 GiB file in 4 MB of gzip: keep to a limit, or fail and leave nothing")
def bomb(store):
    info = tarfile.TarInfo("zeros")
    info.size, info.mtime = (4 << 30) + 512, EPOCH
    return bomb_layer(store, info.tobuf(GNU), info.size), None


@evil("contain", "a small tar, then 1 GiB of zeros: count them for the diff id, keep none")
def padding(store):
    return bomb_layer(store, Tar("x").file("small", "s\n").bytes(), 1 << 30), None


def bomb_layer(store, head, zeros):
    """gzip members of 64 MiB of zeros, one after the other."""
    chunk = bytes(64 << 20)
    member = gzip.compress(chunk, 9, mtime=0)
    count, rest = divmod(zeros, len(chunk))
    blob = gz(head) + member * count + gz(bytes(rest + 1024))
    h = hashlib.sha256(head)
    for _ in range(count):
        h.update(chunk)
    h.update(bytes(rest + 1024))
    digest, size = store.add_bytes(blob)
    return [Layer(digest, size, "sha256:" + h.hexdigest())]


def one(store, data, diff_id=None, digest=None):
    """A layer of these very bytes."""
    real = "sha256:" + hashlib.sha256(data).hexdigest()
    digest, size = store.add_bytes(data, digest)
    return [Layer(digest, size, diff_id or real)]


GOOD = Tar("x").file("file", "content\n" * 1000).bytes()
GOOD_ID = "sha256:" + hashlib.sha256(GOOD).hexdigest()


@evil("fail", "a layer whose bytes have another digest")
def digest(store):
    return one(store, gz(GOOD), GOOD_ID, "sha256:" + hashlib.sha256(b"another").hexdigest()), None


@evil("fail", "the manifest says a layer is smaller than it is")
def size_small(store):
    return one(store, gz(GOOD + b"small"), "sha256:" + hashlib.sha256(GOOD + b"small").hexdigest()), \
        {"tweak_manifest": lambda m: resize(m, -20)}


@evil("fail", "the manifest says a layer is larger than it is")
def size_large(store):
    return one(store, gz(GOOD + b"large"), "sha256:" + hashlib.sha256(GOOD + b"large").hexdigest()), \
        {"tweak_manifest": lambda m: resize(m, 1 << 40)}


def resize(manifest, by):
    manifest["layers"][0]["size"] += by
    return manifest


@evil("fail", "the diff id in the config is not the layer's")
def diffid(store):
    return one(store, gz(GOOD), "sha256:" + "0" * 64), None


@evil("fail", "gzip ends in the middle")
def truncated(store):
    return one(store, gz(GOOD)[:-30], GOOD_ID), None


@evil("fail", "gzip has a wrong check sum")
def gzip_crc(store):
    data = bytearray(gz(GOOD))
    data[-8] ^= 0xff
    return one(store, bytes(data), GOOD_ID), None


@evil("fail", "the tar ends in the middle of a file")
def tar_truncated(store):
    data = Tar("x").file("file", "content\n" * 1000).buf.getvalue()[:2000]
    return one(store, gz(data), "sha256:" + hashlib.sha256(data).hexdigest()), None


@evil("fail", "a tar header with a wrong check sum")
def tar_checksum(store):
    data = bytearray(GOOD)
    data[10] ^= 0x20
    return one(store, gz(data), "sha256:" + hashlib.sha256(data).hexdigest()), None


@evil("fail", "a tar header with a size of 2^63-1, and one below zero")
def tar_size(store):
    def huge(header):
        header[124:136] = b"\x80\0\0\0" + struct.pack(">Q", (1 << 63) - 1)
        return checksum(header)

    def negative(header):
        header[124:136] = b"\xff" * 12
        return checksum(header)

    data = Tar("x").entry("a", "a\n", patch=negative).entry("b", "b\n", patch=huge).bytes()
    return one(store, gz(data), "sha256:" + hashlib.sha256(data).hexdigest()), None


@evil("fail", "a PAX record whose length lies")
def pax_length(store):
    data = Tar("x").entry("PaxHeaders/x", b"999999999 path=evil\n", type=b"x") \
        .file("x", "x\n").bytes()
    return one(store, gz(data), "sha256:" + hashlib.sha256(data).hexdigest()), None


@evil("fail", "a long name of 1 GiB is announced")
def longname(store):
    def huge(header):
        header[124:136] = b"%011o\0" % (1 << 30)
        return checksum(header)

    data = Tar("x", GNU).entry("././@LongLink", b"x" * 512, type=b"L", patch=huge).bytes()
    return one(store, gz(data), "sha256:" + hashlib.sha256(data).hexdigest()), None


@evil("fail", "a layer that is no tar at all")
def no_tar(store):
    data = noise("no tar", 5000)
    return one(store, gz(data), "sha256:" + hashlib.sha256(data).hexdigest()), None


@evil("fail", "the config is not JSON")
def config(store):
    return one(store, gz(GOOD), GOOD_ID), {"tweak_config": lambda _: b"{not json"}


@evil("fail", "the config has the wrong types everywhere")
def config_types(store):
    return one(store, gz(GOOD), GOOD_ID), {"tweak_config": lambda d: {
        **d, "config": {"Cmd": "sh", "Env": {"A": 1}, "ExposedPorts": [80], "User": 7},
        "rootfs": {"type": "layers", "diff_ids": GOOD_ID}, "history": 5}}


@evil("fail", "the config has more layers than the manifest")
def config_layers(store):
    return one(store, gz(GOOD), GOOD_ID), {"tweak_config": lambda d: {
        **d, "rootfs": {"type": "layers", "diff_ids": [GOOD_ID, GOOD_ID]}}}


@evil("fail", "the config is nested 100000 deep")
def config_deep(store):
    return one(store, gz(GOOD), GOOD_ID), {
        "tweak_config": lambda _: b'{"config":' + b"[" * 100000 + b"]" * 100000 + b"}"}


@evil("fail", "a layer's digest is a path")
def digest_path(store):
    def tweak(manifest):
        manifest["layers"][0]["digest"] = "sha256:../../../../../../../../" + mark("digest-path")
        return manifest
    return one(store, gz(GOOD), GOOD_ID), {"tweak_manifest": tweak}


def cmd_evil(args):
    # Each image is made as a layout of its own (for "load") and in the registry.
    folder = os.path.join(args.store, "evil")
    os.makedirs(folder, exist_ok=True)
    plain = Store(args.store)
    _, base = plain.load("library/busybox:1.35")
    lines = []
    for name, verdict, text, func in EVIL:
        full = "evil-" + name
        with tempfile.TemporaryDirectory(dir=plain.tmp) as tmp:
            store = Store(args.store, os.path.join(tmp, full))
            made = func(store)
            made, more = made if isinstance(made, tuple) else (made, None)
            layers = [to_layer(store, item) if isinstance(item, Tar) else item for item in made]
            if verdict == "contain":
                for layer in base:
                    shutil.copy(plain.layout.blob_path(layer.digest), store.layout.blobs)
                layers = base + layers
            conf = {**ENV, "WorkingDir": "/work"} if name == "mountpoints" else ENV
            repo = "test/" + full
            desc = store.image([repo], layers, conf, args.arch, EPOCH, **(more or {}))
            store.publish(repo + ":1", desc)
            # the archive holds the blobs themselves
            tar = os.path.join(folder, full + ".tar")
            subprocess.run(["tar", "-C", store.layout.path, "--sort=name", "--owner=0", "--group=0",
                            "--numeric-owner", f"--mtime=@{EPOCH}", "-cf", tar + ".new", "."],
                           check=True)
            os.replace(tar + ".new", tar)
        lines.append(f"{full}\t{verdict}\t{text}")
    with open(os.path.join(folder, "list.tsv"), "w", encoding="utf-8") as f:
        f.write("\n".join(sorted(lines)) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("layers", "evil"))
    parser.add_argument("--store", required=True)
    parser.add_argument("--busybox")
    parser.add_argument("--arch", default="amd64")
    args = parser.parse_args()
    {"layers": cmd_layers, "evil": cmd_evil}[args.what](args)


if __name__ == "__main__":
    main()
