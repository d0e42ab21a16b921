"""The pipeline as one: what goes through, how late, what is refused, how it comes back."""

from typing import Final

from deploy.grafana.source.parts import (
    EVENTS_A_SECOND,
    NONE,
    PERCENT,
    QUARTER,
    RECORDS_A_SECOND,
    SECONDS,
    SHORT,
    SIXTH,
    THIRD,
    About,
    Board,
    Limit,
    Query,
    Row,
    figure,
    lines,
)

RATE: Final = "[$__rate_interval]"


def quantile(share: str, metric: str, by: str = "") -> str:
    """Reckon a quantile of a histogram over all workers, by a label or as one."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({share}, sum by ({labels}) (rate(stream_app_{metric}_bucket{RATE})))"


OBJECTIVE = Row(
    "Objective 服务目标",
    [
        figure(
            About(
                "Fresh partitions now 新鲜度",
                "Share of the partitions whose clock is at most 30 s behind: what came before is in the facts.",
                PERCENT,
                "alerts.md#streamappfreshnessburnsfast",
            ),
            Query("1 - stream_app:stale:ratio", "fresh"),
            SIXTH,
            Limit(1, is_floor=True),
        ),
        figure(
            About(
                "Budget left of 30 days 误差预算",
                "1 is all, 0 none. The objective: 99.9 % of partition-time is fresh.",
                PERCENT,
                "alerts.md#streamappfreshnessburns",
            ),
            Query("stream_app:budget_left:ratio", "left"),
            SIXTH,
            Limit(0, is_floor=True),
        ),
        figure(
            About(
                "Partitions not held 无人负责的分区",
                "Partitions that no worker holds: their customers stand still.",
                NONE,
                "alerts.md#streamapppartitionsunheld",
            ),
            Query("stream_app:partitions - (sum(stream_app_assigned_partitions) or vector(0))", "not held"),
            SIXTH,
            Limit(1),
        ),
        figure(
            About("Workers up 工作进程", "Workers that answer.", NONE, "alerts.md#streamappworkerdown"),
            Query('sum(up{job="worker"})', "up"),
            SIXTH,
            Limit(1, is_floor=True),
        ),
        figure(
            About("Alerts firing 告警", "Of the rules in deploy/prometheus.", NONE, "alerts.md"),
            Query(
                'count(ALERTS{alertname=~"StreamApp.+", alertstate="firing", severity!="none"}) or vector(0)', "firing"
            ),
            SIXTH,
            Limit(1),
        ),
        figure(
            About(
                "Records waiting 积压",
                "Records between what was last worked and the ends of the feeds.",
                SHORT,
                "alerts.md#streamapplaggrows",
            ),
            Query("sum(stream_app:lag_records:sum)", "waiting"),
            SIXTH,
            Limit(10_000),
        ),
    ],
)

THROUGHPUT = Row(
    "Throughput 吞吐",
    [
        lines(
            About(
                "Events a second, by feed 事件",
                "Records worked, all outcomes together.",
                EVENTS_A_SECOND,
                "metrics.md",
            ),
            Query(f"sum by (topic) (rate(stream_app_events_total{RATE}))", "{{topic}}"),
            stacked=True,
        ),
        lines(
            About(
                "Facts a second, by type 事实",
                "What the rules stated. As a month closes there is one for each customer.",
                RECORDS_A_SECOND,
                "contract.md",
            ),
            Query(f"sum by (type) (rate(stream_app_facts_total{RATE}))", "{{type}}"),
            stacked=True,
        ),
        lines(
            About(
                "Outcomes a second 处理结果",
                "duplicate: its id was applied before; rejected: in dead-letters; skipped: the guard acted.",
                EVENTS_A_SECOND,
                "alerts.md#streamappguardacted",
            ),
            Query(f'sum by (outcome) (rate(stream_app_events_total{{outcome!="applied"}}{RATE}))', "{{outcome}}"),
        ),
        lines(
            About(
                "Duplicates a second, by type 重复事件",
                "Events dropped because their id was applied before.",
                EVENTS_A_SECOND,
                "contract.md",
            ),
            Query(f"sum by (type) (rate(stream_app_duplicates_total{RATE}))", "{{type}}"),
        ),
    ],
)

LAG = Row(
    "Lag 延迟",
    [
        lines(
            About(
                "Lag in seconds, by partition 延迟秒数",
                "How far a partition's clock is behind: everything published before that is in the facts.",
                SECONDS,
                "alerts.md#streamappclockstopped",
            ),
            Query("stream_app:clock_behind_seconds", "partition {{partition}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Lag in records, by feed 积压条数",
                "Records that wait, over all partitions.",
                SHORT,
                "alerts.md#streamapplaggrows",
            ),
            Query("stream_app:lag_records:sum", "{{topic}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Age of the last record worked, by feed 处理时龄",
                "From a record's Kafka timestamp to its being worked; of a feed that is silent it stays as it was.",
                SECONDS,
                "metrics.md",
            ),
            Query("max by (topic) (stream_app_age_seconds)", "{{topic}}"),
            width=THIRD,
        ),
    ],
)

BATCHES = Row(
    "Batches and commits 批次与提交",
    [
        lines(
            About(
                "Time to work a batch, by feed 批处理时间",
                "The 99th of a hundred batches; the rules and nothing else.",
                SECONDS,
                "performance.md",
            ),
            Query(quantile("0.99", "batch_seconds", "topic"), "p99 {{topic}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Records in a batch, by feed 批次大小",
                "Mean over all partitions: large batches while a backlog is worked, small ones live.",
                SHORT,
                "performance.md",
            ),
            Query(
                f"sum by (topic) (rate(stream_app_batch_records_sum{RATE}))"
                f" / (sum by (topic) (rate(stream_app_batch_records_count{RATE})) > 0)",
                "{{topic}}",
            ),
            width=THIRD,
        ),
        lines(
            About(
                "Time of a commit 提交时间",
                "From the begin of a Kafka transaction until its states are stored.",
                SECONDS,
                "alerts.md#streamappcommitsslow",
            ),
            Query(quantile("0.5", "commit_seconds"), "p50"),
            Query(quantile("0.99", "commit_seconds"), "p99"),
            width=THIRD,
        ),
        lines(
            About(
                "Commits a second 提交次数",
                "Over all workers and partitions; with a tick a second there is one a second and partition at least.",
                "suffix: /s",
                "alerts.md#streamappcommitsstopped",
            ),
            Query(f"sum(rate(stream_app_commit_seconds_count{RATE}))", "commits"),
        ),
        lines(
            About(
                "Rows of state committed a second 状态写入",
                "Customers whose state changed; several events of one in a commit are one row.",
                "suffix: rows/s",
                "performance.md",
            ),
            Query(f"sum(rate(stream_app_committed_changes_total{RATE}))", "rows"),
        ),
    ],
)

REJECTED = Row(
    "Rejected 拒收",
    [
        lines(
            About(
                "Rejected a second, by reason 拒收原因",
                "Kept whole in dead-letters; the reasons stand in the contract.",
                RECORDS_A_SECOND,
                "alerts.md#streamappdeadletters",
            ),
            Query(f"sum by (reason) (rate(stream_app_rejected_total{RATE}))", "{{reason}}"),
            stacked=True,
        ),
        lines(
            About(
                "Share rejected, by feed 拒收比例",
                "Above 1 % somebody is told, above 20 % somebody is woken, above 50 % the workers stop.",
                PERCENT,
                "alerts.md#streamappdeadletterflood",
            ),
            Query("stream_app:rejected:ratio_rate5m", "{{topic}}"),
        ),
    ],
)

TIME = Row(
    "Time and months 时钟与账期",
    [
        figure(
            About(
                "Months open 未关账期",
                "The most that a partition has open: one, or two while the last month's grace lasts.",
                NONE,
                "alerts.md#streamappmonthnotclosing",
            ),
            Query("max(stream_app_months_open)", "open"),
            QUARTER,
            Limit(3),
        ),
        figure(
            About(
                "Ticks a minute 时钟滴答",
                "Written by the worker that holds partition 0.",
                "suffix: /min",
                "alerts.md#streamappclockstopped",
            ),
            Query(f"60 * sum(rate(stream_app_ticks_made_total{RATE}))", "ticks"),
            QUARTER,
        ),
        figure(
            About(
                "Ticks that a sweep works on 待扫描",
                "Ticks across a day or month that were not brought to all customers yet.",
                NONE,
                "alerts.md#streamappsweepslow",
            ),
            Query("sum(stream_app_ticks_pending)", "pending"),
            QUARTER,
        ),
        figure(
            About(
                "A tick waits for records 等待中的滴答",
                "Offsets that the first waiting tick still wants worked; much of it with no lag is a wrong tick.",
                SHORT,
                "alerts.md#streamapptickwaits",
            ),
            Query("max(stream_app_tick_waits_records)", "offsets"),
            QUARTER,
        ),
        lines(
            About(
                "Sweep under way, by partition 扫描进度",
                "Share of the subscribers that the pass has looked at; 1: no pass.",
                PERCENT,
                "alerts.md#streamappsweepslow",
            ),
            Query("min by (partition) (stream_app_sweep_share)", "partition {{partition}}"),
        ),
        lines(
            About(
                "Sought back again 重复回退",
                "Times in ten minutes that a feed had to be sought back to the same offset.",
                NONE,
                "alerts.md#streamappfeedstuck",
            ),
            Query("sum by (topic) (increase(stream_app_repeated_seeks_total[10m]))", "{{topic}}"),
        ),
    ],
)

RECOVERY = Row(
    "Recovery 恢复",
    [
        lines(
            About(
                "Partitions being restored 恢复中的分区",
                "They stand still until their state is back from the changelog.",
                NONE,
                "alerts.md#streamapprecoverylong",
            ),
            Query("sum(stream_app_recovering)", "restoring"),
            width=THIRD,
        ),
        lines(
            About(
                "Last recovery's records 恢复条数",
                "Changelog records read, and the most that had to be: markers and what compaction took count there.",
                SHORT,
                "alerts.md#streamapprecoverystuck",
            ),
            Query("sum(stream_app_recovery_records)", "read"),
            Query("sum(stream_app_recovery_records_expected)", "at most"),
            width=THIRD,
        ),
        lines(
            About(
                "Last recovery's time, by partition 恢复时间",
                "Seconds that it took, or has taken so far.",
                SECONDS,
                "faults.md",
            ),
            Query("max by (partition) (stream_app_recovery_seconds)", "partition {{partition}}"),
            width=THIRD,
        ),
    ],
)

PIPELINE = Board(
    "stream-app-pipeline",
    "stream-app: pipeline 数据流水线",
    "What goes through the workers as one: events and facts, lag, batches and commits, what is refused, recovery.",
    [OBJECTIVE, THROUGHPUT, LAG, BATCHES, REJECTED, TIME, RECOVERY],
)
