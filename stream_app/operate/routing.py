"""Which partition an account's records belong to: what Kafka's own clients compute from the key."""

from aiokafka import partitioner

from stream_app import native

murmur2 = native.murmur2 if native.ENABLED else partitioner.murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as the default partitioner of Kafka's clients has it."""
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def misrouted(account: str, key: bytes | None, partition: int, partitions: int) -> bool:
    """Whether a record of an account carries another key, or lies in another partition than its key's."""
    own = account.encode()
    return key != own or partition_of(own, partitions) != partition
