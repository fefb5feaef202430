"""Many robots at once."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from study.robots.journal import Journal, UnexpectedError
from study.robots.participant import Participant
from study.robots.profiles import PROFILES, Profile
from study.robots.rater import Rater
from study.robots.silence import Silence
from study.robots.sorting import Colour

Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Life:
    """How one robot fared; `problem` is empty when all was well."""

    robot: str
    problem: str = ""
    code: str = ""
    has_chat: bool | None = None
    link: str = ""
    rated: int = 0
    profile: str = ""
    wanted: str = "completed"  # how a robot of this profile must end
    outcome: str = ""


async def participants(
    count: int,
    *,
    url: str,
    study: str,
    seed: int,
    journal: Journal,
    eligible: Mapping[str, Sequence[str]],
    languages: Sequence[str],
    tell: Tell,
    profiles: Sequence[Profile] = (PROFILES["careful"],),
    has_chat: bool | None = None,
    stagger_seconds: float = 0.2,
) -> list[Life]:
    """Let `count` participants live side by side, taking `profiles` in turn; a robot that fails
    stops no other. `has_chat`: where every condition has the agents, so that pages may speak of
    them from the start; None where a robot has to find out.
    """
    memory: dict[str, Colour] = {}
    silence = Silence()

    async def one(number: int) -> Life:
        name = f"participant-{number:02d}"
        language = Random(f"{seed}/{name}/language").choice(list(languages))
        profile = profiles[(number - 1) % len(profiles)]
        robot = Participant(
            name, url, study, seed, language, journal, eligible, memory, silence, tell, profile
        )
        robot.has_chat = has_chat
        await asyncio.sleep(number * stagger_seconds)
        problem = await _problem_of(robot.live())
        return Life(
            name,
            problem,
            robot.code,
            robot.has_chat,
            robot.link,
            profile=profile.name,
            wanted=profile.outcome,
            outcome=robot.outcome,
        )

    return list(await asyncio.gather(*(one(number) for number in range(1, count + 1))))


async def raters(
    invitations: Sequence[str],
    *,
    url: str,
    seed: int,
    journal: Journal,
    languages: Sequence[str],
    tell: Tell,
) -> list[Life]:
    async def one(number: int, invitation: str) -> Life:
        name = f"rater-{number:02d}"
        language = Random(f"{seed}/{name}/language").choice(list(languages))
        robot = Rater(name, url, invitation, seed, language, journal, tell)
        problem = await _problem_of(robot.live())
        return Life(name, problem, rated=robot.rated)

    return list(await asyncio.gather(*(one(n, each) for n, each in enumerate(invitations, 1))))


async def _problem_of(life: Awaitable[object]) -> str:
    try:
        await life
    except UnexpectedError as problem:
        return str(problem)
    except Exception as problem:
        where = traceback.extract_tb(problem.__traceback__)[-1]
        return f"{type(problem).__name__}: {problem} ({where.filename}:{where.lineno})"
    return ""
