"""The files of deploy/: judged by their own tools, and true to the code."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from duetml.config.environment import Environment
from duetml.config.process.programs import WORKERS, beat, web, worker
from tests.faults import runbook
from tests.faults.units import FOLDER, members_of, read_settings, read_unit
from tests.stack import ROOT

DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent


def as_written(name: str) -> str:
    return read_unit(name, lambda text: text).start


def contained(service: str) -> list[str]:
    """The command line of a service of the containers, whose entry point is Python."""
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"][service]
    return str(found["command"]).split()


def test_every_setting_is_in_the_example_and_nothing_else() -> None:
    named = {field.upper() for field in Environment.model_fields}

    assert set(read_settings(DEPLOY / "env.example")) == named


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_is_started_as_the_laptop_s(name: str) -> None:
    queues, threads = WORKERS[name]
    ours = worker(name, queues, threads).command[1:]

    assert as_written(f"duetml-{name}").split()[1:] == list(ours) == contained(name)


def test_beat_is_started_as_the_laptop_s() -> None:
    ours = list(beat().command[1:])

    assert as_written("duetml-beat").split()[1:] == ours == contained("beat")


def test_web_processes_are_started_as_the_laptop_s() -> None:
    def ours(host: str, port: int) -> list[str]:
        return list(web(1, host, port).command[1:])

    last = re.findall(r"^CMD (.*)$", (DEPLOY / "Containerfile").read_text(), flags=re.M)[-1]

    assert as_written("duetml-web@01").split()[1:] == ours("127.0.0.1", 8001)
    assert contained("web-1") == contained("web-2") == json.loads(last) == ours("0.0.0.0", 8000)


def test_the_target_wants_every_unit() -> None:
    units = {path.stem for path in FOLDER.glob("*.service")}

    assert {name.partition("@")[0] for name in members_of("duetml.target")} == {
        unit.rstrip("@") for unit in units
    }


def test_the_units_pass_systemd_s_own_check(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze not installed")
    for path in (*FOLDER.glob("*.service"), *FOLDER.glob("*.target")):
        text = path.read_text().replace("/opt/duetml/.venv/bin/python", sys.executable)
        (tmp_path / path.name).write_text(text)
    units = [str(path) for path in tmp_path.iterdir() if "@" not in path.name]
    (tmp_path / "duetml-web@01.service").symlink_to(tmp_path / "duetml-web@.service")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units, str(tmp_path / "duetml-web@01.service")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"},
    )

    ours = [line for line in done.stderr.splitlines() if "duetml" in line]
    assert ours == []


def test_the_proxy_sends_a_picture_without_a_date() -> None:
    text = (DEPLOY / "nginx" / "duetml.conf").read_text()

    block = text.split("location /protected-media/ {")[1].split("}")[0]
    assert {"internal;", "etag off;", 'add_header Last-Modified "";'} <= {
        line.strip() for line in block.splitlines()
    }


def test_the_proxy_s_files_pass_nginx_s_own_check(tmp_path: Path) -> None:
    if shutil.which("nginx") is None or shutil.which("openssl") is None:
        pytest.skip("nginx or openssl not installed")
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    key += ["-keyout", "privkey.pem", "-out", "fullchain.pem", "-subj", "/CN=localhost"]
    subprocess.run(key, cwd=tmp_path, check=True, capture_output=True)
    text = (DEPLOY / "nginx" / "duetml.conf").read_text()
    (tmp_path / "duetml.conf").write_text(text.replace("/etc/duetml/tls", str(tmp_path)))
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; client_body_temp_path {tmp_path}/body;"
        f" include {DEPLOY}/nginx/upstream.conf; include {tmp_path}/duetml.conf; }}"
    )

    done = subprocess.run(
        ["nginx", "-t", "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr


def test_compose_keeps_to_its_specification() -> None:
    tool = BIN / "check-jsonschema"
    given = ["--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]

    done = subprocess.run([str(tool), *given], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_container_file_passes_its_linter() -> None:
    linter = [str(BIN / "hadolint"), str(DEPLOY / "Containerfile")]

    done = subprocess.run(linter, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("section", ["Install", "First study", "Back up", "Restore", "Upgrade"])
def test_the_runbook_has_commands_for(section: str) -> None:
    assert runbook.commands(section)


def test_the_runbook_names_only_commands_that_are_there() -> None:
    said = re.findall(r"^duetml ([a-z_]+)", (DEPLOY / "RUNBOOK.md").read_text(), flags=re.M)
    there = {path.stem for path in ROOT.glob("*/**/management/commands/*.py")}
    django = {"migrate", "collectstatic", "check", "shell", "createsuperuser", "changepassword"}

    assert set(said) - there - django == set()
