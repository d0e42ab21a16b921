"""The words of messages in English and Chinese; a name that has none here is told as it is."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "task_assigned": ("new task", "新任务"),
    "handed_over": ("handed over", "转交"),
    "escalated": ("escalated", "升级"),
    "open": ("Open", "打开"),
    "spend_pace_percent": ("spending falls", "消费下滑"),
    "minutes_pace_percent": ("outgoing minutes fall", "主叫时长下滑"),
    "data_pace_percent": ("data use falls", "流量下滑"),
    "active_days_percent": ("fewer active days", "活跃天数减少"),
    "silent_days": ("days of silence", "连续静默"),
    "low_spend_months": ("months of low spend", "连续低消费"),
    "arrears_months": ("months in arrears", "欠费月数"),
    "arrears_fen": ("arrears", "欠费"),
    "balance_fen": ("low balance without top-up", "余额不足未充值"),
    "complaints": ("complaints", "投诉"),
    "complaints_escalated": ("escalated complaint", "升级投诉"),
    "hotline_calls": ("calls to a competitor's hotline", "拨打竞争对手热线"),
    "call_forwarding": ("calls forwarded to another network", "呼叫转移至异网"),
    "portout": ("port-out request", "携号转网申请"),
    "contract_days_left": ("plan or contract ends soon", "合约即将到期"),
    "tenure_months": ("short time on the network", "在网时间短"),
    "measures_held": ("no stabilising measure", "未绑定稳定措施"),
    "sticky_services": ("no sticky service", "无黏性业务"),
    "tier_lost_days": ("tier lost", "等级下降"),
    "tier_lost": ("tier lost", "等级下降"),
    "tier": ("tier lost", "等级下降"),
    "left": ("left the network", "已离网"),
    "win_back": ("win-back", "流失挽回"),
}


def word(name: object, language: str) -> str:
    """Put a name of ours into words."""
    english, chinese = WORDS.get(str(name), (str(name), str(name)))
    return chinese if language == "zh" else english
