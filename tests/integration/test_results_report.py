"""The results of 12 participants and 5 raters: made by a worker, shown, downloaded, traced back."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client
from django.utils import translation

from duetml.workspace.models import State
from evaluation.models import Report
from evaluation.report import behind
from evaluation.report.behind import TABLES
from evaluation.report.sections import methods, questionnaires
from evaluation.report.telling import Telling
from evaluation.stats import contrast, units
from evaluation.stats.ranksum import RankSum, holm, mann_whitney
from evaluation.work.results import results
from tests.raters import SOURCE, World
from tests.results import REASON, make_report, rated_world
from tests.unit.test_scales import with_step

pytestmark = pytest.mark.django_db

UEQ_PARTS = ("pragmatic", "hedonic")
FIGURES = ("flow", "criteria", "means", "effects", "answers", "scales", "measures", "timeline")
ADDRESS = "/rating/results/duetml/"


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, Report]]:
    """One report for all tests that only read it."""
    with django_db_blocker.unblock():
        world = rated_world()
        yield world, make_report(world.study)
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_user("staff", is_staff=True))
    return client


def test_a_worker_makes_everything_in_both_languages(made: tuple[World, Report]) -> None:
    _world, row = made

    names = {file["name"] for file in row.files}
    assert row.state == State.DONE
    assert row.done == row.total
    for language in ("en", "ja"):
        assert {f"report.{language}.html", f"report.{language}.pdf"} <= names
        assert {f"{n}.{language}.{f}" for n in FIGURES for f in ("svg", "pdf", "png")} <= names


def test_the_page_reads_like_a_results_section(made: tuple[World, Report], staff: Client) -> None:
    page = staff.get(ADDRESS, headers={"accept-language": "en"}).content.decode()

    assert (
        "EQ1: duetml participants scored higher, A = 1.00 [0.69, 1.00], U = 36, exact p = 0.0022,"
        " Holm p = 0.011."
    ) in page
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings == [
        "Flow of participants",
        "Participants at the start",
        "Ratings by experts (primary analysis)",
        "Agreement of the raters",
        "Sensitivity",
        "Workload and usability",
        "Other questions (described, not tested)",
        "What participants did (exploratory)",
        "Blinding of the raters",
        "Time of every participant",
        "Deviations from the plan",
        "Methods",
    ]
    assert "treats dependent ratings as independent" in page
    assert REASON in page
    assert not re.search(r"\bnan\b|>None<|\{\{|%\(", page)
    assert " style=" not in page
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []


def test_every_link_behind_a_number_leads_to_rows(
    made: tuple[World, Report], staff: Client
) -> None:
    page = staff.get(ADDRESS).content.decode()
    links = {link.replace("&amp;", "&") for link in re.findall(r'href="([^"]*/rows/[^"]*)"', page)}

    tables = {link.split("/rows/")[1].split("/")[0] for link in links}
    assert {"people", "ratings", "means", "scales", "measures", "answers", "guesses"} <= tables
    for link in sorted(links)[::7]:
        assert staff.get(link).status_code == 200, link


def test_the_rows_behind_a_count_are_as_many_as_the_count(
    made: tuple[World, Report], staff: Client
) -> None:
    page = staff.get(ADDRESS + "rows/ratings/?criterion=eq1&condition=duetml").content.decode()

    assert "Rows 1–30 of 30" in page
    for table in TABLES:
        assert staff.get(f"{ADDRESS}rows/{table}/").status_code == 200
    assert staff.get(f"{ADDRESS}rows/secrets/").status_code == 404


def test_figures_and_reports_are_downloaded_with_their_types(
    made: tuple[World, Report], staff: Client
) -> None:
    answers = {
        name: staff.get(ADDRESS + name).headers["Content-Type"]
        for name in ("figures/means.ja.pdf", "figures/means.en.svg", "figures/flow.en.png",
                     "report.en.html", "report.ja.pdf")
    }  # fmt: skip

    assert list(answers.values()) == [
        "application/pdf", "image/svg+xml", "image/png", "text/html; charset=utf-8",
        "application/pdf",
    ]  # fmt: skip
    assert staff.get(ADDRESS + "figures/secret.en.pdf").status_code == 404


def test_the_report_needs_nothing_else_and_tells_the_method(made: tuple[World, Report]) -> None:
    world, row = made

    html = _read(row, "report.en.html").decode()

    assert re.findall(r'(?:src|href)="(?!data:)', html) == []
    assert "<script" not in html
    for told in ("Permuted blocks with sizes drawn at random from 2, 4", world.study.seed_digest,
                 str(world.study.seed), "sha256", "mid-ranks for ties", "5 experts rated 12",
                 "Consent form", "Times are kept by the server", REASON):  # fmt: skip
        assert told in html


def test_the_numbers_behind_the_page_are_kept(made: tuple[World, Report]) -> None:
    _world, row = made

    values = json.loads(_read(row, "values.json"))

    assert values["means"]["eq1"]["duetml"]["P000"] == pytest.approx(4.6)
    assert set(values["measures"]["trainings"]) == {"duetml", "baseline"}
    assert values["measures"]["advice_taken_up"] == {"duetml": dict.fromkeys(_codes(0), 1.0)}
    assert len(values["scales"]["usability"]["baseline"]) == 6


def _codes(first: int) -> list[str]:
    return [f"P{number:03d}" for number in range(first, 12, 2)]


def _read(row: Report, name: str) -> bytes:
    path = row.path_of(name)
    assert path is not None
    with default_storage.open(path) as file:
        data: bytes = file.read()
    return data


def test_a_plan_of_analysis_is_told_and_makes_two_families() -> None:
    plan = (
        "analysis:\n  primary: [eq1, eq2]\n  tests: exact rank-sum\n"
        "  hypotheses: [{en: Higher with the assistant., ja: 助言ありのほうが高い。}]\n"
        "ethics: {approval: '2029-17', board: Review board}\n"
    )
    world = rated_world(4, 2, slug="planned", source=SOURCE + plan)

    found = results(world.study)

    holm = {one.criterion: one.primary.p_holm for one in found.analyses}
    p = found.analyses[0].primary.test.p or 0
    assert found.primary == ("eq1", "eq2")
    assert holm["eq1"] == pytest.approx(min(1, 2 * p))
    assert holm["eq3"] == pytest.approx(min(1, 3 * p))
    telling = Telling(world.study, world.study.protocol.read(), found, "en")
    with translation.override("en"):
        told = " ".join(s.text for one in methods.sections(telling) for s in one.sentences)
    assert "Hypotheses stated in the protocol: Higher with the assistant." in told
    assert "Ethics approval: 2029-17 (Review board)." in told


def test_a_score_with_parts_is_compared_and_described_part_by_part() -> None:
    world = rated_world(6, 2, slug="halves", source=with_step(scale="ueq_s"))

    found = results(world.study)

    own = {one.key: one for one in found.scales if one.scoring == "ueq_s"}
    assert list(own) == ["more", "more.pragmatic", "more.hedonic"]
    assert [one.consistency.items for one in own.values()] == [8, 4, 4]
    for condition in found.conditions:
        for code, whole in own["more"].values[condition].items():
            halves = [own[f"more.{part}"].values[condition][code] for part in UEQ_PARTS]
            assert whole == pytest.approx(sum(halves) / 2)
    family = holm({one.key: one.contrast.test.p for one in found.scales})
    assert len(family) == 5  # with SUS and TLX
    assert {one.key: one.contrast.p_holm for one in found.scales} == family
    telling = Telling(world.study, world.study.protocol.read(), found, "en")
    with translation.override("en"):
        section = questionnaires.scales_section(telling)
    rows = [row[0].text for table in section.tables for row in table.rows]
    assert rows.count("UEQ-S, hedonic quality (−3 to 3)") == 2
    assert "Schrepp" in " ".join(section.computed)
    values = {"scales": {one.key: one.values for one in found.scales}}
    listed = behind.listing(world.study, "scales", {"step": "more.hedonic"}, values, 0)
    assert listed.total == 6
    assert listed.rows[0][2].rows == "answers?participant=P000&step=more"


def test_nothing_is_tested_twice_where_nobody_was_excluded(monkeypatch: pytest.MonkeyPatch) -> None:
    world = rated_world(4, 2, slug="once")
    means: list[int] = []

    def counted(x: Sequence[float], y: Sequence[float]) -> RankSum:
        means.append(len(x) + len(y))
        return mann_whitney(x, y)

    for module in (contrast, units):
        monkeypatch.setattr(module, "mann_whitney", counted)
    found = results(world.study)

    compared = len(found.analyses) + len(found.scales)
    assert len(means) == compared + sum(one.contrast is not None for one in found.measures)
