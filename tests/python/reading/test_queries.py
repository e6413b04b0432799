"""The engine behind the readers keeps to itself."""

from __future__ import annotations

from custfolio._reading.queries import connect


def test_the_engine_prints_no_progress_into_what_a_command_prints() -> None:
    with connect() as connection:
        settings = "SELECT current_setting('enable_progress_bar'), current_setting('autoinstall_known_extensions')"
        assert connection.execute(settings).fetchone() == (False, False)


def test_the_engine_is_ready_for_work() -> None:
    with connect() as connection:  # nothing that connect() asked it is left half read
        assert connection.sql("select 1 as one").to_arrow_table().to_pylist() == [{"one": 1}]
