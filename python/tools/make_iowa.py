# Makes the data that ships (python/custfolio/demo/data) from the order lines of Iowa's liquor wholesaler.
"""Make ``deliveries_2020.parquet``, ``deliveries_2021.parquet`` and ``stores.parquet``.

Usage: ``python make_iowa.py SOURCE [DESTINATION]``

SOURCE is a folder with ``sales_2020.parquet``, ``sales_2021.parquet`` (date, store, item, bottles, sale),
``items.parquet`` (item, bottle_cost) and ``stores.parquet``, as extracted from data.iowa.gov. The same input and the
same release of PyArrow give the same bytes. The README beside the result describes what the program does to the data.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

YEARS = (2020, 2021)
DESTINATION = Path(__file__).resolve().parent.parent / "custfolio" / "demo" / "data"

# One row a store and day. Money is summed in whole cents, so that no sum depends on the order of its terms.
# A line whose item is not on the cost list costs what the list's own rule gives: the price is 1.5 times the cost.
DELIVERIES = """
    select
        s.date::date as date,
        s.store::integer as store,
        count(*)::integer as lines,
        sum(s.bottles)::integer as bottles,
        sum(round(s.sale * 100)::bigint) / 100 as revenue,
        (sum(case when i.bottle_cost is null then 0 else round(s.bottles * i.bottle_cost * 100)::bigint end)
         + round(sum(case when i.bottle_cost is null then round(s.sale * 100)::bigint else 0 end) / 1.5)::bigint
        ) / 100 as cost
    from read_parquet($sales) s left join read_parquet($items) i using (item)
    group by 1, 2
    order by 2, 1
"""

STORES = """
    select store::integer as store, trim(store_name) as name, trim(address) as address, trim(city) as city,
           trim(zip) as zip, latitude, longitude, case status when 'A' then 'open' else 'closed' end as status
    from read_parquet($stores)
    order by store
"""


def write(table: pa.Table, path: Path, encodings: dict[str, str]) -> None:
    """Write ``table`` as one row group, without dictionaries on the columns that have an encoding of their own."""
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        row_group_size=1 << 20,
        use_dictionary=[name for name in table.column_names if name not in encodings],
        column_encoding=encodings,
    )


def main(arguments: list[str]) -> int:
    """Run the script; returns the exit status."""
    parser = argparse.ArgumentParser(description="Make the data that ships from the folder of Iowa's order lines.")
    parser.add_argument("source", type=Path)
    parser.add_argument("destination", type=Path, nargs="?", default=DESTINATION)
    options = parser.parse_args(arguments)
    options.destination.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    written = []
    for year in YEARS:
        files = {"sales": options.source / f"sales_{year}.parquet", "items": options.source / "items.parquet"}
        table = connection.sql(DELIVERIES, params={key: str(file) for key, file in files.items()}).to_arrow_table()
        path = options.destination / f"deliveries_{year}.parquet"
        whole = ("date", "store", "lines", "bottles")
        encodings = dict.fromkeys(whole, "DELTA_BINARY_PACKED")
        write(table, path, encodings | {"revenue": "BYTE_STREAM_SPLIT", "cost": "BYTE_STREAM_SPLIT"})
        written.append((path, table))
    stores = connection.sql(STORES, params={"stores": str(options.source / "stores.parquet")}).to_arrow_table()
    path = options.destination / "stores.parquet"
    write(stores, path, {"store": "DELTA_BINARY_PACKED"})
    written.append((path, stores))
    for path, table in written:
        print(f"{path.name}: {table.num_rows} rows, {path.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
