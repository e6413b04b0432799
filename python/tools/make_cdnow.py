# Makes cdnow_sample.parquet (python/custfolio/demo/data) from the CDNOW sample of the customer-base literature.
"""Make ``cdnow_sample.parquet``: every transaction of the one-in-ten sample of CDNOW's customers.

Usage: ``python make_cdnow.py SOURCE [DESTINATION]``

SOURCE is ``CDNOW_sample.txt`` (five columns: number in the full data, number in the sample, day as YYYYMMDD, number of
CDs, US dollars). The same input and the same release of PyArrow give the same bytes.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

DESTINATION = Path(__file__).resolve().parent.parent / "custfolio" / "demo" / "data"


def main() -> None:
    """Read the text file, write the Parquet file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path)
    parser.add_argument("destination", type=Path, nargs="?", default=DESTINATION)
    arguments = parser.parse_args()
    rows = [line.split() for line in arguments.source.read_text(encoding="ascii").splitlines() if line.strip()]
    table = pa.table(
        {
            "customer": pa.array([int(row[1]) for row in rows], pa.int32()),
            "date": pa.array([date(int(r[2][:4]), int(r[2][4:6]), int(r[2][6:])) for r in rows], pa.date32()),
            "quantity": pa.array([int(row[3]) for row in rows], pa.int32()),
            "amount": pa.array([float(row[4]) for row in rows], pa.float64()),
        }
    )
    path = arguments.destination / "cdnow_sample.parquet"
    pq.write_table(table, path, compression="zstd", compression_level=19)
    print(f"{path}: {table.num_rows:,} transactions, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
