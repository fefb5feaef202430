"""What the demo prints when everything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duetml.config.demo.accounts import Account


@dataclass(frozen=True)
class Table:
    """`studio`: its path, or "" where it is off; `previews`: path by condition; `remarks`:
    sentences on what this machine lacks."""

    url: str
    studio: str
    studies: Sequence[tuple[str, str]]  # what it is, its path
    previews: Mapping[str, str]
    researcher: Account
    rater: Account
    remarks: Sequence[str]

    def text(self, heading: str) -> str:
        rows = [("Try it yourself", self.url + self.studio)] if self.studio else []
        rows += [(what, self.url + path) for what, path in self.studies]
        rows += [(f"Preview: {key}", self.url + path) for key, path in self.previews.items()]
        rows += [
            ("Rate", f"{self.url}/rating/   {_credentials(self.rater)}"),
            ("Run the studies", f"{self.url}/study/   {_credentials(self.researcher)}"),
            ("Back room", f"{self.url}/admin/   the same"),
        ]
        width = max(len(what) for what, _ in rows)
        lines = [f"  {what.ljust(width)}   {where}" for what, where in rows]
        return "\n".join(["", heading, "", *lines, "", *self.remarks])


def _credentials(account: Account) -> str:
    return f"name: {account.name}   password: {account.password}"
