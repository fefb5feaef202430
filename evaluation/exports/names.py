"""Where each file of an export lies. Names follow Psych-DS: key-value pairs and `_data.csv`."""

import re

DATA, PARQUET, IMAGES, SCRIPTS = "data", "parquet", "images", "analysis"
ALLOCATION = "allocation.csv"
WORKBOOK = "tables.xlsx"


def data_file(slug: str, table: str) -> str:
    """As data/study-duetml_description-ratings_data.csv: values hold letters and digits only."""
    return f"{DATA}/study-{_plain(slug)}_description-{_plain(table)}_data.csv"


def parquet_file(table: str) -> str:
    return f"{PARQUET}/{table}.parquet"


def _plain(words: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", words)
