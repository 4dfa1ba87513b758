"""The compose file of Milvus: what it starts is pinned, closed to other machines, and behind a password.

Nothing here starts a container; the file says so of itself.
"""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

FILE = ROOT / "docs" / "milvus" / "compose.yaml"
TEXT = FILE.read_text(encoding="utf-8")
LINES = [line for line in TEXT.splitlines() if not line.lstrip().startswith("#")]


def values(key: str) -> list[str]:
    """What stands after `key:` wherever it does."""
    return [line.split(":", 1)[1].strip() for line in LINES if line.strip().startswith(f"{key}:")]


def test_every_image_is_pinned_to_one_release() -> None:
    images = values("image")
    assert len(images) == 3
    for image in images:
        assert re.fullmatch(r"[\w./-]+:(v\d+\.\d+\.\d+|RELEASE\.[\dTZ-]+)", image), image


def test_only_milvus_itself_is_reached_from_outside_and_only_from_this_machine() -> None:
    ports = [line.strip() for line in LINES if re.search(r'^\s+- "?[\d.:]*\d+:\d+"?$', line)]
    assert ports == ['- "127.0.0.1:19530:19530"']
    assert not [line for line in LINES if "network_mode" in line or line.strip().startswith("expose")]


@pytest.mark.parametrize("key", ["COMMON_SECURITY_DEFAULTROOTPASSWORD", "MINIO_ROOT_PASSWORD",
                                 "MINIO_SECRET_ACCESS_KEY"])
def test_no_password_has_a_default(key: str) -> None:
    for value in values(key):
        assert re.fullmatch(r"\$\{QA_\w+:\?[^}]+\}", value), f"{key}: {value}"
    assert len(values(key)) == 1


def test_milvus_asks_for_the_password_and_keeps_its_files_where_minio_lets_it() -> None:
    assert values("COMMON_SECURITY_AUTHORIZATIONENABLED") == ['"true"']
    assert values("MINIO_ACCESS_KEY_ID") == values("MINIO_ROOT_USER")
    assert values("MINIO_SECRET_ACCESS_KEY") == values("MINIO_ROOT_PASSWORD")


def test_each_part_has_a_health_check_and_keeps_its_data() -> None:
    assert len(values("healthcheck")) == 3
    kept = [line.strip() for line in LINES if re.fullmatch(r"\s+- \w+:/[\w/]+", line)]
    assert kept == ["- etcd:/etcd", "- minio:/minio_data", "- milvus:/var/lib/milvus"]
    declared = TEXT.split("\nvolumes:\n")[1].split()
    assert declared == ["etcd:", "minio:", "milvus:"]


def test_its_head_says_how_to_start_it_how_to_point_qa_at_it_and_that_no_test_runs_it() -> None:
    head = TEXT.split("\nname:")[0]
    assert "docker compose -f docs/milvus/compose.yaml up" in head
    assert "qa index --engine milvus --milvus-uri http://127.0.0.1:19530" in head
    assert "QA_MILVUS_TOKEN" in head
    assert "NOT RUN by this project's tests" in head
    for variable in re.findall(r"\$\{(QA_\w+):", TEXT):
        assert f"export {variable}=" in head
