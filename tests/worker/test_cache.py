"""The cache of subscribers is a dict to whoever reads it, and loses no change on the way to the store."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stream_app.core.state import Subscriber
from stream_app.wire.stored import dump_subscriber, load_subscriber
from stream_app.worker.cache import SubscriberCache
from tests.worker.fake_lane import MemoryStore

KEYS = st.sampled_from("abcdefgh")


class CacheIsADict(RuleBasedStateMachine):
    """Puts, drops, reads, hand-overs and stores in any order, beside a plain dict of serials."""

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.cache = SubscriberCache(self.store, capacity=4)
        self.model: dict[str, int] = {}
        self.changed: set[str] = set()  # since the last hand-over
        self.flying: dict[bytes, bytes | None] | None = None
        self.serials = iter(range(1, 10**6))

    @rule(key=KEYS)
    def put(self, key: str) -> None:
        self.model[key] = next(self.serials)
        self.cache.put(key, Subscriber(serial=self.model[key]))
        self.changed.add(key)

    @rule(key=KEYS)
    def change_in_place(self, key: str) -> None:
        sub = self.cache.get(key)
        if sub is not None:
            sub.serial = self.model[key] = next(self.serials)
            self.cache.put(key, sub)
            self.changed.add(key)

    @rule(key=KEYS)
    def drop(self, key: str) -> None:
        self.model.pop(key, None)
        self.cache.drop(key)
        self.changed.add(key)

    @rule(key=KEYS)
    def read(self, key: str) -> None:
        found = self.cache.get(key)
        assert (None if found is None else found.serial) == self.model.get(key)

    @precondition(lambda self: self.flying is None)
    @rule()
    def hand_over(self) -> None:
        self.flying = self.cache.take()
        assert self.flying.keys() == {key.encode() for key in self.changed}
        self.changed = set()

    @precondition(lambda self: self.flying is not None)
    @rule()
    def store_it(self) -> None:
        self.store.apply(self.flying or {})
        self.flying = None
        self.cache.stored()

    @invariant()
    def changes_are_counted_and_what_is_unsaved_is_known(self) -> None:
        assert self.cache.changes() == len(self.changed)
        unsaved = self.cache.unsaved()
        assert sorted(unsaved) == sorted(self.changed | {key.decode() for key in self.flying or {}})

    @invariant()
    def memory_never_shows_an_older_state(self) -> None:
        for key in "abcdefgh":
            held = self.cache.in_memory(key)
            if held is not None:
                assert held.serial == self.model[key]

    def teardown(self) -> None:
        self.store.apply(self.flying or {})
        self.store.apply(self.cache.take())
        rows = {key.decode(): load_subscriber(row).serial for key, row in self.store.items()}
        assert rows == self.model


CacheIsADict.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestTheCacheIsADict = CacheIsADict.TestCase


def test_the_cache_reads_a_row_once_and_then_forgets_the_longest_unread() -> None:
    store = MemoryStore({key.encode(): dump_subscriber(Subscriber(serial=n)) for n, key in enumerate("abcdef")})
    cache = SubscriberCache(store, capacity=4)
    first = cache.get("a")
    assert cache.get("a") is first
    for key in "bcdef":
        cache.get(key)
    assert cache.in_memory("a") is None
    assert cache.in_memory("f") is not None


def test_as_many_as_there_is_room_for_stay_and_who_is_read_often_among_them() -> None:
    names = [f"{n:02}" for n in range(40)]
    cache = SubscriberCache(MemoryStore({name.encode(): dump_subscriber(Subscriber()) for name in names}), capacity=8)
    first = [cache.get(name) for name in names[:8]]
    assert [cache.in_memory(name) for name in names[:8]] == first
    for name in names[8:]:
        often = cache.get(names[7])
        cache.get(name)
        assert often is first[7]
        assert sum(cache.in_memory(each) is not None for each in names) == 8


def test_a_capacity_of_one_still_works() -> None:
    cache = SubscriberCache(MemoryStore(), capacity=1)
    cache.put("a", Subscriber(serial=1))
    cache.put("b", Subscriber(serial=2))
    found = cache.get("a")
    assert found is not None
    assert found.serial == 1


def test_what_nobody_has_heard_of_is_none() -> None:
    assert SubscriberCache(MemoryStore(), capacity=8).get("nobody") is None
