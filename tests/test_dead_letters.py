"""A dead letter is the record as it came, and headers that say why and where from."""

from dataclasses import dataclass

import pytest

from stream_app.codec import Reject
from stream_app.dead_letters import NotADeadLetterError, Origin, letter, origin_of, original_headers


@dataclass(frozen=True)
class Record:
    offset: int = 17
    timestamp: int = 1_772_439_245_000
    key: bytes | None = b"acc-1"
    value: bytes | None = b"\xff{oops"
    headers: tuple[tuple[str, bytes], ...] = (("trace", b"\x00\xff"),)


PLACE = ("cases", 3)
REJECT = Reject(17, "malformed", "the value is not JSON")


def test_a_dead_letter_is_written_like_this() -> None:
    assert letter(PLACE, Record(), REJECT, 1_772_439_246_000) == (
        b"acc-1",
        b"\xff{oops",
        [
            ("trace", b"\x00\xff"),
            ("dead-letter-reason", b"malformed"),
            ("dead-letter-detail", b"the value is not JSON"),
            ("dead-letter-topic", b"cases"),
            ("dead-letter-partition", b"3"),
            ("dead-letter-offset", b"17"),
            ("dead-letter-timestamp", b"1772439245000"),
            ("dead-letter-time", b"1772439246000"),
        ],
    )


def test_a_record_without_key_and_value_stays_without() -> None:
    made = letter(PLACE, Record(key=None, value=None), REJECT, 0)
    assert (made.key, made.value) == (None, None)


def test_what_the_headers_say_can_be_read_again() -> None:
    made = letter(PLACE, Record(), REJECT, 1_772_439_246_000)
    said = Origin("malformed", "the value is not JSON", "cases", 3, 17, 1_772_439_245_000, 1_772_439_246_000)
    assert origin_of(made.headers) == said


def test_a_letter_sent_back_and_rejected_again_speaks_of_its_last_rejection_only() -> None:
    first = letter(PLACE, Record(), REJECT, 1)
    again = letter(PLACE, Record(offset=40, headers=tuple(first.headers)), REJECT, 2)
    assert len(again.headers) == len(first.headers)
    assert origin_of(again.headers).offset == 40


def test_the_original_headers_come_back_without_ours() -> None:
    assert original_headers(letter(PLACE, Record(), REJECT, 1).headers) == [("trace", b"\x00\xff")]


@pytest.mark.parametrize("headers", [[], [("dead-letter-reason", b"x")], [("trace", b"x")]])
def test_a_record_without_our_headers_is_no_dead_letter(headers: list[tuple[str, bytes]]) -> None:
    with pytest.raises(NotADeadLetterError):
        origin_of(headers)


def test_headers_that_are_damaged_are_no_dead_letter() -> None:
    made = letter(PLACE, Record(), REJECT, 1)
    with pytest.raises(NotADeadLetterError):
        origin_of([(name, b"x" if name == "dead-letter-offset" else value) for name, value in made.headers])
