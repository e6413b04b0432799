"""The engine behind the readers keeps to itself."""

from __future__ import annotations

import pytest

import custfolio as cf
from custfolio._reading.queries import connect


def test_the_engine_prints_no_progress_into_what_a_command_prints() -> None:
    with connect() as connection:
        settings = "SELECT current_setting('enable_progress_bar'), current_setting('autoinstall_known_extensions')"
        assert connection.execute(settings).fetchone() == (False, False)


def test_the_engine_is_ready_for_work() -> None:
    with connect() as connection:  # nothing that connect() asked it is left half read
        assert connection.sql("select 1 as one").to_arrow_table().to_pylist() == [{"one": 1}]


def test_a_query_through_adbc() -> None:
    dbapi = pytest.importorskip("adbc_driver_sqlite.dbapi")
    with dbapi.connect() as connection:
        with connection.cursor() as cursor:
            cursor.execute("create table sales (customer text, date text, revenue real)")
            cursor.execute("insert into sales values ('a', '2025-01-01', 10.5), ('b', '2025-01-02', -2)")
        assert cf.Ledger.read_query(connection, "select * from sales").revenue == 8.5
        with pytest.raises(cf.InputError, match="the database refuses the query"):
            cf.Ledger.read_query(connection, "select * from nothing")


def test_a_query_through_the_database_interface() -> None:
    import sqlite3

    with sqlite3.connect(":memory:") as connection:
        connection.execute("create table sales (customer text, date text, revenue real)")
        connection.execute("insert into sales values ('a', '2025-01-01', 10.5), ('b', '2025-01-02', -2)")
        assert cf.Ledger.read_query(connection, "select * from sales").revenue == 8.5
