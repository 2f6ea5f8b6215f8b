"""How the program's own clients reach the brokers, and what is said when they cannot."""

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from stream_app.settings import KafkaSettings

ASK_AGAIN_S: Final = 0.5
"""How long a client waits before it asks again which brokers there are, when none has answered."""


class BrokerUnreachableError(Exception):
    """No broker answers, or not to us."""

    exit_code = 3

    def __init__(self, kafka: KafkaSettings, why: str) -> None:
        super().__init__(
            f"no Kafka broker can be used at {kafka.bootstrap_servers} ({kafka.security_protocol}): {why}; "
            "start it, or set kafka.bootstrap_servers (STREAM_APP_KAFKA__BOOTSTRAP_SERVERS)"
        )


def client_arguments(kafka: KafkaSettings) -> dict[str, Any]:
    """Arguments that every aiokafka client takes: addresses, encryption, login, patience."""
    arguments: dict[str, Any] = {
        "bootstrap_servers": kafka.bootstrap_servers.split(","),
        "security_protocol": kafka.security_protocol,
        "request_timeout_ms": kafka.request_timeout_ms,
    }
    if kafka.security_protocol.endswith("SSL"):
        arguments["ssl_context"] = ssl.create_default_context(cafile=kafka.ca_file)
    if kafka.security_protocol.startswith("SASL_"):
        arguments["sasl_mechanism"] = kafka.sasl_mechanism
        arguments["sasl_plain_username"] = kafka.user
        arguments["sasl_plain_password"] = kafka.secret()
    return arguments


def unhurried(client: Any) -> None:
    """Let an aiokafka client (of a producer or consumer) wait `ASK_AGAIN_S` after brokers that did not answer.

    aiokafka 0.14 asks again at once as long as a producer has records for a partition without a leader: while a
    broker restarts that is some 2,000 attempts a second, and as many lines in the log.
    """
    ask = client._metadata_update

    async def ask_and_wait(*about: Any) -> bool:
        updated: bool = await ask(*about)
        if not updated:
            await asyncio.sleep(ASK_AGAIN_S)
        return updated

    client._metadata_update = ask_and_wait


async def disconnect(client: Any, ending: Awaitable[None] | None = None) -> None:
    """Stop an aiokafka client (by `ending`, if that does more): its connections are closed and the caller goes on.

    aiokafka 0.14 stops a consumer that waits to repeat a failed fetch with a CancelledError, before it has closed
    its connections: whoever awaits that is cancelled though nobody asked for it.
    """
    if ending is None:
        ending = client.close() if hasattr(client, "close") else client.stop()
    stopping = asyncio.ensure_future(ending)
    await asyncio.wait([stopping])
    if stopping.cancelled():
        await client._client.close()
    else:
        stopping.result()


@asynccontextmanager
async def reaching(kafka: KafkaSettings, client: Any) -> AsyncIterator[Any]:
    """Start an aiokafka client, and stop it at the end. Raises BrokerUnreachableError if it cannot start."""
    # aiokafka logs each attempt with its traceback before it raises: the one line of the error is enough
    log = logging.getLogger("aiokafka")
    level = log.level
    log.setLevel(logging.CRITICAL)
    if isinstance(client, AIOKafkaProducer):
        unhurried(client.client)
    try:
        await client.start()
    except (KafkaError, OSError, TimeoutError) as error:
        await disconnect(client)
        raise BrokerUnreachableError(kafka, str(error) or type(error).__name__) from error
    finally:
        log.setLevel(level)
    try:
        yield client
    finally:
        await disconnect(client)


@asynccontextmanager
async def admin(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A client that may look at topics and change them."""
    async with reaching(kafka, AIOKafkaAdminClient(**client_arguments(kafka))) as client:
        yield client
