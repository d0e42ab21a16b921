"""A customer's risk of leaving in words, English and Chinese: level, reasons with their figures, what to offer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Answer = Mapping[str, Any]
LEVELS = {"none": "none 无", "watch": "watch 关注", "high": "high 高", "critical": "critical 紧急"}
INDICATORS = {
    "spend_pace_percent": "spending, percent of the usual pace 消费进度",
    "minutes_pace_percent": "outgoing minutes, percent of the usual pace 主叫分钟进度",
    "data_pace_percent": "data, percent of the usual pace 流量进度",
    "active_days_percent": "days of use, percent of the usual pace 活跃天数",
    "silent_days": "days of silence 静默天数",
    "low_spend_months": "months of low spend 低消费月数",
    "arrears_months": "months in arrears 欠费月数",
    "arrears_fen": "arrears 欠费金额",
    "balance_fen": "low balance without top-up 余额不足",
    "complaints": "complaints 投诉",
    "complaints_escalated": "escalated complaints 升级投诉",
    "hotline_calls": "contacts with a competitor 竞争对手热线",
    "call_forwarding": "calls forwarded to another network 呼叫转移异网",
    "portout": "days since a port-out code was asked for 携转申请",
    "contract_days_left": "days until the plan or contract ends 合约到期",
    "tenure_months": "months on the network 在网时长",
    "measures_held": "stabilising measures held 稳定措施",
    "sticky_services": "sticky services held 黏性业务",
    "tier_lost_days": "days since the tier went down 等级下降",
    "recency_days": "days since the last use 最近使用",
    "frequency_percent": "share of days with use, percent 使用频度",
    "monetary_fen": "mean monthly revenue 月均消费",
    "left": "the customer left the network 离网",
}
HELD = {
    "dwell": "by the dwell: the score has fallen 最短停留期未满",
    "hysteresis": "by the hysteresis: the score has fallen, but not far enough 未低于滞回界限",
}
FEN = "_fen"


def risk_lines(answer: Answer, changes: Sequence[Answer]) -> Iterator[str]:
    """Put a customer's risk into words; `changes` are the changes of risk known, the oldest first."""
    risk = answer.get("risk")
    if risk is None:
        return
    since = f", since {risk['since_on']}" if risk["since_on"] else ""
    yield f"churn risk 流失风险      {LEVELS[risk['level']]}{since}, score {risk['score']} of 100"
    if risk["held_by"]:
        yield f"  held 保持: {HELD[risk['held_by']]}"
    yield from map(reason_line, (*risk["reasons"], *risk["protections"]))
    if risk["level"] != "none":
        yield from _suggestions(risk)
    if changes:
        yield ""
        yield "risk changes:"
        yield from map(_change_line, changes)


def reason_line(reason: Answer) -> str:
    """Say what a reason adds and why."""
    figures = ", ".join(f"{_plain(key)} {_figure(key, value)}" for key, value in reason["evidence"].items())
    name = INDICATORS.get(reason["indicator"], reason["indicator"])
    value = "unknown" if reason["value"] is None else _figure(reason["indicator"], reason["value"])
    return f"  {reason['points']:+4d}  {name}: {value}{f' ({figures})' if figures else ''}"


def _suggestions(risk: Answer) -> Iterator[str]:
    if risk["suggested_measures"]:
        yield f"suggested measures 建议措施  {', '.join(risk['suggested_measures'])}"
    for offer in risk["offers"]:
        yield f"  offer {offer['offer']} ({offer['measure']}): {_terms(offer)}"


def _terms(offer: Answer) -> str:
    terms = [
        f"{word} {_yuan(offer[key])} yuan"
        for key, word in (("deposit_fen", "deposit"), ("gift_fen", "gift"), ("subsidy_fen", "subsidy"))
        if offer[key]
    ]
    months = [f"{offer['months']} months"] if offer["months"] else []
    return ", ".join(terms + months) or "as in the catalogue"


def _change_line(change: Answer) -> str:
    leading = change["reasons"][0]["indicator"] if change["reasons"] else ""
    why = INDICATORS.get(leading, leading) or "no reason is left 原因消除"
    return f"  {change['occurred_at'][:19]}Z  {change['from']} -> {change['to']} (score {change['score']}): {why}"


def _plain(key: str) -> str:
    return key.removesuffix(FEN).replace("_", " ")


def _figure(key: str, value: object) -> str:
    return f"{_yuan(value)} yuan" if key.endswith(FEN) and isinstance(value, int) else str(value)


def _yuan(fen: int) -> str:
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"
