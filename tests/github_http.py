"""The plumbing of the GitHub double: request bodies and `git http-backend` as a CGI program."""

from __future__ import annotations

import gzip
import os
import subprocess
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

from tests.github_extract import Exchange


def read_body(handler: BaseHTTPRequestHandler) -> bytes:
    """The body of a request, chunked or of a known length."""
    if handler.headers.get("Transfer-Encoding", "").lower() != "chunked":
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    parts = []
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        parts.append(handler.rfile.read(size))
        handler.rfile.readline()
    handler.rfile.readline()
    return b"".join(parts)


def git_backend(
    handler: BaseHTTPRequestHandler,
    root: Path | None,
    exchange: Exchange,
    login: str | None,
    *,
    private: bool,
) -> None:
    """Answer one request of a git client from the repositories below `root`."""
    if root is None or (private and login is None):
        plain(handler, exchange, 404 if root is None else 401, b"")
        return
    split = urlsplit(exchange.target)
    path = split.path if ".git/" in split.path else with_suffix(split.path)
    body = exchange.body
    if exchange.headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH_INFO": path,
        "QUERY_STRING": split.query,
        "REQUEST_METHOD": exchange.method,
        "CONTENT_TYPE": exchange.headers.get("Content-Type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "GIT_PROTOCOL": exchange.headers.get("Git-Protocol", ""),
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "uploadpack.allowFilter",
        "GIT_CONFIG_VALUE_0": "true",
        "GIT_CONFIG_KEY_1": "uploadpack.allowAnySHA1InWant",
        "GIT_CONFIG_VALUE_1": "true",
        "GIT_CONFIG_KEY_2": "safe.directory",
        "GIT_CONFIG_VALUE_2": "*",
    }
    done = subprocess.run(
        ["git", "http-backend"], input=body, env=environment, capture_output=True, check=False
    )
    head, _, content = done.stdout.partition(b"\r\n\r\n")
    headers = dict(line.decode().split(": ", 1) for line in head.split(b"\r\n") if line)
    status = int(headers.pop("Status", "200").split()[0])
    plain(handler, exchange, status, content, headers)


def with_suffix(path: str) -> str:
    """`/OWNER/NAME/rest` as the bare repository is called on disk: GitHub takes both."""
    owner, name, rest = path.lstrip("/").split("/", 2)
    return f"/{owner}/{name}.git/{rest}"


def plain(
    handler: BaseHTTPRequestHandler,
    exchange: Exchange,
    status: int,
    content: bytes,
    headers: dict[str, str] | None = None,
) -> None:
    """Send bytes as they are."""
    exchange.status = status
    handler.send_response(status)
    for name, value in (headers or {}).items():
        handler.send_header(name, value)
    if status == 401:
        handler.send_header("WWW-Authenticate", 'Basic realm="GitHub"')
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)
