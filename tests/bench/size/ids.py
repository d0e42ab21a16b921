"""Pseudonymous ids in any number, and the partition that Kafka's default partitioner picks for each.

Rule: the ids scatter over the key space as hashed telephone numbers do, so neither the order of the changelog nor that
of the store is kinder than in life.
"""

from struct import unpack_from

from xxhash import xxh3_64_hexdigest

ID_BYTES = 17  # "s" and 16 hexadecimal digits, as the simulation's
M, SEED, MASK = 0x5BD1E995, 0x9747B28C, 0xFFFFFFFF


def subscriber_id(number: int) -> bytes:
    """Make the id of the n-th subscriber."""
    return b"s" + xxh3_64_hexdigest(b"%d" % number).encode()


def partition_of(key: bytes, partitions: int) -> int:
    """Give the partition of an id: murmur2 as Kafka has it, for keys of ID_BYTES only."""
    found = SEED ^ ID_BYTES
    for word in unpack_from("<4I", key):
        word = word * M & MASK  # noqa: PLW2901 - the algorithm's own way to say it
        found = (found * M & MASK) ^ ((word ^ (word >> 24)) * M & MASK)
    found = (found ^ key[16]) * M & MASK
    found = (found ^ (found >> 13)) * M & MASK
    return ((found ^ (found >> 15)) & 0x7FFFFFFF) % partitions
