"""What the desk does not do, in words."""

from enum import Enum


class Why(Enum):
    """Why it is not done; the name, in small letters, is the code."""

    NO_CASE = "there is no such case"
    NOT_YOURS = "this case is another phone manager's"
    NOT_ALLOWED = "only a supervisor of the branch can do this"
    CLOSED = "this case is closed already"
    HELD_OUT = "this customer is in the group that is not called, to measure against"
    STALE = "the case has changed since it was shown: look at it again"
    UNKNOWN_OUTCOME = "the outcome is none of reached, not_reached, accepted and refused"
    DO_NOT_CALL = "the customer asked not to be called"
    NOT_BEFORE = "a later time was agreed with the customer"
    TRY_AGAIN = "nobody was reached last time: the customer is to be tried again later"
    CALLED_TODAY = "the customer was called today already"
    QUIET_HOURS = "these are quiet hours: nobody may be called now"
    REASON_MISSING = "say why the customer refused"
    MEASURE_MISSING = "say which measure the customer accepted"
    UNKNOWN_MEASURE = "this measure is neither suggested nor in the policy"
    UNKNOWN_SCRIPT = "there is no such script"
    TOO_LONG = "this text is too long"
    EMPTY = "write something first"
    NOT_TEXT = "this text holds characters that cannot be kept"
    NO_CUSTOMER = "there is no such customer"
    NO_USER = "there is no such phone manager"
    AWAY = "this phone manager is away, or no longer works here"
    NOT_SERVED = "this phone manager does not serve this branch or tier"


class Refused(Exception):
    """The desk does not do it; `code` is for translation, the message is in words."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.code = why.name.lower()
