# Makes opportunities.parquet (python/custfolio/demo/data) from the sales pipeline of a fictitious hardware seller.
"""Make ``opportunities.parquet``: every opportunity of the sample "CRM sales opportunities".

Usage: ``python make_crm.py SOURCE [DESTINATION]``

SOURCE is ``sales_pipeline.csv``. All rows are kept, in the order of the source; days and amounts get their types, and the opportunities are
numbered, because random names would be more than half of the file. The same input and the same release of PyArrow give the same bytes.
"""

from __future__ import annotations

import argparse
import csv
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DESTINATION = Path(__file__).resolve().parent.parent / "custfolio" / "demo" / "data"


def day(text: str) -> date | None:
    """Read a day written as 10/20/2016; none where it is empty."""
    if not text:
        return None
    month, number, year = (int(part) for part in text.split("/"))
    return date(year, month, number)


def main() -> None:
    """Read the CSV file, write the Parquet file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("destination", type=Path, nargs="?", default=DESTINATION)
    arguments = parser.parse_args()
    with arguments.source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    texts = ("sales_agent", "product", "account", "deal_stage")
    columns = {"opportunity_id": pa.array(range(1, len(rows) + 1), pa.int32())}
    columns |= {name: pa.array([row[name] for row in rows], pa.string()) for name in texts}
    columns |= {name: pa.array([day(row[name]) for row in rows], pa.date32()) for name in ("engage_date", "close_date")}
    values = [float(row["close_value"]) if row["close_value"] else None for row in rows]
    columns["close_value"] = pa.array(values, pa.float64())
    table = pa.table(columns)
    path = arguments.destination / "opportunities.parquet"
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        column_encoding={"opportunity_id": "DELTA_BINARY_PACKED"},
        use_dictionary=[*texts, "close_value", "close_date"],
    )
    print(f"{path}: {table.num_rows:,} opportunities, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
