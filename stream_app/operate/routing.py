"""Which partition an account's records belong to: what Kafka's own clients compute from the key."""

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as the default partitioner of Kafka's clients has it."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def misrouted(account: str, key: bytes | None, partition: int, partitions: int) -> bool:
    """Whether a record of an account carries another key, or lies in another partition than its key's."""
    return key != account.encode() or partition_of(account.encode(), partitions) != partition
