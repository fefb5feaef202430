"""Staff stop the clock or give more time: an open workspace's page is loaded again and says so."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWorkspace
from tests.browser.stack import Stack

pytestmark = pytest.mark.browser

RESCHEDULE = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from duetml.workspace.services import workspaces
now = timezone.now()
workspaces.reschedule("{workspace}", now + timedelta(minutes={minutes}), "extended", now)
"""


@pytest.mark.parametrize("minutes", [0, 5])
def test_an_open_page_looks_again_when_its_end_is_moved(
    stage: Stack, open_workspace: OpenWorkspace, minutes: int
) -> None:
    page = open_workspace()
    workspace = page.locator("#workspace").get_attribute("data-workspace")
    expect(page.locator("#saved")).not_to_contain_text("connecting")
    page.evaluate("window.isTheFirst = true")

    stage.python("-c", RESCHEDULE.format(workspace=workspace, minutes=minutes))

    page.wait_for_function("window.isTheFirst === undefined")
