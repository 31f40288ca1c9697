#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Write container images into an OCI layout and into a registry's storage.

Both views share every blob (hard links), so an image takes its space once:

  STORE/oci/       one OCI image layout; index.json names every image
  STORE/registry/  the storage folder of a Distribution registry ("docker-registry")

The registry's storage is written as files, not pushed.  It therefore needs
no running registry, and it can hold images that no registry would accept.
"""
import argparse
import concurrent.futures
import contextlib
import datetime
import fcntl
import gzip
import hashlib
import json
import os
import subprocess
import sys
import tempfile

OCI = "application/vnd.oci.image."
DOCKER = "application/vnd.docker."
TYPES = {
    "oci": {
        "manifest": OCI + "manifest.v1+json",
        "index": OCI + "index.v1+json",
        "config": OCI + "config.v1+json",
        "gzip": OCI + "layer.v1.tar+gzip",
        "zstd": OCI + "layer.v1.tar+zstd",
        "none": OCI + "layer.v1.tar",
    },
    "docker": {
        "manifest": DOCKER + "distribution.manifest.v2+json",
        "index": DOCKER + "distribution.manifest.list.v2+json",
        "config": DOCKER + "container.image.v1+json",
        "gzip": DOCKER + "image.rootfs.diff.tar.gzip",
        "none": DOCKER + "image.rootfs.diff.tar",
    },
}
REF = "org.opencontainers.image.ref.name"


def dump(obj):
    return json.dumps(obj, separators=(",", ":"), ensure_ascii=False).encode()


def timestamp(epoch):
    when = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def sha256_file(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


class Layer:
    """One layer as a descriptor needs it."""

    def __init__(self, digest, size, diff_id, kind="gzip", created_by=""):
        self.digest, self.size, self.diff_id = digest, size, diff_id
        self.kind, self.created_by = kind, created_by


class Layout:
    """An OCI image layout."""

    def __init__(self, path):
        self.path = path
        self.blobs = os.path.join(path, "blobs", "sha256")
        os.makedirs(self.blobs, exist_ok=True)
        marker = os.path.join(path, "oci-layout")
        if not os.path.exists(marker):
            with open(marker, "wb") as f:
                f.write(b'{"imageLayoutVersion":"1.0.0"}')

    def blob_path(self, digest):
        return os.path.join(self.blobs, digest.split(":", 1)[1])

    def index(self):
        try:
            with open(os.path.join(self.path, "index.json"), "rb") as f:
                return json.load(f)
        except FileNotFoundError:
            return {"schemaVersion": 2, "mediaType": TYPES["oci"]["index"], "manifests": []}

    def find(self, ref):
        for d in self.index()["manifests"]:
            if d["annotations"][REF] == ref:
                return d
        sys.exit(f"mkimage: no image {ref} in {self.path}")

    def read(self, digest):
        with open(self.blob_path(digest), "rb") as f:
            return f.read()

    def tag(self, ref, desc):
        index = self.index()
        entry = dict(desc)
        entry["annotations"] = {**desc.get("annotations", {}), REF: ref}
        index["manifests"] = [d for d in index["manifests"] if d["annotations"][REF] != ref]
        index["manifests"].append(entry)
        index["manifests"].sort(key=lambda d: d["annotations"][REF])
        replace(os.path.join(self.path, "index.json"), dump(index))


def replace(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    tmp = path + ".new"
    with open(tmp, "wb") as f:
        f.write(data)
    os.replace(tmp, path)


class Store:
    """The layout and the registry's storage together."""

    def __init__(self, root, layout=None):
        self.root = root
        self.layout = Layout(layout or os.path.join(root, "oci"))
        self.v2 = os.path.join(root, "registry", "docker", "registry", "v2")
        self.tmp = os.path.join(root, "tmp")
        os.makedirs(self.tmp, exist_ok=True)

    @contextlib.contextmanager
    def lock(self):
        with open(os.path.join(self.root, ".index.lock"), "w") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            yield

    # -- blobs ---------------------------------------------------------
    def add_file(self, path, digest=None):
        """Move a file in as a blob; a given digest is believed, right or wrong."""
        size = os.path.getsize(path)
        digest = digest or "sha256:" + sha256_file(path)
        os.chmod(path, 0o644)
        target = self.layout.blob_path(digest)
        os.replace(path, target)
        hexa = digest.split(":", 1)[1]
        data = os.path.join(self.v2, "blobs", "sha256", hexa[:2], hexa, "data")
        os.makedirs(os.path.dirname(data), exist_ok=True)
        link = data + ".new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(link)
        os.link(target, link)
        os.replace(link, data)
        if os.path.exists(link):        # both names were already one file
            os.unlink(link)
        return digest, size

    def add_bytes(self, data, digest=None):
        fd, path = tempfile.mkstemp(dir=self.tmp)
        with os.fdopen(fd, "wb") as f:
            f.write(data)
        return self.add_file(path, digest)

    def compress(self, tar, kind, created_by=""):
        """Compress a tar file into a blob; the tar file stays."""
        command = {
            "gzip": ["gzip", "-n", "-6"],
            "zstd": ["zstd", "-q", "-c", "-3", "--no-check"],
            "none": ["cat"],
        }[kind]
        fd, path = tempfile.mkstemp(dir=self.tmp)
        with open(tar, "rb") as src, os.fdopen(fd, "wb") as out:
            subprocess.run(command, stdin=src, stdout=out, check=True)
        digest, size = self.add_file(path)
        return Layer(digest, size, "sha256:" + sha256_file(tar), kind, created_by)

    # -- the registry's names ------------------------------------------
    def _write_link(self, *parts, digest):
        replace(os.path.join(self.v2, "repositories", *parts, "link"), digest.encode())

    def own(self, repo, digest):
        """Make a blob readable under a repository's name."""
        self._write_link(repo, "_layers", *digest.split(":"), digest=digest)

    def revision(self, repo, digest):
        self._write_link(repo, "_manifests", "revisions", *digest.split(":"), digest=digest)

    def publish(self, ref, desc, registry=True):
        repo, tag = ref.rsplit(":", 1)
        with self.lock():
            self.layout.tag(ref, desc)
        if registry:
            self.revision(repo, desc["digest"])
            tags = (repo, "_manifests", "tags", tag)
            self._write_link(*tags, "index", *desc["digest"].split(":"), digest=desc["digest"])
            self._write_link(*tags, "current", digest=desc["digest"])

    # -- images ----------------------------------------------------------
    def image(self, repos, layers, config, arch, epoch, flavour="oci", variant=None,
              history=None, tweak_manifest=None, tweak_config=None, annotations=None):
        """Write config and manifest; return the manifest's descriptor."""
        types = TYPES[flavour]
        created = timestamp(epoch)
        if history is None:
            history = [{"created": created, "created_by": layer.created_by} for layer in layers]
        document = {"created": created, "architecture": arch}
        if variant:
            document["variant"] = variant
        document.update({
            "os": "linux",
            "config": config,
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
            "history": history,
        })
        if tweak_config:
            document = tweak_config(document)
        raw = document if isinstance(document, bytes) else dump(document)
        digest, size = self.add_bytes(raw)
        manifest = {
            "schemaVersion": 2,
            "mediaType": types["manifest"],
            "config": {"mediaType": types["config"], "digest": digest, "size": size},
            "layers": [{"mediaType": types[layer.kind], "digest": layer.digest, "size": layer.size}
                       for layer in layers],
        }
        if annotations:
            manifest["annotations"] = annotations
        blobs = [digest] + [layer.digest for layer in layers]
        if tweak_manifest:
            manifest = tweak_manifest(manifest)
        raw = manifest if isinstance(manifest, bytes) else dump(manifest)
        mdigest, msize = self.add_bytes(raw)
        for repo in repos:
            for blob in blobs:
                self.own(repo, blob)
            self.revision(repo, mdigest)
        return {"mediaType": types["manifest"], "digest": mdigest, "size": msize}

    def load(self, ref):
        """An image of the layout: its config document and its layers."""
        manifest = json.loads(self.layout.read(self.layout.find(ref)["digest"]))
        config = json.loads(self.layout.read(manifest["config"]["digest"]))
        kinds = {t: k for flavour in TYPES.values() for k, t in flavour.items()}
        said = [h.get("created_by", "") for h in config["history"] if not h.get("empty_layer")]
        layers = [Layer(d["digest"], d["size"], diff_id, kinds[d["mediaType"]], by)
                  for d, diff_id, by in zip(manifest["layers"], config["rootfs"]["diff_ids"], said)]
        return config, layers

    def recompress(self, layer, kind):
        with tempfile.NamedTemporaryFile(dir=self.tmp) as tar:
            with gzip.open(self.layout.blob_path(layer.digest)) as src:
                while chunk := src.read(1 << 20):
                    tar.write(chunk)
            tar.flush()
            return self.compress(tar.name, kind, layer.created_by)


def merge_config(base, new):
    merged = {**base, **new}
    env = dict(item.split("=", 1) for item in base.get("Env", []))
    env.update(item.split("=", 1) for item in new.get("Env", []))
    if env:
        merged["Env"] = [f"{k}={v}" for k, v in env.items()]
    for key in ("Volumes", "ExposedPorts", "Labels"):
        if key in base or key in new:
            merged[key] = {**base.get(key, {}), **new.get(key, {})}
    return merged


def cmd_image(args):
    """Make an image of tar files, perhaps on top of another image."""
    store = Store(args.store)
    base, layers, history = {}, [], []
    if args.base:
        document, layers = store.load(args.base)
        base, history = document["config"], document["history"]
    created = timestamp(args.epoch)
    jobs = [(item.split("=", 1)[0], item.split("=", 1)[1]) for item in args.layer]
    with concurrent.futures.ThreadPoolExecutor(max_workers=args.jobs) as pool:
        made = list(pool.map(lambda job: store.compress(job[0], args.compress, job[1]), jobs))
    history = history + [{"created": created, "created_by": layer.created_by} for layer in made]
    config = merge_config(base, json.loads(args.config))
    if "Cmd" in config or "Entrypoint" in config:
        history.append({"created": created, "created_by": "CMD " + json.dumps(config.get("Cmd")),
                        "empty_layer": True})
    repos = sorted({ref.rsplit(":", 1)[0] for ref in args.ref})
    desc = store.image(repos, layers + made, config, args.arch, args.epoch, history=history)
    for ref in args.ref:
        store.publish(ref, desc)


def cmd_convert(args):
    """Write an image once more, with other media types or compression."""
    store = Store(args.store)
    document, layers = store.load(args.base)
    kind = args.compress
    if kind != "gzip":
        layers = [store.recompress(layer, kind) for layer in layers]
    config = merge_config(document["config"], json.loads(args.config))
    desc = store.image([args.ref[0].rsplit(":", 1)[0]], layers, config, args.arch, args.epoch,
                       flavour=args.flavour, history=document["history"])
    for ref in args.ref:
        store.publish(ref, desc)


def cmd_index(args):
    """Make an index: one image per architecture, and an attestation as build tools add it."""
    store = Store(args.store)
    created = timestamp(args.epoch)
    repos = sorted({ref.rsplit(":", 1)[0] for ref in args.ref + args.docker_ref})
    manifests = {"oci": [], "docker": []}
    for item in args.platform:
        arch, tar = item.split("=", 1)
        arch, _, variant = arch.partition("/")
        layer = store.compress(tar, "gzip", f"rootfs for {arch}")
        config = merge_config(json.loads(args.config), {"Labels": {"org.example.arch": arch}})
        for flavour, found in manifests.items():
            desc = store.image(repos, [layer], config, arch, args.epoch, flavour=flavour,
                               variant=variant or None)
            desc["platform"] = {"architecture": arch, "os": "linux"}
            if variant:
                desc["platform"]["variant"] = variant
            found.append(desc)
    statement = dump({"_type": "https://in-toto.io/Statement/v0.1", "subject": [],
                      "predicateType": "https://slsa.dev/provenance/v0.2", "predicate": {}})
    digest, size = store.add_bytes(statement)
    for repo in repos:
        store.own(repo, digest)

    def attest(manifest):
        manifest["layers"] = [{"mediaType": "application/vnd.in-toto+json", "digest": digest,
                               "size": size, "annotations":
                               {"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"}}]
        return manifest

    def unknown(document):
        return {"created": created, "architecture": "unknown", "os": "unknown", "config": {},
                "rootfs": {"type": "layers", "diff_ids": [digest]}}

    desc = store.image(repos, [], {}, "unknown", args.epoch, tweak_manifest=attest,
                       tweak_config=unknown)
    desc["platform"] = {"architecture": "unknown", "os": "unknown"}
    desc["annotations"] = {"vnd.docker.reference.type": "attestation-manifest",
                           "vnd.docker.reference.digest": manifests["oci"][-1]["digest"]}
    manifests["oci"].insert(0, desc)
    for flavour, refs in (("oci", args.ref), ("docker", args.docker_ref)):
        raw = dump({"schemaVersion": 2, "mediaType": TYPES[flavour]["index"],
                    "manifests": manifests[flavour]})
        digest, size = store.add_bytes(raw)
        for ref in refs:
            store.publish(ref, {"mediaType": TYPES[flavour]["index"], "digest": digest,
                                "size": size})


def cmd_list(args):
    """One line for each name: its manifest's digest, layers and compressed size."""
    layout = Layout(os.path.join(args.store, "oci"))
    blobs = {}
    for entry in layout.index()["manifests"]:
        seen, todo, layers = {}, [entry], 0
        while todo:
            desc = todo.pop()
            seen[desc["digest"]] = desc["size"]
            if "manifest" in desc["mediaType"] or "index" in desc["mediaType"]:
                document = json.loads(layout.read(desc["digest"]))
                todo += document.get("manifests", [])
                todo += [document["config"]] if "config" in document else []
                todo += document.get("layers", [])
                layers += len(document.get("layers", []))
        blobs.update(seen)
        if not args.total:
            print(f'{entry["annotations"][REF]:34} {layers:3} layers '
                  f'{sum(seen.values()) / 1e6:8.2f} MB  {entry["digest"]}')
    if args.total:
        print(f'{len(layout.index()["manifests"])} names, {len(blobs)} blobs, '
              f'{sum(blobs.values()) / 1e6:.0f} MB')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    sub = parser.add_subparsers(required=True)
    for name, func in (("image", cmd_image), ("convert", cmd_convert), ("index", cmd_index),
                       ("list", cmd_list)):
        p = sub.add_parser(name, help=func.__doc__)
        p.set_defaults(func=func)
        p.add_argument("--store", required=True)
        p.add_argument("--ref", action="append", default=[])
        p.add_argument("--docker-ref", action="append", default=[])
        p.add_argument("--base")
        p.add_argument("--layer", action="append", default=[], metavar="TAR=TEXT")
        p.add_argument("--platform", action="append", default=[], metavar="ARCH[/VARIANT]=TAR")
        p.add_argument("--config", default="{}", metavar="JSON")
        p.add_argument("--arch", default="amd64")
        p.add_argument("--epoch", type=int, default=1735689600)
        p.add_argument("--compress", choices=("gzip", "zstd", "none"), default="gzip")
        p.add_argument("--flavour", choices=("oci", "docker"), default="oci")
        p.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
        p.add_argument("--total", action="store_true")
    args = parser.parse_args()
    args.func(args)


if __name__ == "__main__":
    main()
