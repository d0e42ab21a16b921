"""Figures for management: each section says what was reckoned, as a chart, a table and a CSV; nobody is named."""

import csv
import io
import re

import orjson
import pytest

from stream_app.console.desk import Desk
from stream_app.console.figures.refresh import refresh
from tests.console.figures.people import People
from tests.console.web.conftest import Browsing
from tests.console.web.figures_seeding import seed_figures
from tests.console.web.markup import Markup
from tests.console.web.seeding import BRANCH, HOSTILE
from tests.console.web.test_hostile_texts import check

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SECTIONS = ("", "/cohorts", "/tiers", "/revenue", "/effect", "/churn")
BOM = "\ufeff"


def table(answer: str) -> list[dict[str, str]]:
    """Read a CSV as a spreadsheet would."""
    assert answer.startswith(BOM)
    return list(csv.DictReader(io.StringIO(answer.removeprefix(BOM))))


async def test_counts_are_shown_by_day_and_month_with_the_year_s_mean(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        days = table((await browser.get("/business/counts/days.csv")).text)
        months = table((await browser.get("/business/counts/months.csv")).text)
        years = table((await browser.get("/business/counts/years.csv")).text)
        of_branch = table((await browser.get("/business/counts/days.csv", params={"branch": BRANCH})).text)
        shown = await browser.get("/business")
    counts = [days[0][name] for name in ("day", "dynamic", "assessed", "ordinary")]
    assert counts == ["2025-06-10", "7", "7", "6"]  # the six, and c-li
    assert of_branch[0]["dynamic"] == "5"  # n0 to n3, and c-li
    assert [months[1][name] for name in ("month", "revenue_fen", "share")] == ["2025-04", "135000", "1"]
    assert years == [
        {"year": "2025", "months": "5", "assessed_mean": "5"},
        {"year": "2024", "months": "1", "assessed_mean": "6"},
    ]
    assert "Daily count" in Markup(shown.text).words


@on_sqlite
@pytest.mark.parametrize("login", ["boss", "sun"])
async def test_each_chart_has_a_text_alternative_and_its_figures_in_a_table(
    desk: Desk, browsing: Browsing, login: str
) -> None:
    async with browsing(login) as browser:
        seed_figures(desk)
        for section in SECTIONS:
            shown = await browser.get(f"/business{section}")
            assert shown.status_code == 200
            check_charts(shown.text)
            words = Markup(shown.text).words
            assert [name for name in ("n0", "n1", "c-li") if re.search(rf"\b{name}\b", words)] == []
            links = [link.attributes["href"] for link in Markup(shown.text).named("a")]
            tables = [await browser.get(link) for link in links if ".csv" in link]
            assert all(answer.headers["content-type"] == "text/csv; charset=utf-8" for answer in tables)
            assert all(table(answer.text) for answer in tables)
            assert tables


def check_charts(text: str) -> None:
    """Make sure that each chart says what it shows, and has as many figures as labels."""
    for canvas in Markup(text).named("canvas"):
        assert canvas.attributes["role"] == "img"
        assert len(canvas.attributes["aria-label"]) > 3
        found = re.search(rf'id="{canvas.attributes["data-chart"]}">(.*?)</script>', text)
        assert found
        drawn = orjson.loads(found[1])
        assert all(len(each["values"]) == len(drawn["labels"]) for each in drawn["series"])


async def test_who_belongs_to_a_branch_sees_that_branch_alone(desk: Desk, browsing: Browsing) -> None:
    async with browsing("zhou") as browser:
        seed_figures(desk)
        rows = table((await browser.get("/business/counts/days.csv", params={"branch": BRANCH})).text)
    assert rows[0]["dynamic"] == "2"


@on_sqlite
async def test_growth_is_reckoned_for_the_target_that_is_asked_for(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        shown = Markup((await browser.get("/business", params={"target": "10", "loss": "50"})).text).words
    assert "10 - (7 - 4) = 7 to develop. The growth pool and irregular demand are 0: 7 too few." in shown
    assert "in 2025: months counted 5, the first is month 1; their mean so far 5.0." in shown
    assert "each month left must count 13.6 (months left: 7)" in shown  # (12 * 10 - 4 * 6 - 1) / 7


@on_sqlite
@pytest.mark.parametrize("field", ["target", "loss"])
@pytest.mark.parametrize("written", ["-1", "abc", "1e2", "nan", "4,5", "1_0", "٣"])
async def test_a_target_or_loss_that_is_none_is_refused_beside_its_field(
    desk: Desk, browsing: Browsing, field: str, written: str
) -> None:
    said = {"target": "Write whole customers in digits", "loss": "Write a percentage from 0 to 100"}
    async with browsing("boss") as browser:
        seed_figures(desk)
        odd = await browser.get("/business", params={"target": "10", "loss": "5"} | {field: written})
        high = await browser.get("/business", params={"target": "10", "loss": "200"})
    found = Markup(odd.text)
    assert (odd.status_code, "to develop" in found.words) == (422, False)
    assert [name for name, text in said.items() if text in found.words] == [field]
    asked = next(each for each in found.named("input") if each.attributes.get("name") == field)
    assert (asked.attributes["value"], asked.attributes["aria-describedby"]) == (written, f"{field}-refused")
    assert (high.status_code, said["loss"] in high.text) == (422, True)


@on_sqlite
async def test_heads_and_revenue_of_a_table_are_those_of_the_same_customers(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        people = People(desk.engine)
        people.customer("n6", industry="press")
        people.month("n6", "2025-04", revenue_fen=100, on_network=False)
        people.read_on(read_to=2)
        refresh(desk)
        month = table((await browser.get("/business/counts/months.csv")).text)[1]
        spread = table((await browser.get("/business/revenue/concentration.csv?month=2025-04")).text)[-1]
        industry = table((await browser.get("/business/revenue/industries.csv?month=2025-04")).text)
        counts = Markup((await browser.get("/business")).text).words
        revenue = Markup((await browser.get("/business/revenue")).text).words
    assert (month["month"], month["heads"], month["revenue_fen"]) == ("2025-04", "6", "135000")  # n0 to n5
    assert (spread["heads"], spread["revenue_fen"]) == ("7", "135100")
    assert [sum(int(row[name]) for row in industry) for name in ("heads", "revenue_fen")] == [7, 135_100]
    assert "of those on the network as the month ended" in counts
    assert revenue.count("also those who were off the network as it ended") == 5


@on_sqlite
async def test_a_chinese_page_of_figures_has_its_own_colons_and_single_percents(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        await browser.fill("/business/cohorts", name="spring", on="2025-04-15")
        await browser.fill("/account/language", language="zh")
        pages = {part: Markup((await browser.get(f"/business{part}?cohort=spring")).text).words for part in SECTIONS}
    assert [part for part, words in pages.items() if "%%" in words] == []
    assert "组别" in pages["/effect"]
    assert "集团" not in pages["/effect"]
    assert "预计流失（百分比）" in pages[""]  # noqa: RUF001 - Chinese has its own
    assert "逐月保有率：spring" in pages["/cohorts"]  # noqa: RUF001


@on_sqlite
async def test_concentration_tells_the_share_of_the_top_fifth(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        shown = Markup((await browser.get("/business/revenue", params={"month": "2025-03"})).text).words
        rows = table((await browser.get("/business/revenue/concentration.csv?month=2025-03")).text)
        mixed = table((await browser.get("/business/revenue/mix_tiers.csv?month=2025-03")).text)
    assert "Top 20% of customers bring 36.3%" in shown  # 2 of 6: 49,000 of 135,000 fen
    assert next(row for row in rows if row["customers_percent"] == "20%")["revenue_fen"] == "49000"
    assert (mixed[0]["local"], mixed[0]["sms"], mixed[0]["charges_fen"]) == ("1", "0", "5400")


async def test_a_cohort_is_frozen_once_and_followed(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        done = await browser.fill("/business/cohorts", name="spring & all", on="2025-04-15")
        again = await browser.fill("/business/cohorts", name="spring & all", on="2025-04-15")
        odd = await browser.fill("/business/cohorts", name="x", on="tomorrow")
        late = await browser.fill("/business/cohorts", name="x", on="2025-06-11")
        shown = await browser.get(done.headers["location"])
        rows = table((await browser.get("/business/cohorts/cohort_months.csv", params={"cohort": "spring & all"})).text)
        listed = table((await browser.get("/business/cohorts/cohorts.csv")).text)
    assert (done.status_code, again.status_code, odd.status_code, late.status_code) == (303, 422, 422, 422)
    assert "There is a cohort of this name" in again.text
    assert "Retention month by month: spring & all" in Markup(shown.text).words
    april = {
        "group": "2025-04",
        "heads": "6",
        "on_network": "6",
        "retention": "1",
        "above": "6",
        "value_retention": "1",
    }
    may = {"group": "2025-05", "heads": "6", "on_network": "0", "retention": "0", "above": "0", "value_retention": "0"}
    assert rows == [april, may]  # nobody of them has a row for May
    assert {row["cohort"]: row["heads"] for row in listed}["spring & all"] == "6"


@on_sqlite
async def test_only_management_freezes_a_cohort(browsing: Browsing) -> None:
    for login, status in (("sun", 403), ("li", 403), ("ops", 403)):
        async with browsing(login) as browser:
            assert (await browser.fill("/business/cohorts", name="x", on="2025-06-01")).status_code == status
    async with browsing("li") as browser:
        assert (await browser.get("/business")).status_code == 403


@on_sqlite
async def test_too_few_cases_tell_no_effect(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk)
        rows = table((await browser.get("/business/effect/effect.csv")).text)
    assert [(row["called"], row["held_out"], row["difference"], row["verdict"]) for row in rows] == [
        ("3", "3", "", "too few cases to tell")
    ] * 3


@on_sqlite
@pytest.mark.parametrize("hostile", [HOSTILE])
async def test_hostile_names_of_tiers_measures_and_industries_stay_text(
    desk: Desk, browsing: Browsing, hostile: str
) -> None:
    async with browsing("boss") as browser:
        seed_figures(desk, hostile)
        seen = 0
        for section in SECTIONS:
            shown = await browser.get(
                f"/business{section}", params={"branch": hostile, "cohort": hostile, "loss": hostile[:8]}
            )
            check(shown.text)
            whole = await browser.get(f"/business{section}")
            check(whole.text)
            seen += "alert(1)" in Markup(whole.text).words
        formula = await browser.fill("/business/cohorts", name="=1+1", on="2025-05-01")
        cells = (await browser.get("/business/cohorts/cohorts.csv")).text
    assert seen >= 3  # tiers, measures, industries
    assert formula.status_code == 303
    assert "'=1+1" in cells


@on_sqlite
async def test_what_is_not_there_is_not_found(browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        for path in ("/business/nothing", "/business/nothing/days.csv", "/business/counts/nothing.csv"):
            assert (await browser.get(path)).status_code == 404
        empty = await browser.get("/business")
    assert "There are no figures yet." in empty.text


def seed_leaving(desk: Desk, left: int) -> None:
    """Put in outcomes of so many who left, and of five who stayed, with indicators of each unit."""
    people = People(desk.engine)
    for number in range(left + 5):
        indicators = {"monetary_fen": 12_345, "active_days_percent": 130 + number, "silent_days": 1_000, "portout": 1}
        looks = [{"days_before": 30, "seen_on": "2025-05-01", "indicators": indicators}]
        people.outcome(left=number < left, looks=looks, branch_id=BRANCH)
    people.read_on()
    refresh(desk)


@on_sqlite
async def test_what_indicators_read_before_churn_is_shown_in_their_units(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_leaving(desk, left=5)
        shown = await browser.get("/business/churn", params={"indicator": "monetary_fen"})
        rows = {row["unit"]: row for row in table((await browser.get("/business/churn/indicators.csv")).text)}
    words = Markup(shown.text).words
    assert "mean monthly revenue in yuan 30 ¥123.45 ¥123.45 ¥123.45 ¥123.45" in words
    assert "active days in percent 30 132.0% 131% 132% 133%" in words
    assert "days of silence in days 30 1,000.0 1,000" in words
    assert "port-out request a number 30 1.0 1" in words
    assert '"unit": "yuan"' in shown.text
    assert '"values": [null, null, 123.45]' in shown.text
    assert (rows["fen"]["left_mean"], rows["fen"]["left_p50"], rows["percent"]["left_p25"]) == ("12345", "12345", "131")
    assert "withheld" not in words


@on_sqlite
async def test_it_is_said_that_figures_of_too_few_are_withheld(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        seed_leaving(desk, left=4)
        words = Markup((await browser.get("/business/churn")).text).words
    assert "Who left: 4, who stayed: 5" in words
    assert words.count("Fewer than 5 who left: their figures are withheld (—)") == 2  # by the chart and the table
    assert "who stayed: their figures" not in words


@on_sqlite
async def test_it_is_said_where_cases_never_in_the_draw_count(desk: Desk, browsing: Browsing) -> None:
    async with browsing("boss") as browser:
        people = People(desk.engine)
        for name in ("n7", "n8"):
            people.case(name, "2025-03-01 10:00", arm="exempt", measure="family_plan", case_id=f"exempt-{name}")
        seed_figures(desk)
        words = Markup((await browser.get("/business/effect")).text).words
        compared = table((await browser.get("/business/effect/effect.csv")).text)[0]
        measures = table((await browser.get("/business/effect/effect_measures.csv")).text)
    assert (compared["called"], sum(int(row["cases_30"]) for row in measures)) == ("3", 5)
    assert "Without the cases never in the draw (customers who are always called); after 30 days: 2." in words
    assert "never in the draw, which the comparison leaves out; after 30 days: 2." in words
