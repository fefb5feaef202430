"""What a study's agents use, against which caps, in words and rounded numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from duetml.features import Budget, Cap
from duetml.workspace.services.pricing import prices
from duetml.workspace.services.spending import Spent
from study import agent_queries
from study.agent_queries import Bill, CapUse, Use
from study.models import Study
from study.rules import caps
from study.rules.caps import Stage
from study.rules.protocol import ProtocolFile


@dataclass(frozen=True)
class Line:
    name: str
    calls: str
    read: str
    written: str
    cost: str


@dataclass(frozen=True)
class CapLine:
    """`share`: up to 1, for a bar."""

    name: str
    used: str
    percent: str
    share: float
    silent_from: str


@dataclass(frozen=True)
class Warned:
    """`short` is for a list of studies."""

    text: str
    short: str
    is_reached: bool
    stops_enrolment: bool


@dataclass(frozen=True)
class OfOne:
    """One participant's agents."""

    calls: str
    cost: str
    outages: str


@dataclass(frozen=True)
class Statement:
    lines: list[Line]
    caps: list[CapLine]
    warnings: list[Warned]
    outages: str
    remarks: list[str]
    at: datetime


def statement(study: Study, protocol: ProtocolFile, now: datetime) -> Statement | None:
    """None where no condition has agents."""
    if not any(condition.features.chat for condition in protocol.conditions):
        return None
    bill = agent_queries.bill(study, now)
    budget = protocol.agents.budget
    return Statement(
        lines=list(_lines(bill)),
        caps=[_cap_line(use, budget) for use in bill.caps],
        warnings=[warned(use, budget) for use in bill.caps if use.stage is not Stage.FREE],
        outages=_outages(bill),
        remarks=list(_remarks(bill, protocol)),
        at=now,
    )


def warned(use: CapUse, budget: Budget) -> Warned:
    """What staff are told of a cap that is nearly used up, or more than that."""
    words = {
        "percent": percent(use.share),
        "used": _amounts(use.spent, use.cap),
        "ceiling": percent(budget.ceiling),
        "people": use.people,
    }
    short = _SHORT[use.of]() % words
    is_reached = use.stage in (Stage.REACHED, Stage.SILENT)
    return Warned(_text(use) % words, short, is_reached, is_reached and use.of != "participant")


def cost(spent: Spent, unpriced: int = 0) -> str:
    """In US dollars; what is not known is said."""
    if not unpriced:
        return _usd(spent.usd)
    if not spent.microusd:
        return _("unknown")
    return _("%(cost)s and an unknown rest") % {"cost": _usd(spent.usd)}


def of_one(use: Use) -> OfOne:
    told = [_("%(n)d failed") % {"n": use.failed}] if use.failed else []
    if use.stood_in:
        told.append(_("%(n)d answered by the offline advisor") % {"n": use.stood_in})
    if use.ceiling:
        told.append(_("%(n)d of them because of the ceiling") % {"n": use.ceiling})
    return OfOne(f"{use.spent.calls:,}", cost(use.spent, use.unpriced), " · ".join(told))


def percent(share: float) -> str:
    """Rounded down: 100 % is said only of what is used up."""
    return _("%(n)d %%") % {"n": int(share * 100 + 1e-9)}


_SHORT = {
    "study": lambda: _("agents: %(percent)s of the study's cap"),
    "day": lambda: _("agents: %(percent)s of today's cap"),
    "participant": lambda: _("agents: %(percent)s of a participant's cap"),
}


def _text(use: CapUse) -> str:
    if use.of == "participant":
        return _text_of_participants(use)
    if use.of == "day":
        return {
            Stage.WARNED: _(
                "%(percent)s of today's cap for the agents is used (%(used)s). When it is reached,"
                " nobody new can begin until 00:00 UTC."
            ),
            Stage.REACHED: _(
                "Today's cap for the agents is reached (%(used)s): nobody new can begin until"
                " 00:00 UTC. Who is under way keeps the agents up to %(ceiling)s of the cap."
            ),
            Stage.SILENT: _(
                "The agents keep silent until 00:00 UTC: %(percent)s of today's cap is used"
                " (%(used)s), and their ceiling is %(ceiling)s. Nobody new can begin; calls that"
                " were not made are flagged."
            ),
        }[use.stage]
    return {
        Stage.WARNED: _(
            "%(percent)s of the study's cap for the agents is used (%(used)s). When it is reached,"
            " nobody new can begin."
        ),
        Stage.REACHED: _(
            "The study's cap for the agents is reached (%(used)s): nobody new can begin. Who is"
            " under way keeps the agents up to %(ceiling)s of the cap."
        ),
        Stage.SILENT: _(
            "The agents keep silent: %(percent)s of the study's cap is used (%(used)s), and their"
            " ceiling is %(ceiling)s. Nobody new can begin; calls that were not made are flagged."
        ),
    }[use.stage]


def _text_of_participants(use: CapUse) -> str:
    if use.stage is Stage.WARNED:
        return ngettext(
            "%(people)d participant's agents have nearly used up the cap for one participant: up to"
            " %(percent)s of it (%(used)s).",
            "%(people)d participants' agents have nearly used up the cap for one participant: up to"
            " %(percent)s of it (%(used)s).",
            use.people,
        )
    if use.stage is Stage.REACHED:
        return ngettext(
            "%(people)d participant's agents have used up the cap for one participant (%(used)s)."
            " They go on up to %(ceiling)s of it.",
            "%(people)d participants' agents have used up the cap for one participant (up to"
            " %(used)s). They go on up to %(ceiling)s of it.",
            use.people,
        )
    return ngettext(
        "%(people)d participant's agents keep silent: they have used %(ceiling)s of the cap for one"
        " participant (%(used)s). Calls that were not made are flagged.",
        "%(people)d participants' agents keep silent: they have used %(ceiling)s of the cap for one"
        " participant (up to %(used)s). Calls that were not made are flagged.",
        use.people,
    )


def _lines(bill: Bill) -> Iterator[Line]:
    yield _line(_("Today (UTC)"), bill.today, bill.unpriced_today)
    yield _line(_("In all"), bill.ever, bill.unpriced)
    if bill.assigned:
        name = _("On average per participant who is in a group")
        yield _line(name, _share(bill.ever, bill.assigned), bill.unpriced)
    if bill.previews.calls:
        yield _line(_("Previews (count against no cap)"), bill.previews, bill.unpriced_previews)


def _line(name: str, spent: Spent, unpriced: int) -> Line:
    return Line(
        name,
        calls=f"{spent.calls:,}",
        read=f"{spent.input_tokens:,}",
        written=f"{spent.output_tokens:,}",
        cost=cost(spent, unpriced),
    )


def _share(spent: Spent, people: int) -> Spent:
    return Spent(**{name: round(amount / people) for name, amount in vars(spent).items()})


def _cap_line(use: CapUse, budget: Budget) -> CapLine:
    names = {
        "study": _("the whole study"),
        "day": _("today (UTC)"),
        "participant": _("one participant (who used most)"),
    }
    return CapLine(
        name=names[use.of],
        used=_amounts(use.spent, use.cap),
        percent=percent(use.share),
        share=min(1.0, use.share),
        silent_from=" · ".join(_limits(use.cap, budget.ceiling)),
    )


def _amounts(spent: Spent, cap: Cap) -> str:
    """“$3.90 of $5.00”, for each limit of the cap."""
    used = [_usd(spent.usd)] if cap.usd is not None else []
    used += [f"{spent.tokens:,}"] if cap.tokens is not None else []
    pairs = zip(used, _limits(cap), strict=True)
    return " · ".join(_("%(used)s of %(cap)s") % {"used": a, "cap": b} for a, b in pairs)


def _limits(cap: Cap, times: float = 1) -> list[str]:
    found = [_usd(cap.usd * times)] if cap.usd is not None else []
    if cap.tokens is not None:
        found.append(_("%(n)s tokens") % {"n": f"{round(cap.tokens * times):,}"})
    return found


def _remarks(bill: Bill, protocol: ProtocolFile) -> Iterator[str]:
    asked = [agents for agents in protocol.all_agents() if agents.provider != "offline"]
    if not asked:
        yield _("The offline advisor answers, which costs nothing.")
        return
    known = [prices().of(model) for model in caps.models_of(asked)]
    dates = ", ".join(sorted({price.listed for price in known if price}))
    if dates:
        yield _("Prices in US dollars as listed on %(date)s.") % {"date": dates}
    missing = caps.without_price(asked, prices())
    if missing:
        yield _("No price is known for %(models)s.") % {"models": ", ".join(missing)}
    unknown = bill.unpriced + bill.unpriced_previews
    if unknown:
        yield ngettext(
            "The cost of %(n)d call is unknown: it is in no sum, and no cap in dollars counts it.",
            "The cost of %(n)d calls is unknown: it is in no sum, and no cap in dollars counts it.",
            unknown,
        ) % {"n": unknown}


def _outages(bill: Bill) -> str:
    if not bill.outages:
        return _("No participant has met an outage of the agents.")
    return ngettext(
        "%(n)d participant has met an outage of the agents.",
        "%(n)d participants have met an outage of the agents.",
        bill.outages,
    ) % {"n": bill.outages}


def _usd(amount: float) -> str:
    return "< $0.01" if 0 < amount < 0.005 else f"${amount:,.2f}"
