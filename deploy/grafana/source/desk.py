"""The desk: how far it has read, what it publishes, whom it tells, what it takes of its machine."""

from typing import Final

from deploy.grafana.source.parts import (
    BYTES,
    NONE,
    QUARTER,
    RECORDS_A_SECOND,
    SECONDS,
    SHORT,
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
PROCESS: Final = '{job="desk"}'

READING = Row(
    "Reading 读取",
    [
        figure(
            About("Up 在线", "1 while the desk answers.", NONE, "alerts.md#streamappdeskdown"),
            Query(f"max(up{PROCESS})", "up"),
            QUARTER,
            Limit(1, is_floor=True),
        ),
        figure(
            About(
                "Behind 落后",
                "The topic that is furthest behind.",
                SECONDS,
                "alerts.md#streamappdeskbehind",
            ),
            Query("max(stream_app_desk_lag_seconds)", "behind"),
            QUARTER,
            Limit(120),
        ),
        figure(
            About(
                "Brokers silent 无应答",
                "Since a broker last said where the topics end.",
                SECONDS,
                "alerts.md#streamappdeskcutoff",
            ),
            Query("max(stream_app_desk_broker_silent_seconds)", "silent"),
            QUARTER,
            Limit(60),
        ),
        figure(
            About(
                "Outbox 待发布",
                "Results of calls that wait to be published.",
                SHORT,
                "alerts.md#streamappoutboxstuck",
            ),
            Query("max(stream_app_desk_outbox_waiting)", "waiting"),
        ),
        lines(
            About(
                "Records behind, by topic 落后条数",
                "Between what the read model has read and the ends of the topics.",
                SHORT,
                "alerts.md#streamappdeskbehind",
            ),
            Query("max by (topic) (stream_app_desk_lag_records)", "{{topic}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Records read a second, by topic 读取速度",
                "unreadable: passed over, of another release or not ours.",
                RECORDS_A_SECOND,
                "alerts.md#streamappdeskrecordsunreadable",
            ),
            Query(f"sum by (topic, outcome) (rate(stream_app_desk_records_total{RATE}))", "{{topic}} {{outcome}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Time to write a batch 写入时间",
                "Rows and cases, in one transaction of the database.",
                SECONDS,
                "desk-metrics.md",
            ),
            Query(f"histogram_quantile(0.5, sum by (le) (rate(stream_app_desk_batch_seconds_bucket{RATE})))", "p50"),
            Query(f"histogram_quantile(0.99, sum by (le) (rate(stream_app_desk_batch_seconds_bucket{RATE})))", "p99"),
            width=THIRD,
        ),
    ],
)

TELLING = Row(
    "Publishing and telling 发布与通知",
    [
        lines(
            About(
                "Results published an hour 结果发布",
                "On task-results, from the outbox.",
                "suffix: /h",
                "alerts.md#streamappoutboxstuck",
            ),
            Query("sum(increase(stream_app_desk_outbox_sent_total[1h]))", "published"),
            width=THIRD,
        ),
        lines(
            About(
                "Tries in half an hour, by channel 通知渠道",
                "sent: somebody was told; waiting: it is tried again; dead: given up.",
                NONE,
                "alerts.md#streamappchannelfailing",
            ),
            Query("sum by (channel, outcome) (increase(stream_app_desk_tries_total[30m]))", "{{channel}} {{outcome}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Messages, by state 消息状态",
                "Waiting ones may wait for the morning or a digest; dead ones told nobody.",
                SHORT,
                "alerts.md#streamappmessagesdead",
            ),
            Query('max by (state) (stream_app_desk_deliveries{state=~"waiting|dead"})', "{{state}}"),
            width=THIRD,
        ),
    ],
)

MACHINE = Row(
    "Machine 机器",
    [
        lines(
            About("CPU 处理器", "Cores used by the desk.", NONE, "desk.md"),
            Query(f"rate(process_cpu_seconds_total{PROCESS}{RATE})", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About("Memory 内存", "Resident, of the whole process.", BYTES, "desk.md"),
            Query(f"process_resident_memory_bytes{PROCESS}", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Disk of the SQLite file, free 磁盘剩余",
                "Nothing with PostgreSQL: its disk is watched where it is.",
                BYTES,
                "alerts.md#streamappdiskfilling",
            ),
            Query("stream_app_desk_disk_free_bytes", "{{instance}}"),
            width=THIRD,
        ),
    ],
)

DESK = Board(
    "stream-app-desk",
    "stream-app: desk 维系工作台",
    "The desk as a service: how far it has read, what it publishes, whom it tells.",
    [READING, TELLING, MACHINE],
)
