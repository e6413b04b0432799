# Agendas that once went wrong: old lists, moved reviews, new and lost customers and managers, twice-named ones.
"""Faults of the agenda, each with its test."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

import custfolio as cf

ONE = {"manager": ["An"], "reviews_per_day": [4]}


def selected(count: int, first: int = 0) -> tuple[cf.Portfolio, cf.Selection]:
    """Return warm customers of one size."""
    frame = pd.DataFrame(
        {
            "customer_id": [f"c{k}" for k in range(first, first + count)],
            "revenue": np.full(count, 1_000.0),
            "contribution": np.linspace(100.0, 300.0, count),
        }
    )
    portfolio = cf.Portfolio.from_frame(frame)
    return portfolio, cf.select(portfolio)


HALF_YEAR = cf.Cadence(A="6 months", B="6 months", C="6 months")
QUARTER = cf.Cadence(A="3 months", B="3 months", C="3 months")


def frame_of(agenda: cf.Agenda) -> pd.DataFrame:
    found = agenda.to_frame("pandas")
    assert isinstance(found, pd.DataFrame)
    return found


def frame_of_changes(agenda: cf.Agenda) -> pd.DataFrame:
    found = agenda.changes.to_frame("pandas")
    assert isinstance(found, pd.DataFrame)
    return found


def test_overdue_customers_all_find_a_place_by_value_then_age() -> None:
    portfolio, selection = selected(200)
    old = pd.DataFrame({"customer_id": portfolio.ids, "day": ["2020-01-15"] * 200})
    found = cf.anchor(portfolio, selection, managers=ONE, start="2022-01", cadence=HALF_YEAR, last_review=old)
    assert len(found.unplaced) == 0
    assert Counter(frame_of(found).customer_id) == Counter(list(portfolio.ids) * 2)
    firsts = frame_of(found).drop_duplicates("customer_id").set_index("customer_id").day
    # the greatest value comes first
    assert firsts["c199"] <= firsts["c100"] <= firsts["c0"]
    assert firsts.max() < pd.Timestamp("2022-07-01")


def test_the_latest_of_several_last_reviews_counts() -> None:
    portfolio, selection = selected(1)
    last = {"customer_id": ["c0", "c0"], "day": ["2021-12-15", "2021-06-01"]}
    found = cf.anchor(portfolio, selection, start="2022-01", cadence=QUARTER, last_review=last)
    assert frame_of(found).due.min() == pd.Timestamp("2022-03-15")


def test_a_new_customer_changes_nobodys_manager() -> None:
    managers = {"manager": ["An", "Bo", "Cy"], "reviews_per_day": [2, 2, 3]}
    portfolio, selection = selected(60)
    first = cf.anchor(portfolio, selection, managers=managers, start="2022-01", cadence=QUARTER)
    frame = pd.concat(
        [
            pd.DataFrame({"customer_id": ["new"], "revenue": [1_000.0], "contribution": [250.0]}),
            portfolio.to_frame("pandas")[["customer_id", "revenue", "contribution"]],
        ]
    )
    more = cf.Portfolio.from_frame(frame)
    again = cf.anchor(more, cf.select(more), managers=managers, start="2022-01", cadence=QUARTER, fixed=first)
    of_customer = frame_of(again).groupby("customer_id").manager.nunique()
    assert (of_customer == 1).all()
    kept = frame_of(again)[frame_of(again).fixed]
    assert len(kept) == len(first)
    assert set(frame_of_changes(again).change) == {"new"}


def test_the_table_of_managers_hands_nobody_over_without_a_date() -> None:
    portfolio, selection = selected(4)
    own = {"customer": portfolio.ids, "manager": ["An", "An", "Bo", "Bo"], "reviews_per_day": [2] * 4}
    first = cf.anchor(portfolio, selection, managers=own, start="2022-01", cadence=QUARTER)
    other = {**own, "manager": ["Bo", "An", "Bo", "Bo"]}
    again = cf.anchor(portfolio, selection, managers=other, start="2022-01", cadence=QUARTER, fixed=first)
    assert set(frame_of(again)[frame_of(again).customer_id == "c0"].manager) == {"An"}
    assert list(frame_of_changes(again).change) == ["proposed"]
    act = {"customer_id": ["c0"], "manager": ["Bo"], "day": ["2022-06-01"]}
    handed = cf.anchor(
        portfolio, selection, managers=other, start="2022-01", cadence=QUARTER, fixed=first, handover=act
    )
    rows = frame_of(handed)[frame_of(handed).customer_id == "c0"]
    assert set(rows[rows.day < "2022-06-01"].manager) == {"An"}
    assert set(rows[rows.day >= "2022-06-01"].manager) == {"Bo"}
    assert list(rows.day) == list(frame_of(first)[frame_of(first).customer_id == "c0"].day)
    assert set(frame_of_changes(handed).change) == {"handed over", "kept"}  # two agreed times of Bo may be one
    assert (rows[rows.day >= "2022-06-01"].sequence == 2).all()


def test_customers_and_managers_who_left_are_listed() -> None:
    portfolio, selection = selected(12)
    managers = {"manager": ["An", "Bo"], "reviews_per_day": [2, 2]}
    first = cf.anchor(portfolio, selection, managers=managers, start="2022-01", cadence=QUARTER)
    fewer, verdicts = selected(11, first=1)
    again = cf.anchor(
        fewer,
        verdicts,
        managers=ONE,
        start="2022-01",
        cadence=QUARTER,
        fixed=first,
        last_review={"customer_id": ["c0"], "day": ["2021-12-01"]},
    )
    changes = frame_of_changes(again)
    gone = changes[changes.change == "cancelled"]
    assert set(gone.customer_id) == {"c0"} and len(gone) == 4
    assert gone.reason.iloc[0] == "the customer left; cancel the review"
    handed = changes[changes.change == "handed over"]
    assert set(handed.manager) == {"An"}
    assert len(handed) == (frame_of(first).manager == "Bo").sum() - ((gone.manager == "Bo").sum())
    kept = frame_of(again)
    assert list(kept.day) == list(frame_of(first)[frame_of(first).customer_id != "c0"].day)
    assert "c0" not in set(kept.customer_id)


def test_an_exact_flow_places_all_that_a_greedy_planner_leaves() -> None:
    """The customer of least value can only be seen on the day that the other two want."""
    portfolio, selection = selected(3)
    managers = {"manager": ["An"], "reviews_per_day": [1]}
    last = {"customer_id": portfolio.ids, "day": ["2021-12-11", "2021-12-10", "2021-12-10"]}
    found = cf.anchor(
        portfolio,
        selection,
        managers=managers,
        start="2022-03",
        months=1,
        cadence=QUARTER,
        last_review=last,
        tolerance_days=1,
        closed={"customer_id": ["c0"], "first": ["2022-03-11"]},
    )
    assert len(found) == 3 and found.gap == 0
    assert frame_of(found).set_index("customer_id").day["c0"] == pd.Timestamp("2022-03-10")


def test_the_least_gap_wins_over_the_due_date() -> None:
    portfolio, selection = selected(30)
    often = cf.Cadence(A="10 days", B="10 days", C="10 days")
    found = cf.anchor(
        portfolio,
        selection,
        managers={"manager": ["An"], "reviews_per_day": [6]},
        start="2022-01",
        months=3,
        cadence=often,
        tolerance_days=14,
    )
    days = frame_of(found).sort_values(["customer_id", "day"])
    apart = days.groupby("customer_id").day.diff().dropna().dt.days
    assert apart.min() >= 5
    assert found.gap < 0.01


def test_the_region_of_belgium_by_its_iso_code() -> None:
    portfolio, selection = selected(5)
    found = [
        frame_of(cf.anchor(portfolio, selection, start="2022-01", calendar=calendar)) for calendar in ("BE", "BE-VLG")
    ]
    pd.testing.assert_frame_equal(*found)


def test_unknown_customers_of_tables_are_listed() -> None:
    portfolio, selection = selected(5)
    own = {"customer": ["c0", "typo"], "manager": ["An", "An"], "reviews_per_day": [4, 4]}
    found = cf.anchor(portfolio, selection, managers=own, start="2022-01")
    changes = frame_of_changes(found)
    assert list(changes.customer_id) == ["typo"]
    assert "'managers'" in changes.reason[0]


def test_nothing_is_booked_after_a_customer_leaves() -> None:
    portfolio, selection = selected(8)
    first = cf.anchor(portfolio, selection, managers=ONE, start="2022-01", cadence=QUARTER)
    found = cf.anchor(portfolio, selection, managers=ONE, start="2022-01", cadence=QUARTER, until={"c3": "2022-05"})
    assert frame_of(found)[frame_of(found).customer_id == "c3"].day.max() < pd.Timestamp("2022-05-01")
    again = cf.anchor(
        portfolio, selection, managers=ONE, start="2022-01", cadence=QUARTER, until={"c3": "2022-05"}, fixed=first
    )
    assert frame_of(again)[frame_of(again).customer_id == "c3"].day.max() < pd.Timestamp("2022-05-01")
    assert set(frame_of_changes(again).reason) == {"the customer leaves before this day; cancel the review"}


def test_a_year_of_monthly_planning_moves_no_agreed_review() -> None:
    generator = np.random.default_rng(23)
    count, managers = 60, ["An", "Bo", "Cy"]
    ids = [f"c{k}" for k in range(count)]
    reviewed: dict[str, str] = {}
    agenda: cf.Agenda | None = None
    handed: dict[str, list[str]] = {"customer_id": [], "manager": [], "day": []}
    agreed: dict[tuple[str, int], tuple[str, str]] = {}
    for month in range(12):
        start = f"2022-{month + 1:02d}"
        if month:
            ids = [each for each in ids if generator.random() > 0.03] + [f"n{month}.{k}" for k in range(3)]
        if month == 6:
            managers = ["An", "Bo", "Di"]
        frame = pd.DataFrame(
            {"customer_id": ids, "revenue": 1_000.0, "contribution": generator.uniform(100, 300, len(ids))}
        )
        portfolio = cf.Portfolio.from_frame(frame)
        handover = {
            name: [cell for k, cell in enumerate(cells) if handed["customer_id"][k] in ids]
            for name, cells in handed.items()
        }
        found = cf.anchor(
            portfolio, cf.select(portfolio), managers={"manager": managers, "reviews_per_day": [2, 2, 2]}, start=start, cadence=QUARTER,
            calendar="BE", fixed=agenda, last_review={"customer_id": list(reviewed), "day": list(reviewed.values())} if reviewed else None,
            handover=handover if handover["customer_id"] and month < 6 else None,
        )  # fmt: skip
        rows = frame_of(found)
        there = {(r.customer_id, r.number): (str(r.day.date()), r.start) for r in rows.itertuples()}
        for key, when in agreed.items():
            if key[0] in ids:
                assert there[key] == when
        assert (
            rows.groupby("customer_id").day.apply(lambda days: days.sort_values().diff().dt.days.min()).dropna() >= 40
        ).all()
        # the calendar moves some reviews of later months to a free working day and time
        ahead = rows[rows.day >= pd.Timestamp(start) + pd.DateOffset(months=2)]
        moved = ahead.sample(min(3, len(ahead)), random_state=month).index
        rows.loc[moved, "day"] += pd.Timedelta(days=7)
        agenda = cf.Agenda.from_frame(rows, portfolio)
        agreed = {(r.customer_id, r.number): (str(r.day.date()), r.start) for r in rows.itertuples()}
        held = rows[rows.day < pd.Timestamp(start) + pd.DateOffset(months=1)]
        reviewed |= {r.customer_id: str(r.day.date()) for r in held.itertuples()}
        if month == 3:
            handed = {"customer_id": [ids[0]], "manager": ["Cy"], "day": ["2022-05-01"]}
        again = cf.anchor(
            portfolio,
            cf.select(portfolio),
            managers={"manager": managers, "reviews_per_day": [2, 2, 2]},
            start=start,
            cadence=QUARTER,
            calendar="BE",
            fixed=found,
        )
        if month == 0:
            assert frame_of(again).drop(columns="fixed").equals(frame_of(found).drop(columns="fixed"))


@pytest.mark.parametrize("library", ["pandas", "polars", "pyarrow"])
def test_an_agenda_goes_through_a_frame_without_loss(library: str) -> None:
    portfolio, selection = selected(20)
    customers = {"customer_id": ["c1", "c2"], "with": ["Bo", None], "place": ["Ghent", "Bruges"]}
    managers = {"manager": ["An", "Bo"], "reviews_per_day": [4, 4], "hours": ["8:30-17:00", ""]}
    first = cf.anchor(portfolio, selection, managers=managers, customers=customers, start="2022-01")
    back = cf.Agenda.from_frame(first.to_frame(library), portfolio)
    assert list(back.columns()) == list(first.columns())
    for name, values in first.columns().items():
        np.testing.assert_array_equal(np.asarray(values), np.asarray(back.columns()[name]), err_msg=name)
    again = cf.anchor(portfolio, selection, managers=managers, customers=customers, start="2022-01", fixed=back)
    assert len(again) == len(first) and len(again.changes) == 0


def test_an_agenda_stored_by_an_earlier_version_is_refused() -> None:
    portfolio, selection = selected(2)
    state = cf.anchor(portfolio, selection, start="2022-01").__getstate__()
    with pytest.raises(cf.InputError, match="the stored Agenda has format 8; this version reads format 10"):
        cf.Agenda.__new__(cf.Agenda).__setstate__({**state, "format": 8})


def test_planning_again_changes_nothing_with_every_kind_of_limit() -> None:
    """Random settings: hours, days, patterns, second managers, unlike lengths, busy times, absences and slack."""
    for seed in range(12):
        random = np.random.default_rng(seed)
        portfolio, selection = selected(int(random.integers(5, 50)))
        ids, names = portfolio.ids, ["An", "Bo", "Cy"]
        options: dict[str, object] = {
            "managers": {
                "manager": names,
                "reviews_per_day": random.integers(1, 5, 3).tolist(),
                "reviews_per_week": [8, None, 10],
                "hours": ["9:00-17:00", None, "8:30-12:00"],
                "days": [None, "Mon-Thu", None],
            },
            "customers": {
                "customer_id": ids,
                "days": random.choice(["", "", "Monday", "first Tuesday"], len(ids)).tolist(),
                "preferred": random.choice(["", "Friday", "morning"], len(ids)).tolist(),
                "with": random.choice(["", "", "", "", "Bo"], len(ids)).tolist(),
                "kind": random.choice(["short", "long"], len(ids)).tolist(),
            },
            "minutes": {"short": 30, "long": int(random.choice([30, 75]))},
            "cadence": [QUARTER, cf.Cadence("1 month", "6 weeks", "10 days")][seed % 2],
            "months": int(random.integers(1, 9)),
            "tolerance_days": int(random.integers(0, 25)),
            "slack": [0.0, 0.2][seed % 2],
            "absences": {"manager": ["An"], "first": ["2022-02-01"], "last": ["2022-02-20"]},
            "busy": {"manager": ["Bo"], "start": ["2022-01-10 00:00"], "end": ["2022-01-11 11:30"]},
        }
        first = cf.anchor(portfolio, selection, start="2022-01", calendar="BE", **options)  # type: ignore[arg-type]
        again = cf.anchor(portfolio, selection, start="2022-01", calendar="BE", fixed=first, **options)  # type: ignore[arg-type]
        pd.testing.assert_frame_equal(frame_of(again).drop(columns="fixed"), frame_of(first).drop(columns="fixed"))
        assert len(again.unplaced) == len(first.unplaced), seed
        assert len(again.changes) == 0, seed
        rows = frame_of(first)
        busy = pd.concat([rows, rows[rows["with"] != ""].assign(manager=rows["with"])])
        begins = pd.to_datetime(busy.day.dt.strftime("%Y-%m-%d ") + busy.start)
        busy = busy.assign(begin=begins, end=begins + pd.to_timedelta(busy.minutes, unit="min"))
        for _, own in busy.sort_values("begin").groupby("manager"):
            assert (own.end.to_numpy()[:-1] <= own.begin.to_numpy()[1:]).all(), seed


def test_reviews_of_a_manager_without_hours_never_overlap() -> None:
    portfolio, selection = selected(6)
    last = {"customer_id": portfolio.ids, "day": ["2023-01-09"] * 6}
    year = cf.Cadence(A="12 months", B="12 months", C="12 months")
    settings = {"start": "2024-01", "months": 1, "cadence": year, "last_review": last, "tolerance_days": 0}
    managers = {"manager": ["An"], "reviews_per_day": [6]}
    found = cf.anchor(portfolio, selection, managers=managers, minutes=240, **settings)  # type: ignore[arg-type]
    assert frame_of(found).start.tolist() == ["09:00", "13:00"]
    busy = {"manager": ["An"], "start": ["2024-01-09 08:00"], "end": ["2024-01-09 19:00"]}
    assert len(cf.anchor(portfolio, selection, managers=managers, busy=busy, **settings)) == 0  # type: ignore[arg-type]


def test_the_part_of_the_day_of_a_customer_is_kept() -> None:
    portfolio, selection = selected(6)
    last = {"customer_id": portfolio.ids, "day": ["2023-01-09"] * 6}
    customers = {"customer_id": portfolio.ids, "days": ["Tuesday morning"] * 6, "preferred": ["afternoon"] * 6}
    settings = {"start": "2024-01", "months": 1, "cadence": cf.Cadence(A="12 months", B="12 months", C="12 months")}
    found = frame_of(
        cf.anchor(
            portfolio,
            selection,
            managers={"manager": ["An"], "reviews_per_day": [6]},
            customers=customers,
            last_review=last,
            **settings,  # type: ignore[arg-type]
        )
    )
    assert set(found.day.dt.day_name()) == {"Tuesday"} and set(found.start) <= {"09:00", "10:00", "11:00"}
    late = {"manager": ["An"], "reviews_per_day": [6], "hours": ["13:00-17:00"]}
    none = cf.anchor(portfolio, selection, managers=late, customers=customers, last_review=last, **settings)  # type: ignore[arg-type]
    assert len(none) == 0
    assert set(none.unplaced.columns()["reason"]) == {
        "the hours of manager 'An' have no room for 60 minutes in the morning"
    }


@pytest.mark.parametrize(
    ("text", "weekdays"),
    [("Thu-Tue", {0, 1, 3, 4}), ("Fri-Mon", {0, 4}), ("Mon-Wed, Fri", {0, 1, 2, 4}), ("maandag en vrijdag", {0, 4})],
)
def test_days_of_managers_are_read_rightly(text: str, weekdays: set[int]) -> None:
    portfolio, selection = selected(30)
    managers = {"manager": ["An"], "reviews_per_day": [1], "days": [text]}
    found = frame_of(cf.anchor(portfolio, selection, start="2024-01", managers=managers, cadence=QUARTER))
    assert set(found.day.dt.day_of_week) == weekdays


def test_a_manager_works_on_the_first_monday_alone_and_in_the_morning() -> None:
    portfolio, selection = selected(6)
    managers = {"manager": ["An"], "reviews_per_day": [4], "days": ["first Monday morning"]}
    found = frame_of(cf.anchor(portfolio, selection, start="2024-01", managers=managers, cadence=QUARTER))
    assert len(found) > 12 and (found.day.dt.day <= 7).all() and (found.day.dt.day_of_week == 0).all()
    assert (found.start <= "11:00").all()


@pytest.mark.parametrize(
    "text",
    [
        "first Monday and second Tuesday",
        "Tuesday morning, Thursday afternoon",
        "Tuesday morning and Thursday",
        "Tuesday morning or afternoon",
    ],
)
def test_two_patterns_in_one_cell_are_refused(text: str) -> None:
    portfolio, selection = selected(2)
    with pytest.raises(cf.InputError, match="begins a second pattern"):
        cf.anchor(portfolio, selection, start="2024-01", customers={"customer_id": ["c0"], "days": [text]})


def test_a_greatest_gap_below_the_cadence_is_refused() -> None:
    portfolio, selection = selected(2)
    with pytest.raises(cf.InputError, match="greatest_gap is 60; it must be at least 92 days"):
        cf.anchor(portfolio, selection, start="2024-01", cadence=QUARTER, greatest_gap=60)


def crowded(count: int, first: int = 0) -> tuple[cf.Portfolio, cf.Selection, dict[str, object]]:
    """Return customers of whom half find no place with their managers, and settings."""
    portfolio, selection = selected(count, first)
    managers = {"manager": ["An", "Bo", "Cy"], "reviews_per_day": [1, 1, 1], "days": ["Mon", "Tue", "Wed"]}
    return portfolio, selection, {"start": "2024-01", "managers": managers}


def test_customers_without_an_appointment_keep_their_manager_through_frames() -> None:
    portfolio, selection, settings = crowded(299)
    first = cf.anchor(portfolio, selection, **settings)  # type: ignore[arg-type]
    assert len(first.manager_of) == 299 > len(set(first.columns()["customer_id"]))
    larger, again, _ = crowded(300)
    read = cf.Agenda.from_frame(first.to_frame(), larger, assigned=first.assigned.to_frame())
    second = cf.anchor(larger, again, **settings, fixed=read)  # type: ignore[arg-type]
    assert {identity: second.manager_of[identity] for identity in first.manager_of} == first.manager_of


def test_handing_over_is_listed_also_without_an_appointment() -> None:
    portfolio, selection, settings = crowded(299)
    first = cf.anchor(portfolio, selection, **settings)  # type: ignore[arg-type]
    two = {"manager": ["Bo", "Cy"], "reviews_per_day": [1, 1], "days": ["Tue", "Wed"]}
    second = cf.anchor(portfolio, selection, **{**settings, "managers": two}, fixed=first)  # type: ignore[arg-type]
    changes = frame_of_changes(second)
    moved = {identity for identity, name in first.manager_of.items() if name == "An"}
    assert set(changes[changes.change == "handed over"].customer_id) == moved
    free = next(each for each in first.manager_of if each not in set(first.columns()["customer_id"]))
    heir = next(name for name in ("An", "Bo", "Cy") if name != first.manager_of[free])
    handover = {"customer_id": [free], "manager": [heir], "day": ["2024-01-01"]}
    third = cf.anchor(portfolio, selection, **settings, fixed=first, handover=handover)  # type: ignore[arg-type]
    assert third.manager_of[free] == heir
    changes = frame_of_changes(third)
    assert changes[changes.change == "handed over"].customer_id.tolist() == [free]
    twice = {name: 2 * values for name, values in handover.items()}
    with pytest.raises(cf.InputError, match="is listed twice"):
        cf.anchor(portfolio, selection, **settings, handover=twice)  # type: ignore[arg-type]


def test_customers_whose_manager_a_frame_does_not_name_are_listed() -> None:
    portfolio, selection, settings = crowded(300)
    first = cf.anchor(portfolio, selection, **settings)  # type: ignore[arg-type]
    again = cf.anchor(portfolio, selection, **settings, fixed=first.to_frame())  # type: ignore[arg-type]
    changes = frame_of_changes(again)
    listed = changes[changes.change == "assigned"]
    free = set(first.manager_of) - set(first.columns()["customer_id"])
    assert free and set(listed.customer_id) == free
    assert dict(zip(listed.customer_id, listed.manager, strict=True)).items() <= again.manager_of.items()
    own = {
        "customer": sorted(free),
        "manager": ["Bo"] * len(free),
        "reviews_per_day": [1] * len(free),
        "days": ["Tue"] * len(free),
    }
    both = {name: [*values, *own[name]] for name, values in {"customer": [None] * 3, **settings["managers"]}.items()}  # type: ignore[dict-item]
    named = cf.anchor(portfolio, selection, **{**settings, "managers": both}, fixed=first.to_frame())  # type: ignore[arg-type]
    assert "assigned" not in set(frame_of_changes(named).change)


def test_a_remedy_of_more_tolerance_places_the_review() -> None:
    generator = np.random.default_rng(3)
    tried = 0
    for _ in range(12):
        count = int(generator.integers(6, 25))
        portfolio, selection = selected(count)
        days = [str(np.datetime64("2023-01-02") + int(day)) for day in generator.integers(0, 20, count)]
        values = generator.integers(1, 100, count).astype(float)
        settings = {
            "start": "2024-01",
            "months": 2,
            "cadence": cf.Cadence(A="12 months", B="12 months", C="12 months"),
            "last_review": {"customer_id": portfolio.ids, "day": days},
            "managers": {"manager": ["An"], "reviews_per_day": [1]},
        }
        value = {"customer_id": portfolio.ids, "value": values}
        first = cf.anchor(portfolio, selection, **settings, tolerance_days=1, value=value)  # type: ignore[arg-type]
        for customer, remedy in zip(
            *(first.unplaced.columns()[name] for name in ("customer_id", "remedy")), strict=True
        ):
            wider = int(remedy.split("tolerance of ")[1].split()[0])
            first_of_all = {"customer_id": [customer], "value": [1e6]}
            again = cf.anchor(portfolio, selection, **settings, tolerance_days=wider, value=first_of_all, fixed=first)  # type: ignore[arg-type]
            assert customer in again.columns()["customer_id"]
            tried += 1
    assert tried > 20


def test_a_rule_on_accepted_terms_gives_another_cadence() -> None:
    portfolio, selection = selected(4)
    customers = {"customer_id": ["c0", "c1", "c2"], "accepted": [True, False, None]}
    rules = [cf.CadenceRule("accepted", "1 month", at_least=1)]
    found = frame_of(
        cf.anchor(portfolio, selection, start="2022-01", cadence=HALF_YEAR, customers=customers, rules=rules)
    )
    assert set(found[found.customer_id == "c0"].every) == {"1 month"}
    assert set(found[found.customer_id != "c0"].every) == {"6 months"}


def test_a_shorter_cadence_fills_no_gap_between_agreed_reviews_when_planned_twice() -> None:
    portfolio, selection = selected(3)
    first = cf.anchor(portfolio, selection, managers=ONE, start="2022-01", cadence=HALF_YEAR)
    second = cf.anchor(portfolio, selection, managers=ONE, start="2022-02", cadence=QUARTER, fixed=first)
    assert len(second) > len(first)
    third = cf.anchor(portfolio, selection, managers=ONE, start="2022-02", cadence=QUARTER, fixed=second)
    assert third.columns()["day"].tolist() == second.columns()["day"].tolist()
    later = cf.anchor(portfolio, selection, managers=ONE, start="2022-03", cadence=QUARTER, fixed=second)
    last = frame_of(first).groupby("customer_id").day.max()
    rows = frame_of(later)
    assert (rows.day <= rows.customer_id.map(last)).sum() == len(first)
