"""A server made of the pieces of deploy/, in a temporary folder with ports of its own."""

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import services
from tests.faults import runbook
from tests.faults.units import Systemd, Unit, members_of, read_unit
from tests.services import free_port
from tests.stack import ROOT

NGINX = shutil.which("nginx") or ("/usr/sbin/nginx" if Path("/usr/sbin/nginx").exists() else None)
# As tests/conftest.py finds them, which only pytest can load.
DATA = Path(os.environ.get("DUETML_TEST_DATA") or ROOT.parent / "shared" / "data")
WEIGHTS = DATA / "weights" / "mobilenet_v2_1.0_224_tf2.pth"
CONFIGURATION = """
{user}
pid {folder}/nginx.pid;
error_log {folder}/log/nginx-error.log crit;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    client_body_temp_path {folder}/nginx-body;
    proxy_temp_path {folder}/nginx-proxy;
    fastcgi_temp_path {folder}/nginx-fastcgi;
    uwsgi_temp_path {folder}/nginx-uwsgi;
    scgi_temp_path {folder}/nginx-scgi;
    sendfile on;
    include {folder}/conf.d/*.conf;
}}
"""


def what_is_missing() -> list[str]:
    lacking = services.what_is_missing()
    lacking += [] if NGINX else ["nginx"]
    lacking += [] if WEIGHTS.is_file() else ["photographs and weights (DUETML_TEST_DATA)"]
    return lacking + [name for name in ("openssl", "curl") if shutil.which(name) is None]


@dataclass
class Machine:
    """`places`: what the files of deploy/ say → what it is here, longest first."""

    folder: Path
    places: Sequence[tuple[str, str]]
    systemd: Systemd
    url: str
    database: str

    def localized(self, text: str) -> str:
        for usual, here in self.places:
            text = text.replace(usual, here)
        return text

    def path(self, usual: str) -> Path:
        return Path(self.localized(usual))

    def environment(self) -> Mapping[str, str]:
        """Of an administrator's shell."""
        own = {"DUETML_HOME": str(ROOT), "DUETML_ENV": str(self.folder / "etc" / "env")}
        own |= {"SSL_CERT_FILE": str(self.folder / "etc" / "tls" / "fullchain.pem")}
        return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.folder)} | own

    def words(self, command: Sequence[str]) -> list[str]:
        """A command of the runbook, to be executed here."""
        return [self.localized(word) for word in command]

    def duetml(self, *words: str, seconds: float = 600) -> str:
        """`duetml WORDS`: what it printed. Fails with its output."""
        done = subprocess.run(
            [str(ROOT / "deploy" / "manage"), *words],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        assert done.returncode == 0, f"duetml {' '.join(words)}\n{done.stdout}{done.stderr}"
        return done.stdout

    def type(self, command: Sequence[str]) -> str:
        """One command of the runbook."""
        program, *rest = self.words(command)
        if program == "duetml":
            return self.duetml(*rest)
        assert program == "systemctl", command
        verb, name = rest
        act: Callable[[str], object] = getattr(self.systemd, verb)
        for one in members_of(name) if name.endswith(".target") else [name]:
            act(one)
        return ""

    def follow(self, section: str) -> None:
        """All commands of a section of the runbook."""
        for command in runbook.commands(section):
            self.systemd.say(f"$ {' '.join(command)}")
            self.type(command)


@contextmanager
def machine(folder: Path, say: Callable[[str], None]) -> Iterator[Machine]:
    """PostgreSQL, Redis and nginx run; nothing of DuetML does yet."""
    for name in ("log", "conf.d", "etc/tls", "srv", "backups", "pictures"):
        (folder / name).mkdir(parents=True)
    with services.postgres() as database, Systemd(folder / "log", say) as systemd:
        here = _assembled(folder, systemd, database)
        for name in ("redis-server", "nginx"):
            systemd.start(name)
        yield here


def _assembled(folder: Path, systemd: Systemd, database: str) -> Machine:
    http, https, redis = free_port(), free_port(), free_port()
    first = free_port() // 100  # the web processes listen at NNN01 and NNN02
    url = f"https://localhost:{https}"
    places = [
        ("/opt/duetml", str(ROOT)),
        ("/etc/duetml", str(folder / "etc")),
        ("/srv/duetml", str(folder / "srv")),
        ("/srv/backups", str(folder / "backups")),
        ("/srv/pictures", str(folder / "pictures")),
        ("/var/log/nginx", str(folder / "log")),
        ("https://study.example.org", url),
        ("study.example.org", "localhost"),
        ("postgres://duetml:CHANGE-ME@127.0.0.1/duetml", database),
        ("redis://127.0.0.1:6379/0", f"redis://127.0.0.1:{redis}/0"),
        ("127.0.0.1:80", f"127.0.0.1:{first}"),
        ("127.0.0.1 80%i", f"127.0.0.1 {first}%i"),
        ("listen 443", f"listen {https}"),
        ("listen [::]:443", f"listen [::]:{https}"),
        ("listen 80", f"listen {http}"),
        ("listen [::]:80", f"listen [::]:{http}"),
    ]
    here = Machine(folder, places, systemd, url, database)
    _settings(here)
    _certificate(folder / "etc" / "tls")
    _proxy(here)
    for name in members_of("duetml.target"):
        systemd.units[name] = read_unit(name, here.localized)
    server = shutil.which("redis-server") or shutil.which("valkey-server")
    quiet = "--save '' --appendonly no --bind 127.0.0.1"
    systemd.units["redis-server"] = Unit("redis-server", f"{server} --port {redis} {quiet}")
    own = f"{NGINX} -c {folder}/nginx.conf"
    systemd.units["nginx"] = Unit(
        "nginx", f"{own} -g 'daemon off;'", before=(f"{own} -t",), reload=f"{own} -s reload"
    )
    return here


def _settings(here: Machine) -> None:
    """env.example, filled in."""
    text = here.localized((ROOT / "deploy" / "env.example").read_text())
    text = text.replace("SECRET_KEY=\n", f"SECRET_KEY={os.urandom(24).hex()}Aa-_\n", 1)
    text = text.replace("DUETML_BACKBONE=\n", f"DUETML_BACKBONE={WEIGHTS}\n", 1)
    token = "DUETML_METRICS_TOKEN="
    text = text.replace(f"{token}\n", f"{token}a-token-of-a-monitor\n", 1)
    (here.folder / "etc" / "env").write_text(text)


def _certificate(folder: Path) -> None:
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    kind = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run(["openssl", *kind, "-addext", names, *files], check=True, capture_output=True)


def _proxy(here: Machine) -> None:
    """The two files of deploy/nginx in a plain nginx.conf, as Debian's includes them."""
    folder = here.folder
    for file, name in (("duetml.conf", "duetml.conf"), ("upstream.conf", "duetml-upstream.conf")):
        text = here.localized((ROOT / "deploy" / "nginx" / file).read_text())
        if not _has_ipv6():
            text = "".join(line for line in text.splitlines(True) if "[::]" not in line)
        (folder / "conf.d" / name).write_text(text)
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(CONFIGURATION.format(user=user, folder=folder))


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
            return True
    except OSError:
        return False
