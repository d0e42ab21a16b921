from pathlib import Path

from stream_app.local.outcome import LogTail


def test_the_first_error_of_this_start_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    log.write_text("java.lang.OldException: of the start before\n", encoding="utf-8")
    tail = LogTail(log, tmp_path / "never-written")
    with log.open("a", encoding="utf-8") as file:
        file.write("2026-01-01 INFO starting\nKafkaException: Socket server failed to bind\n\tat kafka.Server\n")
    assert tail.first_failure() == "KafkaException: Socket server failed to bind"


def test_a_log_that_was_rolled_over_is_read_from_its_beginning(tmp_path: Path) -> None:
    log = tmp_path / "broker.log"
    log.write_text("x" * 1000, encoding="utf-8")
    tail = LogTail(log)
    log.write_text("Error: fresh\n", encoding="utf-8")
    assert tail.first_failure() == "Error: fresh"


def test_silence_is_no_reason(tmp_path: Path) -> None:
    assert LogTail(tmp_path / "log").first_failure() == "no reason given"
