"""Recovery in bulk: after a rebalance the changelog partitions are read by a consumer of their own.

Faust's recovery passes every changelog record through the main consumer and queues, swallows errors
and may wait for ever for a compacted tail. This one reads batches, goes by positions, and lets an
error end the worker.
"""

import asyncio
from typing import Any, cast

from aiokafka.errors import IllegalStateError
from faust.tables.manager import TableManager
from faust.tables.recovery import RebalanceAgain, Recovery, ServiceStopped
from faust.tables.table import Table
from faust.types import TP
from mode import Service

from stream_app.shell.holdings import give_up


class BulkRecovery(Recovery):
    """Restores the rows of what was assigned, then lets consumption go on where the group stands."""

    @Service.task
    async def _restart_recovery(self) -> None:
        while not self.should_stop:
            if await self.wait_for_stopped(cast(Any, self.signal_recovery_start)):
                return
            self.signal_recovery_start.clear()
            generation = self._generation_id
            try:
                await self._recover(generation)
            except (RebalanceAgain, IllegalStateError):
                continue
            except ServiceStopped:
                return
            except asyncio.CancelledError:
                if not cast("asyncio.Task[None]", asyncio.current_task()).cancelling():
                    give_up("recovery was cut off, though nobody asked for it")
                raise
            except Exception as error:  # noqa: BLE001  whatever it was: without its rows this worker must not count
                give_up(f"recovery failed: {type(error).__name__}: {error}")

    @Service.task
    async def _slurp_changelogs(self) -> None:
        """Nothing comes this way: changelog records are read in `_recover`."""

    async def _recover(self, generation: int) -> None:
        app = cast(Any, self.app)
        self._set_recovery_started()
        sources = {tp for tp in app.consumer.assignment() if not self._is_changelog(tp)}
        await self._wait(app.keeper.recover(app.consumer, sources))
        self._set_recovery_ended()
        await app.on_rebalance_complete.send()
        if app.consumer_generation_id != generation:
            return
        # In this order: resuming the flow control clears queues, so nothing may have been fetched before.
        app.flow_control.resume()
        await self._wait(app.consumer.perform_seek(), timeout=app.conf.broker_request_timeout)
        app.consumer.resume_partitions(sources)
        self.completed.set()
        app.consumer.resume_flow()
        await app._fetcher.maybe_start()
        self.tables.on_actives_ready()
        self.tables.on_standbys_ready()
        app.on_rebalance_end()

    def _is_changelog(self, tp: TP) -> bool:
        return tp.topic in self.tables.changelog_topics


class RowTables(TableManager):
    """Faust's table manager with bulk recovery."""

    @property
    def recovery(self) -> BulkRecovery:
        """The recovery service."""
        if self._recovery is None:
            self._recovery = BulkRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return cast(BulkRecovery, self._recovery)


class RowTable(Table[Any, Any]):
    """The rows of one topic as a Faust table: it ties the changelog to the source for the assignment.

    The typed rows themselves lie in the keeper's partitions, where boards are kept beside them.
    """

    async def on_start(self) -> None:
        """Declare nothing and open no store: topics are made by `stream-app topics apply`."""

    def persisted_offset(self, tp: TP) -> int | None:
        """Rows live in memory: recovery starts at the beginning of the changelog."""
        return None

    async def need_active_standby_for(self, tp: TP) -> bool:
        """There are no standbys."""
        return False

    async def on_rebalance(self, *_: Any) -> None:
        """Rows are dropped by the keeper at revocation."""

    async def on_recovery_completed(self, *_: Any) -> None:
        """Rows are there."""
