"""What a table says of the outcome of its rows: who left, and how many customers a row stands for."""

from typing import NamedTuple

from stream_app.scoring.table import Row, Table, TableError, is_gap

YES = frozenset(
    {"1", "yes", "true", "y", "t", "churn", "churned", "churner", "leave", "leaver", "left", "exited", "lost"}
    | {"attrited", "attrited customer", "是", "流失", "已流失", "离网", "已离网", "销户"}
)
NO = frozenset(
    {"0", "-1", "no", "false", "n", "f", "stay", "stayed", "stayer", "active", "retained", "not churned", "no churn"}
    | {"non-churn", "joined", "existing", "existing customer", "否", "在网", "未流失", "未离网", "正常"}
)
LABEL_WORDS = "write 1 or 0, yes or no, true or false, or name the word of those who left: --yes WORD"
MOST_WEIGHT = 1e9


def label_of(text: str, yes: str | None = None) -> bool | None:
    """Read a label: the usual words, English and Chinese; with `yes`, that word alone says yes. None for a gap.

    Raises ValueError for a word that is none of these.
    """
    word = text.strip().rstrip(".").lower().removesuffix(".0")
    if yes is not None and text.strip() == yes.strip():
        return True
    if is_gap(text):
        return None
    if yes is None and word in YES:
        return True
    if yes is not None or word in NO:
        return False
    raise ValueError(text)


class Target(NamedTuple):
    """What a table says of the outcome: the column, its word for yes (None: the usual ones), the column of weights."""

    label: str
    yes: str | None = None
    weight: str | None = None


class Outcomes:
    """Reads the outcome and the weight of rows; every refusal names the row."""

    def __init__(self, table: Table, target: Target) -> None:
        self.table, self.target = table, target
        self.at = table.place(target.label)
        self.weight_at = None if target.weight is None else table.place(target.weight)

    def label(self, number: int, row: Row) -> bool | None:
        """Say whether the customer left; None where it is not known. Raises TableError."""
        try:
            return label_of(row[self.at], self.target.yes)
        except ValueError:
            said = f"{self.table.name}: row {number}: {self.target.label} is {row[self.at].strip()[:40]!r}"
            message = f"{said}: {LABEL_WORDS}"
            raise TableError(message) from None

    def weight(self, number: int, row: Row) -> float:
        """Say how many customers the row stands for. Raises TableError."""
        text = "1" if self.weight_at is None else row[self.weight_at].strip()
        try:
            weight = float(text)
        except ValueError:
            weight = 0.0
        if not 0 < weight < MOST_WEIGHT:
            said = f"{self.table.name}: row {number}: {self.target.weight} is {text[:40]!r}"
            message = f"{said}: a weight says how many customers a row stands for, above 0"
            raise TableError(message)
        return weight
