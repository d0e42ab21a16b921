"""The business: who the customers are, how they move, what is done for them."""

from typing import Final

from deploy.grafana.source.parts import (
    A_DAY,
    AN_HOUR,
    NONE,
    PERCENT,
    QUARTER,
    SHORT,
    THIRD,
    YUAN,
    About,
    Board,
    Limit,
    Query,
    Row,
    bands,
    figure,
    lines,
)

CASE_EVENTS: Final = "stream_app_desk_case_events_total"


def facts(kind: str, span: str) -> str:
    """Count the facts of a type by reason, over a span."""
    return f'sum by (reason) (increase(stream_app_facts_total{{type="{kind}"}}[{span}]))'


CUSTOMERS = Row(
    "Customers 客户",
    [
        figure(
            About(
                "Subscribers 用户数",
                "All subscribers that the workers keep, with a tier or without: each partition's tally, summed.",
                SHORT,
                "metrics.md",
            ),
            Query("sum(stream_app_subscribers)", "subscribers"),
        ),
        figure(
            About(
                "In a tier 等级客户",
                "Subscribers who hold a tier now, for good or provisionally.",
                SHORT,
                "glossary.md",
            ),
            Query('sum(stream_app_subscribers{tier!="none"})', "in a tier"),
        ),
        figure(
            About(
                "At risk 预警客户",
                "Subscribers at churn risk level watch, high or critical.",
                SHORT,
                "early-warning.md",
            ),
            Query("sum(stream_app_subscribers_at_risk)", "at risk"),
        ),
        figure(
            About(
                "Mid-to-high-end 中高端客户",
                "Dynamic mid-to-high-end customers, by the desk's last daily count.",
                SHORT,
                "glossary.md",
            ),
            Query('max(stream_app_desk_customers{group="middle_to_high"})', "mid-to-high-end"),
        ),
        lines(
            About(
                "Subscribers by tier 各等级用户数",
                "Those without a tier, most of them, are left out.",
                SHORT,
                "glossary.md",
            ),
            Query('sum by (tier) (stream_app_subscribers{tier!="none"})', "{{tier}}"),
            stacked=True,
        ),
        lines(
            About(
                "Subscribers by risk level 各预警级别用户数",
                "A level does not flap: it is left only where the score falls well below it.",
                SHORT,
                "early-warning.md",
            ),
            Query("sum by (level) (stream_app_subscribers_at_risk)", "{{level}}"),
            stacked=True,
        ),
    ],
)

MOVES = Row(
    "Moves 变动",
    [
        lines(
            About(
                "Moves between tiers an hour, by reason 等级变动",
                "live: the running month lifted a customer; close: a month closed; the others happen at once.",
                AN_HOUR,
                "contract.md",
            ),
            Query(facts("tier.changed", "1h"), "{{reason}}"),
            stacked=True,
        ),
        lines(
            About(
                "Changes of risk an hour, by the level reached 预警变动",
                "none: the reason is gone. The workers state these at ticks and as events come.",
                AN_HOUR,
                "early-warning.md",
            ),
            Query(facts("churn_risk.changed", "1h"), "{{reason}}"),
            stacked=True,
        ),
        lines(
            About(
                "Months' rows an hour 账期关闭与更正",
                "close: rows as a month closes, one a customer; correction: a later bill or event changed one.",
                AN_HOUR,
                "alerts.md#streamappmonthnotclosing",
            ),
            Query(facts("month.closed", "1h"), "{{reason}}"),
        ),
        lines(
            About(
                "Churn outcomes a day 离网结果",
                "Who left, and the sample of those who stayed, with what was seen in the months before.",
                A_DAY,
                "early-warning.md",
            ),
            Query(facts("churn_outcome.recorded", "1d"), "{{reason}}"),
        ),
    ],
)

ARPU = Row(
    "ARPU",
    [
        bands(
            About(
                "ARPU distribution ARPU 分布",
                "Customers on the network by ARPU in yuan, of the last month closed; each bar reaches up to its bound.",
                SHORT,
                "desk-metrics.md",
            ),
            Query("max by (le) (stream_app_desk_arpu_customers)", "{{le}}"),
        ),
        figure(
            About(
                "Mean ARPU 平均 ARPU",
                "Of the customers on the network, in the last month closed.",
                YUAN,
                "glossary.md",
            ),
            Query("max(stream_app_desk_arpu_mean_fen) / 100", "mean"),
        ),
        figure(
            About(
                "Median ARPU ARPU 中位数",
                "Half of the customers lie below; reckoned within a band of the distribution.",
                YUAN,
                "glossary.md",
            ),
            Query("histogram_quantile(0.5, max by (le) (stream_app_desk_arpu_customers))", "median"),
        ),
    ],
)

TASKS = Row(
    "Tasks and outcomes 任务与结果",
    [
        figure(
            About("Open cases 待办任务", "Customers who are to be called.", SHORT, "desk.md"),
            Query('max(stream_app_desk_cases{state="open"})', "open"),
            QUARTER,
        ),
        figure(
            About("Overdue 逾期任务", "Open cases that should have been called by now.", SHORT, "desk.md"),
            Query("max(stream_app_desk_cases_overdue)", "overdue"),
            QUARTER,
            Limit(1),
        ),
        figure(
            About(
                "Held out 留白",
                "Cases without a task, to measure against: called customers are compared with these.",
                NONE,
                "desk.md",
            ),
            Query('max(stream_app_desk_cases{state="held_out"})', "held out"),
            QUARTER,
        ),
        figure(
            About(
                "Accepted of those called 接受率",
                "Share of the last day's calls that ended with a measure accepted.",
                PERCENT,
                "desk.md",
            ),
            Query(
                f'sum(increase({CASE_EVENTS}{{kind="contacted", outcome="accepted"}}[1d]))'
                f' / clamp_min(sum(increase({CASE_EVENTS}{{kind="contacted"}}[1d])), 1)',
                "accepted",
            ),
            QUARTER,
        ),
        lines(
            About("Cases by state 任务状态", "Closed cases, which only grow, are left out.", SHORT, "desk.md"),
            Query('max by (state) (stream_app_desk_cases{state!="closed"})', "{{state}}"),
            width=THIRD,
        ),
        lines(
            About("Calls an hour, by outcome 外呼结果", "As phone managers report them.", AN_HOUR, "desk.md"),
            Query(f'sum by (outcome) (increase({CASE_EVENTS}{{kind="contacted"}}[1h]))', "{{outcome}}"),
            width=THIRD,
            stacked=True,
        ),
        lines(
            About(
                "Cases opened and closed an hour 任务开闭",
                "Closed by what became of them; cleared: no reason is left to call, lapsed: it took too long.",
                AN_HOUR,
                "desk.md",
            ),
            Query(f'sum(increase({CASE_EVENTS}{{kind="opened"}}[1h]))', "opened"),
            Query(f'sum by (outcome) (increase({CASE_EVENTS}{{kind="closed"}}[1h]))', "closed: {{outcome}}"),
            width=THIRD,
        ),
    ],
)

BUSINESS = Board(
    "stream-app-business",
    "stream-app: business 经营",
    "Customers by tier and risk, their moves with reasons, ARPU, tasks and what came of them.",
    [CUSTOMERS, MOVES, ARPU, TASKS],
    since="now-24h",
)
