"""What somebody who leaves shows to be paid, and where they are sent back to."""

from urllib.parse import quote

from study.rules.protocol import ProtocolFile

CODE = "{code}"


def code_of(protocol: ProtocolFile, outcome: str) -> str:
    """The protocol's code of an outcome (completed, screened_out, turned_away, withdrawn,
    failed_checks); "" where it names none."""
    codes = protocol.completion.codes.items() if protocol.completion else ()
    return next((code for name, code in codes if name == outcome), "")


def return_address(protocol: ProtocolFile, code: str) -> str:
    """Where the recruiter waits for the code; "" where the protocol names no address."""
    address = protocol.completion.return_url if protocol.completion else ""
    return address.replace(CODE, quote(code, safe="")) if address and code else ""


def failed_checks(protocol: ProtocolFile, answers: dict[tuple[str, str], object]) -> list[str]:
    """The attention checks answered in another way than asked for, as "step.item". `answers`: by
    (step, item). Those that were not on this person's way are no failures."""
    return [
        f"{step.key}.{item.key}"
        for step in protocol.steps
        for item in step.items
        if item.attention is not None
        and (step.key, item.key) in answers
        and not _is_as_asked(answers[step.key, item.key], item.attention.expect)
    ]


def _is_as_asked(given: object, asked: object) -> bool:
    return given == asked or str(given) == str(asked)
