"""TLS is always verified; authorities and proxies come by their usual variables (G-38, T-26)."""

from __future__ import annotations

import datetime as dt
import ssl
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from reviewer.base.errors import SourceError
from reviewer.sources.fetch import Remote, Store
from tests.git_repository import GitRepository
from tests.github_double import TOKEN, GitHubDouble
from tests.publish.cases import HEAD

ASK = """
import sys
from reviewer.publish import ApiError, Client, Runner, Manners
url = sys.argv[1]
runner = Runner(server=url, api=f"{url}/api/v3", graphql=f"{url}/api/graphql",
                repository="octo/shop", event_name="push", sha="a" * 40, run=1, attempt=1,
                workspace="/", output="", step_summary="")
client = Client(runner, sys.argv[2], Manners(backoff=0.0))
try:
    print(client.conversation(7).head)
except ApiError as error:
    print(error.message)
"""


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate of our own authority for 127.0.0.1: its file and its key's."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "double")])
    today = dt.datetime.now(dt.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / "ca.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, *plain))
    return folder / "ca.pem", folder / "key.pem"


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, Path]:
    return write_certificate(tmp_path)


@pytest.fixture
def github(authority: tuple[Path, Path], tmp_path: Path) -> Iterator[GitHubDouble]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority)
    with GitHubDouble(tls=context) as double:
        double.open_pull(7, head=HEAD)
        double.git_root = tmp_path / "server"
        yield double


def ask(url: str, **variables: str) -> str:
    """What a client in a process of its own gets: its variables are read once."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, url, TOKEN],
        env=variables,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_an_own_authority_is_trusted_by_its_variable(
    github: GitHubDouble, authority: tuple[Path, Path], variable: str
) -> None:
    assert github.url.startswith("https://")
    assert ask(github.url, **{variable: str(authority[0])}) == HEAD


def test_without_it_the_server_is_refused(github: GitHubDouble) -> None:
    assert "SSLError" in ask(github.url)
    assert github.exchanges == []


def test_git_is_told_the_same_authority(github: GitHubDouble, authority: tuple[Path, Path]) -> None:
    assert github.git_root is not None
    origin = GitRepository(github.git_root)
    commit = origin.ref("refs/heads/main", origin.commit({"a.yaml": "a"}))
    address = f"{github.url}/octo/shop"
    trusting = {"REQUESTS_CA_BUNDLE": str(authority[0])}
    with Store(Remote(address=address, token=TOKEN, variables=trusting)) as store:
        assert store.fetch([commit], depth=1) == (commit,)
    doubting = Remote(address=address, token=TOKEN, variables={})
    with Store(doubting) as store, pytest.raises(SourceError, match="certificate"):
        store.fetch([commit], depth=1)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY"])
def test_the_api_is_asked_through_the_usual_proxy(variable: str) -> None:
    """G-38: the host is known to the proxy alone; exceptions to it hold."""
    host = "http://github.internal.example"
    with GitHubDouble() as proxy:
        proxy.open_pull(7, head=HEAD)
        assert ask(host, **{variable: proxy.url}) == HEAD
        assert [one.target for one in proxy.exchanges] == [f"{host}:80/api/graphql"]
        told = ask(host, **{variable: proxy.url, "NO_PROXY": "internal.example"})
        assert "ConnectionError" in told
        assert len(proxy.exchanges) == 1
