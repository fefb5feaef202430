"""What a call costs, by a dated list of prices (prices.toml says how to add to it)."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SNAPSHOT = re.compile(r"-\d[\d-]*")  # what a dated snapshot has behind its model's name


@dataclass(frozen=True)
class Price:
    """US dollars per million tokens, which is millionths of a dollar per token; `listed` is the
    date of the list (ISO)."""

    input: Decimal
    output: Decimal
    listed: str

    def microusd(self, input_tokens: int, output_tokens: int) -> int:
        exact = input_tokens * self.input + output_tokens * self.output
        return int(exact.to_integral_value(ROUND_CEILING))


class PricesError(ValueError):
    """A file that is no list of prices; the text says why."""


@dataclass(frozen=True)
class Prices:
    models: Mapping[str, Price]

    def of(self, model: str) -> Price | None:
        """The price of a model, or else of the longest listed name it is a dated snapshot of."""
        if model in self.models:
            return self.models[model]
        names = [name for name in self.models if model.startswith(name)]
        fitting = [name for name in names if SNAPSHOT.fullmatch(model[len(name) :])]
        return self.models[max(fitting, key=len)] if fitting else None

    def over(self, others: "Prices") -> "Prices":
        """Both lists as one; what is in this one wins."""
        return Prices({**others.models, **self.models})


def read_prices(path: Path) -> Prices:
    """The list in a file. Raises PricesError, and OSError where it cannot be read."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        file = _File.model_validate(document)
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PricesError(f"{path}: {place}: {first['msg']}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise PricesError(f"{path}: {problem}") from None
    listed = file.date.isoformat()
    return Prices(
        {name: Price(line.input, line.output, listed) for name, line in file.models.items()}
    )


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid")

    input: Decimal = Field(ge=0, le=100_000, allow_inf_nan=False)
    output: Decimal = Field(ge=0, le=100_000, allow_inf_nan=False)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    date: date
    currency: Literal["USD"]
    models: dict[Annotated[str, Field(min_length=1, max_length=80)], _Line]


LISTED = read_prices(Path(__file__).with_name("prices.toml"))
PRICE_LIST = max(price.listed for price in LISTED.models.values())


def cost_microusd(
    model: str, input_tokens: int | None, output_tokens: int | None, prices: Prices = LISTED
) -> int | None:
    """Millionths of a US dollar, rounded up; None where the price or a number of tokens is not
    known: a model of one's own without a price does not cost nothing."""
    price = prices.of(model)
    if price is None or input_tokens is None or output_tokens is None:
        return None
    return price.microusd(input_tokens, output_tokens)
