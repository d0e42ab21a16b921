"""Worker by worker: what each holds, how it does, what it takes of its machine."""

from typing import Final

from deploy.grafana.source.parts import (
    BYTES,
    EVENTS_A_SECOND,
    NONE,
    PERCENT,
    SECONDS,
    SHORT,
    THIRD,
    WHOLE,
    About,
    Board,
    Query,
    Row,
    lines,
)

RATE: Final = "[$__rate_interval]"
THESE: Final = 'instance=~"$instance"'
PROCESS: Final = f'{{job="worker", {THESE}}}'

STANDING = Row(
    "Standing 状态",
    [
        lines(
            About(
                "Up 在线",
                "1 while a worker answers Prometheus.",
                NONE,
                "alerts.md#streamappworkerdown",
            ),
            Query(f"up{PROCESS}", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Partitions held 持有分区",
                "Even within one, unless a worker is idle: there are no more than partitions.",
                NONE,
                "alerts.md#streamapppartitionsunheld",
            ),
            Query(f"sum by (instance) (stream_app_assigned_partitions{{{THESE}}})", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Starts in an hour 重启次数",
                "A worker ends on any error and is started again; three in a quarter of an hour wake somebody.",
                NONE,
                "alerts.md#streamappworkerrestarts",
            ),
            Query(f"changes(process_start_time_seconds{PROCESS}[1h])", "{{instance}}"),
            width=THIRD,
        ),
    ],
)

WORK = Row(
    "Work 处理",
    [
        lines(
            About("Events a second 事件", "Records worked, of all feeds.", EVENTS_A_SECOND, "metrics.md"),
            Query(f"sum by (instance) (rate(stream_app_events_total{{{THESE}}}{RATE}))", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Lag in records, by partition 积压条数",
                "Of all feeds together.",
                SHORT,
                "alerts.md#streamapplaggrows",
            ),
            Query(
                f"sum by (instance, partition) (stream_app_lag_records{{{THESE}}})",
                "{{instance}} partition {{partition}}",
            ),
            width=THIRD,
        ),
        lines(
            About(
                "Lag in seconds, by partition 延迟秒数",
                "How far the partition's clock is behind, as the worker showed it.",
                SECONDS,
                "alerts.md#streamappclockstopped",
            ),
            Query(
                f"timestamp(stream_app_clock_timestamp_seconds{{{THESE}}})"
                f" - stream_app_clock_timestamp_seconds{{{THESE}}}",
                "{{instance}} partition {{partition}}",
            ),
            width=THIRD,
            least=None,
        ),
        lines(
            About(
                "Time of a commit 提交时间",
                "The 99th of a hundred.",
                SECONDS,
                "alerts.md#streamappcommitsslow",
            ),
            Query(
                "histogram_quantile(0.99,"
                f" sum by (instance, le) (rate(stream_app_commit_seconds_bucket{{{THESE}}}{RATE})))",
                "p99 {{instance}}",
            ),
            width=THIRD,
        ),
        lines(
            About(
                "Share of its time at work 忙碌程度",
                "Time in batches of each second: near 1 a worker can do no more.",
                PERCENT,
                "runbook.md#add-workers",
            ),
            Query(f"sum by (instance) (rate(stream_app_batch_seconds_sum{{{THESE}}}{RATE}))", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Recovery, by partition 恢复",
                "Seconds that the last one took, or has taken so far.",
                SECONDS,
                "alerts.md#streamapprecoverylong",
            ),
            Query(f"stream_app_recovery_seconds{{{THESE}}}", "{{instance}} partition {{partition}}"),
            width=THIRD,
        ),
    ],
)

MACHINE = Row(
    "Machine 机器",
    [
        lines(
            About("CPU 处理器", "Cores used; a worker uses little more than one.", NONE, "size.md"),
            Query(f"rate(process_cpu_seconds_total{PROCESS}{RATE})", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About("Memory 内存", "Resident; the caches are bounded by settings.", BYTES, "size.md"),
            Query(f"process_resident_memory_bytes{PROCESS}", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Open files 打开的文件",
                "Share of what the process may open.",
                PERCENT,
                "metrics.md",
            ),
            Query(f"process_open_fds{PROCESS} / process_max_fds{PROCESS}", "{{instance}}"),
            width=THIRD,
        ),
        lines(
            About(
                "Disk of the data folder, free 磁盘剩余",
                "Share that is free. A full disk ends a worker; a lost one costs a rebuild.",
                PERCENT,
                "alerts.md#streamappdiskfilling",
            ),
            Query(f"stream_app_disk_free_bytes{{{THESE}}} / stream_app_disk_size_bytes{{{THESE}}}", "{{instance}}"),
            width=WHOLE,
        ),
    ],
)

WORKERS = Board(
    "stream-app-workers",
    "stream-app: workers 工作进程",
    "Each worker by itself: partitions, lag, commits, recovery, CPU, memory, disk.",
    [STANDING, WORK, MACHINE],
    instance="stream_app_assigned_partitions",
)
