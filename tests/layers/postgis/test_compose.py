"""The compose file and the image: what they state, read by Docker where it is there, else by a YAML parser."""

import os
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.command import ROOT

COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


def compose_command():
    """Docker's plug-in, else the older program of its own; neither needs an engine to read a file."""
    for words in (["docker", "compose"], ["docker-compose"]):
        if (
            shutil.which(words[0])
            and not subprocess.run([*words, "version"], capture_output=True, check=False).returncode
        ):
            return words
    return None


def test_docker_reads_it():
    words = compose_command()
    if words is None:
        pytest.skip("no docker compose here")
    done = subprocess.run(
        [*words, "-f", COMPOSE, "--profile", "tools", "--profile", "api", "config"],
        env={**os.environ, "ANSIM_DB_PASSWORD": "x"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) == {"db", "ansim", "api"}


def test_the_database_is_healthy_before_it_is_used_and_outlives_its_container(services):
    db = services["db"]
    assert "pg_isready" in " ".join(db["healthcheck"]["test"])
    assert db["volumes"] == ["db:/var/lib/postgresql/data"]
    assert services["ansim"]["depends_on"]["db"]["condition"] == "service_healthy"
    assert services["api"]["depends_on"]["db"]["condition"] == "service_healthy"


def test_no_password_is_written_down_and_no_port_is_open_to_the_town(services):
    assert services["db"]["environment"]["POSTGRES_PASSWORD"].startswith("${ANSIM_DB_PASSWORD:?")
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        values = service["environment"]
        assert values.get("PGPASSWORD", "${").startswith("${")
        assert ":" not in values.get("ANSIM_STORE", "").removeprefix("postgresql://").split("@")[0]


def test_the_service_is_not_the_owner(services):
    assert services["db"]["environment"]["POSTGRES_USER"] == "ansim"
    assert services["api"]["environment"]["ANSIM_STORE"].startswith("postgresql://ansim_api@")


def test_only_the_database_starts_by_itself(services):
    assert [name for name, service in services.items() if "profiles" not in service] == ["db"]


def test_the_image_runs_as_nobody_in_particular_with_what_it_copies():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    user = next(i for i, line in enumerate(lines) if line.startswith("USER "))
    assert lines[user] == "USER ansim"
    assert not any(line.startswith("USER ") for line in lines[user + 1 :])
    assert next(i for i, line in enumerate(lines) if line == "RUN python -m api.ready") > user
    assert 'ENTRYPOINT ["ansim"]' in lines
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for name in line.split()[1:-1]:
                assert list(ROOT.glob(name)), name
                assert f"!{name}" in kept


def test_the_image_warms_every_kernel(tmp_path):
    """What the image runs while it is built: kernels compile into an empty cache, those of phones among them."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "api.ready"], cwd=tmp_path, env=env, check=True, capture_output=True)
    compiled = {path.name.split(".")[0] for path in tmp_path.rglob("*.nbi")}
    assert {"kernels", "nearest_index", "transverse"} <= compiled, compiled
