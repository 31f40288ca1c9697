# SPDX-License-Identifier: LGPL-2.1-or-later
# Dockerfiles as people have them, on real images.

load ../lib/common

setup_file() {
    file_setup
    registry_start
    for image in nginx:1.22 python:3.11; do
        cubby pull -q --tls-verify=false "$REGISTRY/library/$image"
        cubby tag "$REGISTRY/library/$image" "$image"
    done
}

setup() {
    CONTEXT=$BATS_TEST_TMPDIR/context
    mkdir -p "$CONTEXT"
}

teardown() { [ -z "${INDEX_PID:-}" ] || kill "$INDEX_PID"; }

# index: an index of Python packages, with one package, on the port INDEX of this host
index() {
    local folder=$BATS_TEST_TMPDIR/index
    mkdir -p "$folder/hello"
    /usr/bin/python3 - "$folder/hello/hello-1.0-py3-none-any.whl" <<'EOF'
import sys
import zipfile
name = "hello-1.0.dist-info"
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("hello.py", 'def greet():\n    return "hi from a wheel"\n')
    z.writestr(f"{name}/METADATA", "Metadata-Version: 2.1\nName: hello\nVersion: 1.0\n")
    z.writestr(f"{name}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    z.writestr(f"{name}/RECORD", "".join(f"{f},,\n" for f in ("hello.py", f"{name}/METADATA", f"{name}/WHEEL", f"{name}/RECORD")))
EOF
    INDEX=$(free_port)
    /usr/bin/python3 -m http.server "$INDEX" --bind 127.0.0.1 --directory "$folder" > /dev/null 2>&1 3>&- &
    INDEX_PID=$!
    answers() { curl -s "http://127.0.0.1:$INDEX/" > /dev/null; }
    wait_for 10 answers
}

@test 'nginx with a page of its own, over a published port' {
    local port
    port=$(free_port)
    echo '<h1>mine</h1>' > "$CONTEXT/index.html"
    echo 'secret notes' > "$CONTEXT/notes"
    echo notes > "$CONTEXT/.dockerignore"
    cat > "$CONTEXT/Dockerfile" <<'EOF'
FROM nginx:1.22
COPY . /usr/share/nginx/html/
RUN nginx -t && ls /usr/share/nginx/html
EXPOSE 80
EOF
    ok cubby build -t page "$CONTEXT"
    err_lacks notes
    ok cubby run -d --name web -p "127.0.0.1:$port:80" page
    served() { [ "$(curl -s "http://127.0.0.1:$port/")" = '<h1>mine</h1>' ]; }
    wait_for 20 served
    ok cubby rm -f web
}

@test 'Python with a package that pip installs, through a cache' {
    index
    echo 'import hello; print(hello.greet())' > "$CONTEXT/app.py"
    cat > "$CONTEXT/Dockerfile" <<'EOF'
# syntax=docker/dockerfile:1
FROM python:3.11 AS base
WORKDIR /app
ARG INDEX
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --break-system-packages --index-url $INDEX --trusted-host 127.0.0.1 --target /app/lib hello
FROM base
COPY app.py .
ENV PYTHONPATH=/app/lib
USER nobody
CMD ["python3", "app.py"]
EOF
    CUBBY_SECONDS=200 ok cubby build --network host --build-arg INDEX="http://127.0.0.1:$INDEX/" -t app "$CONTEXT"
    ok cubby run --rm app
    out_is 'hi from a wheel'
    echo 'import hello; print(hello.greet().upper())' > "$CONTEXT/app.py"
    ok cubby build --network host --build-arg INDEX="http://127.0.0.1:$INDEX/" -t app "$CONTEXT"
    [ "$(grep -c '\] cached$' <<< "$stderr")" = 2 ]
    ok cubby run --rm app
    out_is 'HI FROM A WHEEL'
}
