"""What differs between two policies, in words: English or Chinese, money in yuan, every figure with its unit.

A figure that has no words of its own here is told by its name in the file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from stream_app.commands.words import yuan
from stream_app.core.policy_diff import Difference, Leaf

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")

SECTIONS: Mapping[str, tuple[str, str]] = {
    "tiers": ("tier", "等级"),
    "billing": ("billing", "账期"),
    "tier_policy": ("keeping a tier", "保级规则"),
    "dedup": ("repeats", "去重"),
    "retention": ("forgetting", "数据保留"),
    "value_classes": ("value classes", "价值分类"),
    "measures": ("measures", "稳定措施"),
    "plans": ("plans", "套餐"),
    "risk": ("churn risk", "流失预警"),
    "retention_matrix": ("retention matrix", "保有矩阵"),
    "offers": ("offers", "优惠目录"),
    "desk": ("desk", "电话经理工作台"),
}
FIGURES: Mapping[str, tuple[str, str]] = {
    "version": ("version", "版本"),
    "effective_at": ("in force from", "生效时间"),
    "floor_fen": ("least monthly mean", "月均收入下限"),
    "card": ("card", "卡级"),
    "grace_hours": ("months close after their end by", "账期关闭宽限"),
    "correctable_months": ("months can be corrected for", "可更正账期数"),
    "closes_to_downgrade": ("closes below the floor that lose a tier", "降级所需连续关账次数"),
    "contract_required": ("contract required", "需要合约"),
    "arrears_grace_days": ("arrears suspend after", "欠费宽限"),
    "usage_recent": ("usage ids remembered", "记住的话单号数"),
    "forget_after_months": ("who left is forgotten after", "离网后保留"),
    "dynamic_over_fen": ("mid-to-high-end above", "中高端下限"),
    "quasi_floor_fen": ("growth pool from", "准中高端下限"),
    "important_floor_fen": ("important from", "重要客户下限"),
    "low_below_fen": ("low spend below", "低消费上限"),
    "indicators": ("indicator", "指标"),
    "points": ("points", "分值"),
    "missing": ("points where nothing is known", "缺失分值"),
    "bins": ("values", "取值"),
    "base_points": ("points to begin with", "基础分"),
    "watch_from": ("level watch from", "关注级起点"),
    "high_from": ("level high from", "高危级起点"),
    "critical_from": ("level critical from", "紧急级起点"),
    "hysteresis_points": ("points below before a level falls", "回落滞后分"),
    "min_dwell_days": ("a level stands at least", "最短停留"),
    "cool_down_days": ("quiet after a fall to none", "冷却期"),
    "risk_from": ("level that opens a case", "开单级别"),
    "important_risk_from": ("level that opens a case of an important customer", "重要客户开单级别"),
    "tier_lost_calls": ("a tier lost opens a case", "降级开单"),
    "win_back_classes": ("called back after leaving", "离网挽回客户类"),
    "act_within_days": ("facts open cases for", "事实开单时限"),
    "due_hours": ("call due by reason", "按原因的联系时限"),
    "tier_due_hours": ("call due by tier", "按等级的联系时限"),
    "other_due_hours": ("call due otherwise", "其他联系时限"),
    "retry_hours": ("another try after", "重拨间隔"),
    "attempts": ("tries before the supervisor sees it", "上报主管前的拨打次数"),
    "follow_up_days": ("follow-up after", "跟进间隔"),
    "enrol_days": ("a measure accepted is enrolled within", "措施办理时限"),
    "rest_days": ("left alone after a result", "结案后免扰期"),
    "held_out_permille": ("held out, of a thousand", "留白组千分比"),
    "never_held_out_tiers": ("tiers never held out", "不入留白组的等级"),
    "never_held_out_reasons": ("reasons never held out", "不入留白组的原因"),
    "quiet_from_hour": ("no calls from, o'clock", "免扰开始时刻"),
    "quiet_until_hour": ("no calls until, o'clock", "免扰结束时刻"),
    "calls_a_day": ("calls a day to one customer", "每客户每日通话上限"),
    "capacity_a_day": ("calls a day of a phone manager", "电话经理每日通话量"),
    "balance_below_fen": ("balance warning below", "余额预警线"),
}
UNITS: Mapping[str, tuple[str, str]] = {
    "hours": ("h", "小时"),
    "days": ("days", "天"),
    "months": ("months", "个月"),
    "seconds": ("s", "秒"),
    "bytes": ("bytes", "字节"),
    "percent": ("%", "%"),
    "minutes": ("minutes", "分钟"),
}
SMALL: Mapping[str, tuple[str, str]] = {
    "same": ("the two say the same", "两个版本内容相同"),
    "absent": ("absent", "无"),
    "none": ("none", "无"),
    "yes": ("yes", "是"),
    "no": ("no", "否"),
    "up": ("up", "上调"),
    "down": ("down", "下调"),
}


def line(found: Difference, language: Language) -> str:
    """Say one difference: where, what it was, what it is, and by how much a number moved."""
    before, after = (value(each, found.path[-1], language) for each in (found.before, found.after))
    return f"{where(found, language)}: {before} -> {after}{_by(found.before, found.after, language)}"


def where(found: Difference, language: Language) -> str:
    """Name a figure, its section first."""
    section, *rest = found.path
    words = [_of(SECTIONS if rest else FIGURES, section, language)]
    return ", ".join([*words, *(_of(FIGURES, part, language) for part in rest)])


def value(found: Leaf, name: str, language: Language) -> str:
    """Write a figure with the unit that its name says."""
    if found is None or found == "":
        return small("absent" if found is None else "none", language)
    if isinstance(found, bool):
        return small("yes" if found else "no", language)
    if isinstance(found, datetime):
        return found.isoformat()
    unit = name.rpartition("_")[2]
    if unit == "fen" and isinstance(found, int):
        return f"{yuan(found)} yuan" if language == "en" else f"{yuan(found)}元"
    in_words = UNITS.get(unit)
    return f"{found}" if in_words is None or isinstance(found, str) else f"{found} {in_words[_place(language)]}"


def small(word: str, language: Language) -> str:
    """Give one of the small words."""
    return SMALL[word][_place(language)]


def _by(before: Leaf, after: Leaf, language: Language) -> str:
    if not (isinstance(before, int) and isinstance(after, int)) or isinstance(before, bool) or not before:
        return ""
    percent = 100 * (after - before) / abs(before)
    return f" ({small('up' if percent > 0 else 'down', language)} {abs(percent):.0f}%)"


def _of(words: Mapping[str, tuple[str, str]], name: str, language: Language) -> str:
    found = words.get(name)
    return name.replace("_", " ") if found is None else found[_place(language)]


def _place(language: Language) -> int:
    return LANGUAGES.index(language)
