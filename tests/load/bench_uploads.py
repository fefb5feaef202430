"""The whole corpus of hostile files, again and again, into a running web process: what it weighs.

python -m tests.load.bench_uploads       (make bench)

Every file is either stored or refused with the reason the corpus names. Ends with an error where
one is not, where the process ever held more than LIMIT_MB, or where it keeps growing: after the
last round it may hold GROWTH times what it held after the second.
"""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from uuid import uuid4

from aiohttp import ClientSession

from duetml.vision.intake import Reason
from tests.corpus import corpus
from tests.corpus.case import Case
from tests.corpus.form import CONTENT_TYPE, form
from tests.faults.bench import inside
from tests.load.bench_sockets import megabytes, say
from tests.stack import ROOT, running_stack

ROUNDS = 6
AT_ONCE = 8
LIMIT_MB = 400
GROWTH = 1.1

Sent = tuple[Case, bytes]


def main() -> None:
    files = [(case, case.make()) for case in corpus()]
    with TemporaryDirectory() as folder, running_stack(Path(folder)) as stack:
        web = stack.pid_of("web")
        say("| round | seconds | the web process holds | the most it ever held |")
        say("|---|---|---|---|")
        say(f"| before | | {megabytes(web, 'VmRSS'):.0f} MB | {megabytes(web, 'VmHWM'):.0f} MB |")
        held, wrong = [], 0
        for number in range(1, ROUNDS + 1):
            opened = inside(stack, "open")
            begun = perf_counter()
            wrong += asyncio.run(send_all(stack.url, opened, files))
            held.append(megabytes(web, "VmRSS"))
            most = megabytes(web, "VmHWM")
            seconds = perf_counter() - begun
            say(f"| {number} | {seconds:.0f} | {held[-1]:.0f} MB | {most:.0f} MB |")
    say(f"\n{len(files)} files a round, {AT_ONCE} at a time; {wrong} outcomes other than expected")
    if wrong or most > LIMIT_MB or held[-1] > GROWTH * held[1]:
        sys.exit("bench_uploads: missed")


async def send_all(url: str, opened: dict[str, str], files: Sequence[Sent]) -> int:
    """How many outcomes differ from what the corpus says."""
    gate = asyncio.Semaphore(AT_ONCE)
    address = f"{url}/workspace/{opened['workspace']}/upload/"
    token = "b" * 32
    headers = {"X-CSRFToken": token, "Origin": url, "Content-Type": CONTENT_TYPE}
    cookies = {"sessionid": opened["session"], "csrftoken": token}
    async with ClientSession(headers=headers, cookies=cookies) as session:

        async def send(case: Case, data: bytes) -> bool:
            body = form(case.name, data, {"id": str(uuid4())})
            async with gate, session.post(address, data=body) as response:
                answer = await response.json()
                code = answer["refused"]["code"] if response.status == 422 else response.status
            expected = case.outcome.value if isinstance(case.outcome, Reason) else 200
            if code != expected:
                say(f"{case.what}: {code}, not {expected}")
            return bool(code != expected)

        return sum(await asyncio.gather(*(send(case, data) for case, data in files)))


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
