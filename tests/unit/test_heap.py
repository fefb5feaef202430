"""What the web process holds from its start on is not searched for garbage."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = (
    "import gc, sys; import duetml.config.asgi;"
    "print('study.views.participant' in sys.modules, gc.get_freeze_count() > 50_000)"
)


def test_the_web_process_has_loaded_its_pages_and_settled_before_it_answers(tmp_path: Path) -> None:
    env = {name: one for name, one in os.environ.items() if not name.startswith("PYTEST")}
    env |= {"DJANGO_SETTINGS_MODULE": "duetml.config.settings", "DUETML_VAR": str(tmp_path)}

    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=True
    )

    assert run.stdout.split() == ["True", "True"]
