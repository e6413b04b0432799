"""Exports of the common CRM systems: what each column is taken for, and what is not taken."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import custfolio as cf
from custfolio import InputError
from custfolio.growth import read_opportunities
from custfolio.growth._systems import SYSTEMS

D = np.datetime64

# One export a system, in its own names: an open, a won and a lost opportunity of 1,000 at 40 %.
EXPORTS = {
    "Odoo": {
        "name": ["a", "b", "c"],
        "partner_name": ["x", "y", "z"],
        "user_id": ["u", "u", "u"],
        "stage_id": ["Proposition", "Won", "New"],
        "expected_revenue": [1000.0, 1000.0, 1000.0],
        "prorated_revenue": [400.0, 1000.0, 0.0],
        "probability": [40.0, 100.0, 0.0],
        "date_deadline": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "create_date": ["2021-11-01 09:30:00", "2021-10-01 08:00:00", "2021-10-02 08:00:00"],
    },
    "Odoo labels": {
        "Opportunity": ["a", "b", "c"],
        "Customer": ["x", "y", "z"],
        "Salesperson": ["u", "u", "u"],
        "Stage": ["Proposition", "Won", "New"],
        "Expected Revenue": [1000.0, 1000.0, 1000.0],
        "Prorated Revenue": [400.0, 1000.0, 0.0],
        "Probability": [40.0, 100.0, 0.0],
        "Expected Closing": ["2022-03-31", "2022-01-15", "2022-02-01"],
    },
    "Salesforce": {
        "Id": ["a", "b", "c"],
        "AccountId": ["x", "y", "z"],
        "Amount": [1000, 1000, 1000],
        "Probability": [40, 100, 0],
        "CloseDate": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "StageName": ["Negotiation", "Closed Won", "Closed Lost"],
        "ExpectedRevenue": [400, 1000, 0],
        "IsClosed": [False, True, True],
        "IsWon": [False, True, False],
        "OwnerId": ["u", "u", "u"],
    },
    "Salesforce labels": {
        "Opportunity Name": ["a", "b", "c"],
        " Account Name: ": ["x", "y", "z"],
        "AMOUNT": ["1,000.00", "1,000.00", "1,000.00"],
        "Probability (%)": ["40%", "100%", "0%"],
        "Close Date": ["3/31/2022", "1/15/2022", "2/1/2022"],
        "Stage": ["Negotiation", "Closed Won", "Closed Lost"],
        "Expected Revenue": ["400.00", "1,000.00", "0.00"],
    },
    "HubSpot": {
        "hs_object_id": ["a", "b", "c"],
        "associated_company": ["x", "y", "z"],
        "amount": [1000.0, 1000.0, 1000.0],
        "dealstage": ["presentationscheduled", "closedwon", "closedlost"],
        "closedate": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "hubspot_owner_id": ["u", "u", "u"],
        "hs_deal_stage_probability": [0.4, 1.0, 0.0],
        "hs_projected_amount": [400.0, 1000.0, 0.0],
    },
    "ERPNext": {
        "name": ["a", "b", "c"],
        "opportunity_from": ["Customer"] * 3,
        "party_name": ["x", "y", "z"],
        "sales_stage": ["Negotiation", "Negotiation", "Qualification"],
        "status": ["Open", "Converted", "Lost"],
        "opportunity_amount": [1000.0, 1000.0, 1000.0],
        "probability": [40.0, 80.0, 20.0],
        "expected_closing": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "currency": ["EUR"] * 3,
        "opportunity_owner": ["u"] * 3,
    },
    "Frappe CRM": {
        "organization": ["x", "y", "z"],
        "status": ["Negotiation", "Won", "Lost"],
        "deal_owner": ["u"] * 3,
        "deal_value": [1000.0, 1000.0, 1000.0],
        "probability": [40.0, 100.0, 0.0],
        "expected_closure_date": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "closed_date": [None, "2022-01-20", "2022-02-03"],
    },
    "SuiteCRM": {
        "name": ["a", "b", "c"],
        "account_name": ["x", "y", "z"],
        "amount": [1000.0, 1000.0, 1000.0],
        "date_closed": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "sales_stage": ["Proposal/Price Quote", "Closed Won", "Closed Lost"],
        "probability": [40, 100, 0],
        "lead_source": ["Web"] * 3,
    },
    "EspoCRM": {
        "name": ["a", "b", "c"],
        "accountName": ["x", "y", "z"],
        "amount": [1000.0, 1000.0, 1000.0],
        "amountWeightedConverted": [400.0, 1000.0, 0.0],
        "closeDate": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "stage": ["Proposal", "Closed Won", "Closed Lost"],
        "probability": [40, 100, 0],
    },
    "Twenty": {
        "name": ["a", "b", "c"],
        "companyId": ["x", "y", "z"],
        "amountAmountMicros": [1_000_000_000] * 3,
        "amountCurrencyCode": ["EUR"] * 3,
        "closeDate": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "stage": ["PROPOSAL", "CUSTOMER", "LOST"],
    },
    "other": {
        "deal_id": ["a", "b", "c"],
        "client": ["x", "y", "z"],
        "value": [1000.0, 1000.0, 1000.0],
        "chance": [0.4, 1.0, 0.0],
        "stage": ["talking", "won", "lost"],
        "close_date": ["2022-03-31", "2022-01-15", "2022-02-01"],
        "weighted_amount": [400.0, 1000.0, 0.0],
    },
}


@pytest.mark.parametrize("name", EXPORTS)
@pytest.mark.parametrize("frame", [pd.DataFrame, pl.DataFrame, pa.table])
def test_every_system_says_the_same(name: str, frame) -> None:
    found = read_opportunities(frame(EXPORTS[name]))
    assert found.source == name.removesuffix(" labels")
    assert found["status"].tolist() == ["open", "won", "lost"]
    assert found["amount"].tolist() == [1000.0, 1000.0, 1000.0]
    assert found["customer"].tolist() == ["x", "y", "z"]
    assert found["expected_close"].tolist()[0] == datetime.date(2022, 3, 31)
    # what has been decided has no estimate any more
    assert np.isnan(found["probability"][1:]).all()
    if name != "Twenty":
        assert found["probability"][0] == pytest.approx(0.4, abs=1e-15)
    assert len(found) + len(found.rejected) == found.rows_read == 3
    assert len(found.open) == 1
    assert len(found.closed) == 2


@pytest.mark.parametrize(
    "name", ["Odoo", "Odoo labels", "Salesforce", "Salesforce labels", "HubSpot", "EspoCRM", "other"]
)
def test_a_weighted_column_is_left_alone_and_said(name: str) -> None:
    found = read_opportunities(pd.DataFrame(EXPORTS[name]))
    assert any("weighted" in note for note in found.notes)


@pytest.mark.parametrize(
    ("name", "whole"),
    [("Odoo", "expected_revenue"), ("Salesforce", "Amount"), ("HubSpot", "amount"), ("other", "value")],
)
def test_a_weighted_column_is_never_the_amount(name: str, whole: str) -> None:
    frame = pd.DataFrame(EXPORTS[name]).drop(columns=whole)
    with pytest.raises(InputError, match=r"weighted by its probability already"):
        read_opportunities(frame, source=name)
    weighted = {
        "Odoo": "prorated_revenue",
        "Salesforce": "ExpectedRevenue",
        "HubSpot": "hs_projected_amount",
        "other": "weighted_amount",
    }
    with pytest.raises(InputError, match=r"count the chance twice"):
        read_opportunities(pd.DataFrame(EXPORTS[name]), source=name, columns={"amount": weighted[name]})


def test_odoo_says_won_and_lost_by_a_probability_of_100_and_0() -> None:
    found = read_opportunities(pd.DataFrame(EXPORTS["Odoo"] | {"stage_id": ["New", "New", "New"]}))
    assert found["status"].tolist() == ["open", "won", "lost"]
    assert any("exactly 100 or 0" in note for note in found.notes)


def test_columns_that_two_systems_read_differently_need_a_name() -> None:
    frame = pd.DataFrame(
        {
            "Name": ["a"],
            "Account": ["x"],
            "Amount": [5.0],
            "Stage": ["New"],
            "Close Date": ["2022-01-31"],
            "Status": ["open"],
        }
    )
    found = read_opportunities(frame, source="espocrm")
    assert found.source == "EspoCRM"
    with pytest.raises(InputError, match=r"source is 'Siebel'"):
        read_opportunities(frame, source="Siebel")


def test_probabilities_that_leave_their_unit_open_are_an_error() -> None:
    base = {"deal_id": ["a", "b"], "client": ["x", "y"], "value": [1.0, 2.0], "stage": ["s", "s"]}
    with pytest.raises(InputError, match=r"1 % or certain"):
        read_opportunities(pd.DataFrame(base | {"chance": [0, 1]}))
    assert read_opportunities(pd.DataFrame(base | {"chance": [0, 1]}), probability_unit="percent")[
        "probability"
    ].tolist() == [0, 0.01]
    assert read_opportunities(pd.DataFrame(base | {"chance": [0.5, 1]}))["probability"].tolist() == [0.5, 1]
    assert read_opportunities(pd.DataFrame(base | {"chance": [50, 1]}))["probability"].tolist() == [0.5, 0.01]
    with pytest.raises(InputError, match=r"should have percentages"):
        read_opportunities(pd.DataFrame(EXPORTS["SuiteCRM"] | {"probability": [0.4, 1, 0]}))


def test_rows_that_cannot_be_read_are_listed() -> None:
    frame = pd.DataFrame(
        {
            "deal_id": list("abcdef"),
            "client": ["x"] * 6,
            "value": ["10", "ten", "-5", "", "7", "8"],
            "chance": ["50", "50", "50", "50", "150", "x"],
            "stage": ["s"] * 6,
            "close_date": ["2022-01-31", "2022-01-31", "2022-01-31", "2022-02-30", "2022-01-31", "2022-01-31"],
        }
    )
    found = read_opportunities(frame)
    assert found["opportunity"].tolist() == ["a"]
    listed = found.rejected.to_frame("pandas")
    assert listed["row"].tolist() == [2, 3, 4, 5, 6]
    assert listed["column"].tolist() == ["value", "value", "close_date", "chance", "chance"]
    assert listed["value"].tolist() == ["ten", "-5", "2022-02-30", "150", "x"]
    assert all(listed["reason"])
    assert len(found) + len(found.rejected) == found.rows_read == 6


def test_an_amount_that_is_not_there_is_no_fault() -> None:
    found = read_opportunities(pd.DataFrame(EXPORTS["SuiteCRM"] | {"amount": [None, 5.0, 6.0]}))
    assert np.isnan(found["amount"][0])
    assert len(found.rejected) == 0


def test_the_user_says_what_a_stage_means() -> None:
    frame = pd.DataFrame(EXPORTS["SuiteCRM"] | {"sales_stage": ["Ordered", "Parked", "Proposal"]})
    found = read_opportunities(frame, statuses={"ordered": "won", "Parked": "lost"})
    assert found["status"].tolist() == ["won", "lost", "open"]
    with pytest.raises(InputError, match=r"'open', 'won' or 'lost'"):
        read_opportunities(frame, statuses={"Ordered": "yes"})


def test_files_are_read_with_their_row_numbers(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("deal_id;client;value;stage\na;x;1.000,50;won\nb;y;oops;lost\nc;z;2.000,25;s;extra\n")
    found = read_opportunities(path)
    assert found["amount"].tolist() == [1000.5]
    assert found.rejected.to_frame("pandas")["row"].tolist() == [2, 3]
    assert found.rows_read == 3


def test_the_pipeline_of_an_earlier_day_knows_nothing_of_later() -> None:
    found = read_opportunities(
        pd.DataFrame(
            {
                "opportunity_id": list("abcd"),
                "account": ["x"] * 4,
                "deal_stage": ["Won", "Won", "Lost", "Engaging"],
                "engage_date": ["2017-01-01", "2017-01-05", "2017-02-20", "2017-01-07"],
                "close_date": ["2017-02-01", "2017-03-05", "2017-03-01", None],
                "close_value": [10.0, 20.0, 0.0, None],
            }
        )
    )
    then = found.as_of("2017-02-10")
    assert then["opportunity"].tolist() == ["a", "b", "d"]
    assert then["status"].tolist() == ["won", "open", "open"]
    assert np.isnan(then["amount"][1:]).all()
    assert np.isnat(then["closed"][1:]).all()
    assert np.isnat(then["expected_close"][1])
    assert found["status"].tolist() == ["won", "won", "lost", "open"]  # the whole history is as it was
    with pytest.raises(InputError, match=r"creation date"):
        read_opportunities(pd.DataFrame(EXPORTS["SuiteCRM"])).as_of("2022-01-01")


def test_hostile_text_is_shown_as_text() -> None:
    found = read_opportunities(
        pd.DataFrame(EXPORTS["SuiteCRM"] | {"account_name": ["<script>alert(1)</script>", "y", "z"]})
    )
    assert "<script>" not in found._repr_html_()
    assert found.plot().to_dict()["mark"]["type"] == "bar"


@pytest.mark.parametrize(
    ("frame", "text"),
    [
        ({"a": [1], "b": [2]}, "no column is recognised as the amount"),
        ({"amount": [1.0], "client": ["x"]}, "stage, status or probability"),
    ],
)
def test_what_is_no_pipeline_is_refused(frame: dict, text: str) -> None:
    with pytest.raises(InputError, match=text):
        read_opportunities(pd.DataFrame(frame))


def test_roles_must_exist() -> None:
    with pytest.raises(InputError, match="names the role 'value'"):
        read_opportunities(pd.DataFrame(EXPORTS["SuiteCRM"]), columns={"value": "amount"})
    with pytest.raises(InputError, match="no column 'sum' for amount"):
        read_opportunities(pd.DataFrame(EXPORTS["SuiteCRM"]), columns={"amount": "sum"})


@pytest.mark.parametrize("name", EXPORTS)
def test_every_system_becomes_the_same_budget(name: str) -> None:
    pipeline = read_opportunities(pd.DataFrame(EXPORTS[name]))
    plans = pipeline.to_plans("2022-01", margin=0.25, probability=0.4)
    assert [plan.customer for plan in plans] == ["x"]
    growth = cf.grow(plans, start="2022-01", months=6)
    assert growth.expected_revenue.tolist() == pytest.approx([0, 0, 400, 0, 0, 0])
    assert growth.expected.tolist() == pytest.approx([0, 0, 100, 0, 0, 0])


def _plain(**columns: Any) -> dict[str, Any]:
    return {
        "id": ["1", "2", "3"],
        "account": ["X", "Y", "Z"],
        "amount": [100, 200, 300],
        "stage": ["first", "second", "Won"],
        "close_date": ["2022-03-01", "2022-04-01", "2021-12-01"],
        "probability": [0.1, 0.6, 1.0],
    } | columns


def test_usual_words_are_not_taken_for_a_system_that_knows_fewer_of_them() -> None:
    found = read_opportunities(pd.DataFrame(_plain()))
    assert found.source == "other"
    assert found.recognised["expected_close"] == "close_date"
    assert found["expected_close"].astype(str).tolist() == ["2022-03-01", "2022-04-01", "2021-12-01"]
    assert found["probability"][:2].tolist() == [0.1, 0.6]
    espo = {
        "id": ["1"],
        "account": ["X"],
        "stage": ["New"],
        "amount": [1],
        "closeDate": ["2022-03-01"],
        "probability": [10],
    }
    assert read_opportunities(pd.DataFrame(espo)).recognised["expected_close"] == "closeDate"


def test_an_opportunity_that_stands_there_twice_counts_once_and_what_differs_is_told() -> None:
    same = _plain(id=["1", "1", "3"], account=["X", "X", "Z"], amount=[100, 100, 300], stage=["first", "first", "Won"])
    same |= {"close_date": ["2022-03-01"] * 3, "probability": [0.1, 0.1, 1.0]}
    found = read_opportunities(pd.DataFrame(same))
    assert (len(found), found.rows_read) == (2, 3)
    assert found.rejected.to_frame("pandas").to_dict("records") == [
        {"row": 2, "column": "id", "value": "1", "reason": "the same opportunity as in row 1"}
    ]
    found = read_opportunities(pd.DataFrame(_plain(id=["1", "1", "3"])))
    assert len(found) == 3
    assert any("'1' in rows 1 and 2" in note for note in found.notes)
    named = {"deal" if name == "id" else name: values for name, values in same.items()}
    assert len(read_opportunities(pd.DataFrame(named))) == 3  # a name may be that of several


def test_chances_of_0_and_1_only_are_asked_for_in_every_system() -> None:
    odoo = {
        "name": ["a", "b"], "partner_id": ["X", "Y"], "stage_id": ["New", "New"], "expected_revenue": [1.0, 2.0],
        "probability": [0, 1], "date_deadline": ["2022-03-01"] * 2,
    }  # fmt: skip
    with pytest.raises(
        cf.InputError, match="column 'probability' should have percentages, and its greatest value is 1"
    ):
        read_opportunities(pd.DataFrame(odoo))
    assert read_opportunities(pd.DataFrame(odoo), probability_unit="percent")["probability"][1] == 0.01


def test_rows_of_other_tables_in_a_folder_are_no_opportunities(tmp_path: Path) -> None:
    pd.DataFrame(_plain()).to_csv(tmp_path / "pipeline.csv", index=False)
    pd.DataFrame({"account": ["X", "Y"], "sector": ["retail", "care"]}).to_csv(tmp_path / "accounts.csv", index=False)
    found = read_opportunities(tmp_path)
    assert (len(found), len(found.rejected), found.rows_read) == (3, 2, 5)
    assert set(found.rejected.to_frame("pandas")["reason"]) == {
        "the row has no opportunity, stage, amount or probability"
    }


@pytest.mark.parametrize(
    ("close", "closed"),
    [
        ("expected_closure_date", "closed_date"),
        ("Expected Close Date", "Close Time"),
        ("Deal - Expected close date", "closed_at"),
        ("estimatedclosedate", "actualclosedate"),
        ("Est. Close Date", "Actual Close Date"),
        ("Closing Date", "Closed On"),
        ("Closing_Date", "date_closed"),
        ("closedate", "closed date"),
        ("CloseDate", "Closed_Date"),
        ("date_deadline", "closed"),
        ("est. close", "closed"),
        ("forecast_close", "Closed On"),
        ("expected_revenue_date", "closed_at"),
        ("Date de clôture prévue", "closed"),
        ("voraussichtliches Abschlussdatum", "closed"),
        ("verwachte afsluitdatum", "closed"),
    ],
)
@pytest.mark.parametrize("layout", ["plain", "Odoo", "Salesforce", "HubSpot", "ERPNext", "EspoCRM"])
def test_usual_names_of_closing_dates_are_read_from_any_layout(close: str, closed: str, layout: str) -> None:
    plain = {"deal": ["a", "b"], "client": ["x", "y"], "value": [1.0, 2.0], "phase": ["", ""], "stage": ["New", "Won"]}
    dates = {
        name
        for system in SYSTEMS.values()
        for role in ("expected_close", "closed")
        for name in system.names.get(role, ())
    }
    base = plain if layout == "plain" else {n: v[:2] for n, v in EXPORTS[layout].items() if n not in dates}
    export = {**base, close: ["2022-03-31", None], closed: [None, "2022-01-15"]}
    deals = read_opportunities(pd.DataFrame(export), source="other" if layout == "plain" else layout)
    assert deals.recognised["expected_close"] == close
    assert deals["expected_close"][0] == D("2022-03-31")
    if layout == "plain":
        assert deals.recognised["closed"] == closed
