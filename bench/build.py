# SPDX-License-Identifier: LGPL-2.1-or-later
"""What builds cost, beside buildah where it is installed: with everything cached, in steps, in files."""
import os
import shutil
import subprocess

FILES = 20000


class BuildFigures:
    def builders(self):
        """Those that build, with the image that they build upon; buildah shares podman's store."""
        takes = {"cubby": ([*self.cubby().command, "build", "-q"], "bb:1")}
        podman = [p for p in self.peers if p.name == "podman"]
        program = shutil.which("buildah")
        if program and podman:
            store = [program, "--root", f"{self.home}/p", "--runroot", f"{self.home}/pr", "--storage-driver", "overlay"]
            takes["buildah"] = ([*store, "build", "-q", "--layers"], "localhost/bb:1")
        else:
            print("absent: buildah (not installed, or podman is not)")
        return takes

    def context(self, name, image, lines, files=0):
        folder = f"{self.home}/{name}"
        os.makedirs(f"{folder}/tree", exist_ok=True)
        with open(f"{folder}/Dockerfile", "w", encoding="utf-8") as f:
            f.write("\n".join([f"FROM {image}", *lines, ""]))
        for i in range(files):
            os.makedirs(f"{folder}/tree/{i % 200}", exist_ok=True)
            with open(f"{folder}/tree/{i % 200}/{i}", "w", encoding="utf-8") as f:
                f.write(f"file {i}\n")
        return folder

    def build_line(self, title, name, lines, budget, rounds, count, *options, files=0):
        takes = {}
        for builder, (command, image) in self.builders().items():
            folder = self.context(f"{name}-{builder}", image, lines, files)
            done = subprocess.run([*command, folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            if done.returncode:
                print(f"absent: {builder} ({done.stderr.strip()[-200:]})")
                continue
            takes[builder] = lambda n, c=command, f=folder: self.repeat(n, *c, *options, f)
        self.line(title, self.medians(self.alternate(rounds, count, takes)), budget)

    def build_cached(self):
        lines = ["ENV A=1", "WORKDIR /w", "COPY tree /w/tree", *[f"RUN echo {i} > /{i}" for i in range(5)], 'CMD ["sh"]']
        self.build_line("build, everything cached (12 instructions, 100 files)", "cached", lines,
                        "<= 30 ms and the scan, <= 0.1 x buildah", 5, 3, files=100)

    def build_steps(self):
        lines = [f"RUN echo {i} > /{i}" for i in range(10)]
        self.build_line("build of 10 trivial RUN", "steps", lines, "<= 500 ms, <= 0.15 x buildah", 3, 1, "--no-cache")

    def build_files(self):
        self.build_line(f"build with COPY of {FILES} small files", "files", ["COPY tree /tree"], "<= 0.5 x buildah", 3, 1,
                        "--no-cache", files=FILES)

    def build_hashing(self):
        """A RUN that writes much, then one that computes; its layer is hashed while that one does."""
        write = "RUN dd if=/dev/urandom of=/big bs=1M count=200 2> /dev/null"
        busy = "RUN i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; echo $i > /out"
        takes = {}
        for builder, (command, image) in self.builders().items():
            folder = self.context(f"hashing-{builder}", image, [write, busy])
            takes[builder] = lambda n, c=command, f=folder: self.repeat(n, *c, "--no-cache", f)
        command, image = self.builders()["cubby"]
        build = " ".join([*command, "--no-cache"])
        both = " && ".join(f"{build} {self.context(f'hashing-{i}', image, [line])}" for i, line in enumerate((write, busy)))
        takes["each alone"] = lambda n: self.repeat(n, "sh", "-c", both)
        self.line("build of RUN that writes 200 MB and RUN that computes", self.medians(self.alternate(3, 1, takes)),
                  "< 1 x each alone on two processors, < 1 x buildah")

    def build_stages(self):
        """Two stages that compute, at once and one after the other."""
        command, image = self.builders()["cubby"]
        busy = "i=0; while [ $i -lt 150000 ]; do i=$((i+1)); done; echo $i > /out"
        lines = ["AS base", f"FROM {image} AS a", f"RUN {busy}", f"FROM {image} AS b", f"RUN {busy}; :", "FROM scratch",
                 "COPY --from=a /out /a", "COPY --from=b /out /b"]
        folder = self.context("stages", image, lines)
        with open(f"{folder}/Dockerfile", encoding="utf-8") as f:
            text = f.read().replace("\nAS base", " AS base", 1)
        with open(f"{folder}/Dockerfile", "w", encoding="utf-8") as f:
            f.write(text)
        takes = {"cubby": lambda n: self.repeat(n, *command, "--no-cache", folder),
                 "--jobs 1": lambda n: self.repeat(n, *command, "--no-cache", "--jobs", "1", folder)}
        self.line("build of two busy stages", self.medians(self.alternate(3, 1, takes)), "< 1 x --jobs 1 on two processors")
