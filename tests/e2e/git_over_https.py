"""A git server that speaks https on loopback, for the git that the image carries.

The GitHub double answers; in front of it stands a throw-away certificate, so that the client's own
verification is tried, accepted and refused.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CHUNK = 65_536
PATIENCE = 20


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    written = folder / "authority.pem", folder / "key.pem"
    written[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    written[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return written


def forward(plain: socket.socket, secure: ssl.SSLSocket) -> None:
    """Carry bytes both ways until one end has no more."""
    while True:
        readable = (
            [secure] if secure.pending() else select.select([plain, secure], [], [], PATIENCE)[0]
        )
        for source in readable:
            data = source.recv(CHUNK)
            if not data:
                return
            (plain if source is secure else secure).sendall(data)
        if not readable:
            return


@contextmanager
def served_by_https(url: str, certificate: Path, key: Path) -> Iterator[str]:
    """What `url` serves a second time, over https; the root of that server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    target = urlsplit(url)

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            """Carry one connection; a client that does not trust us just goes."""
            place = (target.hostname or "", target.port or 0)
            try:
                with (
                    context.wrap_socket(self.request, server_side=True) as secure,
                    socket.create_connection(place, PATIENCE) as plain,
                ):
                    forward(plain, secure)
            except (ssl.SSLError, ConnectionError):
                return

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join(5)
