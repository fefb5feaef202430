"""Names of folders: whatever a category is called, every system can unpack it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duetml.workspace.rules.folders import DEVICE, folder_names, unique


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("Make music", "Make music"),
        ("動物", "動物"),
        ("../../etc", "_.._etc"),
        ("/", "_"),
        ("a\\b:c", "a_b_c"),
        ("...", "_"),
        (" . ", "_"),
        (". a .", "a"),
        ("CON", "_CON"),
        ("com1.txt", "_com1.txt"),
        ("console", "console"),
        ("ends.", "ends"),
        ("é" * 200, "é" * 90),
    ],
)
def test_a_name_becomes_a_folder(name: str, folder: str) -> None:
    assert folder_names([name]) == [folder]


def test_names_that_a_file_system_takes_for_one_are_numbered() -> None:
    assert folder_names(["Cats", "cats", "CATS", "cats (2)"]) == [
        "Cats",
        "cats (2)",
        "CATS (3)",
        "cats (2) (2)",
    ]


def test_different_names_stay_as_they_are() -> None:
    assert unique(["a/b", "a:b"]) == ["a/b", "a:b"]


@given(st.lists(st.text(max_size=80), max_size=20))
def test_folders_are_safe_and_none_comes_twice(names: list[str]) -> None:
    folders = folder_names(names)
    assert len(folders) == len(names)
    assert len({folder.casefold() for folder in folders}) == len(names)
    for folder in folders:
        assert 0 < len(folder.encode()) <= 255
        assert not set(folder) & set('/\\:*?"<>|\0\n')
        assert not folder.startswith(".")
        assert folder == folder.strip().strip(".").strip()
        assert not DEVICE.fullmatch(folder)
