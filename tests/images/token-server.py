#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A token server for the test registry: GET /token (and POST, OAuth 2) gives a signed token.

The registry trusts the key of ca.crt.  Without --auth everybody may pull; with it only that
user, who may push too.  A token is good for one scope and five minutes.
"""
import argparse
import base64
import json
import os
import ssl
import subprocess
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def raw_signature(der, size=32):
    """An ECDSA signature as JWS wants it: r and s, each of a fixed size."""
    at, numbers = 2, []
    for _ in range(2):
        length = der[at + 1]
        numbers.append(int.from_bytes(der[at + 2:at + 2 + length], "big").to_bytes(size, "big"))
        at += 2 + length
    return b"".join(numbers)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    auth, tls = "", ""

    def reply(self, code, document, headers=()):
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for key, value in headers:
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def give(self, query, user):
        wanted = self.auth.partition(":")
        if self.auth and user != (wanted[0], wanted[2]):
            self.reply(401, {"errors": [{"code": "UNAUTHORIZED", "message": "who are you?"}]},
                       [("WWW-Authenticate", 'Basic realm="cubby-tests"')])
            return
        access = []
        for scope in " ".join(query.get("scope", [])).split():
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            allowed = {"pull", "push", "delete", "*"} if self.auth else {"pull"}
            access.append({"type": kind, "name": name,
                           "actions": [a for a in actions.split(",") if a in allowed]})
        now = int(time.time())
        with open(os.path.join(self.tls, "ca.crt"), encoding="ascii") as f:
            x5c = "".join(line.strip() for line in f if not line.startswith("-"))
        claims = {"iss": "cubby-tests", "aud": query.get("service", ["cubby-tests"])[0],
                  "sub": user[0], "iat": now, "nbf": now - 5, "exp": now + 300,
                  "jti": b64(os.urandom(12)), "access": access}
        signed = ".".join(b64(json.dumps(part).encode()) for part in (
            {"typ": "JWT", "alg": "ES256", "x5c": [x5c]}, claims))
        der = subprocess.run(["openssl", "dgst", "-sha256", "-sign",
                              os.path.join(self.tls, "ca.key")], input=signed.encode(),
                             stdout=subprocess.PIPE, check=True).stdout
        token = signed + "." + b64(raw_signature(der))
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        self.reply(200, {"token": token, "access_token": token, "expires_in": 300,
                         "issued_at": stamp})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        user = ("", "")
        header = self.headers.get("Authorization", "")
        if header.startswith("Basic "):
            name, _, password = base64.b64decode(header[6:]).decode().partition(":")
            user = (name, password)
        if url.path != "/token":
            self.reply(404, {})
        else:
            self.give(urllib.parse.parse_qs(url.query), user)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        form = urllib.parse.parse_qs(body.decode())
        self.give(form, (form.get("username", [""])[0], form.get("password", [""])[0]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--tls-dir", required=True)
    parser.add_argument("--scheme", default="http")
    parser.add_argument("--auth", default="")
    args = parser.parse_args()
    Handler.auth, Handler.tls = args.auth, args.tls_dir
    server = ThreadingHTTPServer(("127.0.0.1", args.port), Handler)
    if args.scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(args.tls_dir, "server.crt"),
                                os.path.join(args.tls_dir, "server.key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print("listening on", args.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
