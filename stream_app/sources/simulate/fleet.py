"""The fleet: devices that send heartbeats, raise and clear faults, fall silent, move, and are replaced."""

from array import array
from collections.abc import Iterator
from functools import partial
from math import log
from random import Random
from typing import Any, Final

from stream_app.sources.simulate.things import CALLHOME, DAY, HOUR, MINUTE, NEVER, Account, Step, Thing, pick
from stream_app.sources.simulate.world import World

SEVERITIES: Final = {"critical": 0.08, "major": 0.27, "minor": 0.45, "info": 0.17, "": 0.02, "odd": 0.01}
_CODES: Final = ("disk", "fan", "link", "memory", "power", "temperature")
_OCCURS: Final = {
    "fault": 0.7, "quiet": 0.11, "outage": 0.06, "updated": 0.05, "snapshot": 0.04, "transferred": 0.02,
    "retired": 0.015, "deleted": 0.005,
}  # fmt: skip
"""What happens to a device next -> share."""

OCCURS_EVERY: Final = 3 * DAY
"""Mean time between two occurrences of a device."""

EVENTS_AN_OCCURRENCE: Final = 1.8
_CLEARED: Final = 0.97
_HEALED: Final = 0.35
"""Share of the faults that end of which the device says that it mended them."""

VERSIONS: Final = ("4.0.2", "4.1.0", "4.1.1", "4.2.0")
"""What devices run, from one release to the next; a few tell nothing."""

_SILENT_ON_VERSION: Final = 0.05
_SLOW_SENDERS: Final = 0.04
"""Share of the devices that send half as often as their product, and say so."""

_DEAD: Final = 0.3
"""Share of the devices gone quiet that never come back and are replaced."""

_RECONCILED: Final = 0.3
"""Share of the devices out of service of which a snapshot says so again."""

_REVIVED: Final = 0.02
"""Share of the devices out of service that somebody plugs in once more."""

_PROTOTYPES: Final = 0.01
"""Share of the devices of a product that is not on the list."""

_SLOWER: Final = 40.0
"""The fleet's life is quickened by this much less than that of cases, else all of it would break at once."""

_STORM: Final = 0.7
_STORM_CODE: Final = "power"
_STORM_WITHIN: Final = 10 * MINUTE
"""Share of a product's devices that a storm hits, with which fault, and how soon."""

_SLOWED: Final = (2.6, 3.8)
"""So many times longer wait the devices of a fleet that is late."""

_HEARTBEAT: Final[dict[str, Any]] = {}


_TOLD: Final = 40
"""Faults and outages that a snapshot tells of, the latest ones."""

_Spell = tuple[str, str, int, int | None, bool]


class Device(Thing):
    """A device as one account has it. beats, heard: when each heartbeat was sent, and published (in step)."""

    __slots__ = ("beats", "gone", "heard", "interval", "product", "quiet_until", "software", "states")

    def __init__(self, name: str, account: Account, product: str, interval: int, states: int, software: str) -> None:
        super().__init__(CALLHOME, name, account, [])
        self.product = product
        self.interval = interval
        self.states = states
        self.software = software
        self.quiet_until = 0
        self.gone = False
        self.beats = array("q")
        self.heard = array("q")

    def stated(self) -> dict[str, Any]:
        """What it says of itself: its interval in minutes and its version, where it does."""
        return {
            name: value for name, value in (("heartbeat_minutes", self.states), ("software", self.software)) if value
        }

    def faults(self, now: int) -> dict[str, str]:
        """The faults active at a time, code -> severity, by all that happened before."""
        return {code: severity for code, severity, _, cleared, _ in self._spells(now) if cleared is None}

    def told(self, now: int) -> dict[str, Any]:
        """What a snapshot says of it: all that happened before."""
        history: list[dict[str, Any]] = []
        for code, severity, raised, cleared, healed in self._spells(now):
            spell = {"code": code, "raised_at": raised}
            history.append(spell if cleared is None else {
                **spell, "severity": severity, "cleared_at": cleared, "self_healed": healed,
            })  # fmt: skip
        outages: list[dict[str, int]] = []
        for step in self._before(now):
            if step.kind == "snapshot":
                outages = [dict(outage) for outage in step.fields["outages"]]
            elif step.kind == "outage_began":
                outages.append({"began_at": step.at})
            elif step.kind == "outage_ended":
                outages[-1]["ended_at"] = step.at
        return {
            "product": self.product, "faults": self.faults(now), **self.stated(),
            "history": history[-_TOLD:], "outages": outages[-_TOLD:],
        }  # fmt: skip

    def _before(self, now: int) -> Iterator[Step]:
        return (step for step in self.steps if step.at < now)

    def _spells(self, now: int) -> list[_Spell]:
        """Its faults: code, severity, since when, until when (None: still) and whether it mended them."""
        over: list[_Spell] = []
        active: dict[str, tuple[str, int]] = {}
        for step in self._before(now):
            said = step.fields
            if step.kind == "fault_raised":
                code = said["code"]
                active[code] = (said.get("severity", ""), active[code][1] if code in active else step.at)
            elif step.kind in {"fault_cleared", "self_healed"} and said["code"] in active:
                over.append((said["code"], *active.pop(said["code"]), step.at, step.kind == "self_healed"))
            elif step.kind == "snapshot":
                past = said["history"]
                since = {one["code"]: one["raised_at"] for one in past if "cleared_at" not in one}
                active = {code: (severity, since[code]) for code, severity in said["faults"].items()}
                over = [
                    (one["code"], one["severity"], one["raised_at"], one["cleared_at"], one["self_healed"])
                    for one in past if "cleared_at" in one
                ]  # fmt: skip
        return [*over, *((code, severity, since, None, False) for code, (severity, since) in active.items())]


class Fleet:
    """Plans what devices do, one thing at a time, as time comes to it."""

    def __init__(self, world: World) -> None:
        self._world, self._rng, self._incidents = world, world.rng, world.incidents
        self._storms, self._upset = world.incidents.of("fault-storm"), Random("storm")
        self._own = Random("fleet")
        self._count = 0
        self.devices: list[Device] = []
        self._occurrences = {
            "fault": self._fault, "quiet": self._quiet, "outage": self._outage, "updated": self._update,
            "snapshot": self._reconcile, "transferred": self._transfer, "retired": self._replace,
            "deleted": self._delete,
        }  # fmt: skip

    def _pace(self, now: int) -> float:
        return max(1.0, self._world.pace(now) / _SLOWER)

    def install(self, account: Account, now: int) -> None:
        """A new device is registered at an account and begins to send."""
        rng = self._rng
        products = self._world.rules.products
        product = products[self._count % len(products)] if rng.random() >= _PROTOTYPES else "prototype"
        self._count += 1
        software = "" if self._own.random() < _SILENT_ON_VERSION else VERSIONS[int(self._own.random() * len(VERSIONS))]
        interval, states = self._interval(product), 0
        if self._own.random() < _SLOW_SENDERS and not self._world.life.beat_ms:
            interval, states = 2 * interval, 2 * interval // MINUTE
        name = f"dev-{account.number:05d}-{self._count}"
        device = self._add(Device(name, account, product, interval, states, software))
        self._tell(device, now, "registered", product=product, region=account.region, **device.stated())
        self._begin(now, device)

    def _interval(self, product: str) -> int:
        rules = self._world.rules
        minutes = rules.heartbeat_minutes.get(product, rules.default_heartbeat_minutes)
        return self._world.life.beat_ms or minutes * MINUTE

    def _add(self, device: Device) -> Device:
        if self._world.keep:
            self.devices.append(device)
        device.account.devices.append(device)
        return device

    def _left(self, device: Device) -> None:
        """It is in service at its account no more."""
        device.gone = True
        device.account.devices.remove(device)

    def _begin(self, now: int, device: Device) -> None:
        first = max(now + 1, self._world.start_ms - 2 * device.interval)
        self._world.schedule.later(first + int(self._rng.random() * device.interval), partial(self._beat, device))
        self._next(now, device)
        for storm in self._storms:
            if device.product == storm.target and now < storm.begin:
                at = storm.begin + int(self._upset.random() * _STORM_WITHIN)
                self._world.schedule.later(at, partial(self._hit, device, storm.end))

    def _hit(self, device: Device, until: int, now: int) -> None:
        """The fault of a storm; it is cleared within the hour after the storm."""
        dark = device.quiet_until > now or self._incidents.awake(device.product, now) > now
        if device.gone or dark or self._upset.random() > _STORM:
            return
        self._tell(device, now, "fault_raised", code=_STORM_CODE, severity="critical")
        if until < NEVER:
            self._tell(device, until + int(self._upset.random() * HOUR), "fault_cleared", code=_STORM_CODE)

    def _next(self, now: int, device: Device) -> None:
        gap = self._rng.expovariate(1.0) * OCCURS_EVERY / self._pace(now)
        self._world.schedule.later(now + int(gap) + 1, partial(self._occur, device))

    def _tell(self, device: Device, at: int, kind: str, **fields: object) -> None:
        at = self._incidents.awake(device.product, at)
        if device.steps:
            at = max(at, device.steps[-1].at + 1)
        if at < NEVER:
            step = Step(at, kind, fields)
            device.steps.append(step)
            self._world.schedule.post(device, step)

    def _beat(self, device: Device, now: int) -> None:
        if device.gone:
            return
        awake = self._incidents.awake(device.product, max(now, device.quiet_until))
        if awake >= NEVER:
            return
        if awake > now:
            self._world.schedule.later(awake + int(self._rng.random() * device.interval), partial(self._beat, device))
            return
        step = Step(now, "heartbeat", _HEARTBEAT)
        self._world.schedule.post(device, step)
        if self._world.keep:
            device.beats.append(now)
            device.heard.append(step.published)
        slow = self._upset.uniform(*_SLOWED) if self._incidents.slowed(device.product, now) else 1
        interval = device.interval * slow
        self._world.schedule.later(now + int(interval * (0.95 + 0.1 * self._rng.random())), partial(self._beat, device))

    def _occur(self, device: Device, now: int) -> None:
        if device.gone:
            return
        busy = bool(device.steps) and device.steps[-1].at >= now
        dark = device.quiet_until > now or self._incidents.awake(device.product, now) > now
        if not busy and not dark:
            self._occurrences[pick(_OCCURS, self._rng.random())](device, now)
        if not device.gone:
            self._next(now, device)

    def _fault(self, device: Device, now: int) -> None:
        rng = self._rng
        code = _CODES[int(rng.random() * len(_CODES))]
        severity = pick(SEVERITIES, rng.random())
        self._tell(device, now, "fault_raised", code=code, **({"severity": severity} if severity else {}))
        lasts = rng.lognormvariate(log(2 * HOUR), 1.0) / self._pace(now) + 2
        if rng.random() < 0.1:
            self._tell(device, now + int(lasts / 2), "fault_raised", code=code, severity="critical")
        if rng.random() < _CLEARED:
            kind = "self_healed" if self._own.random() < _HEALED else "fault_cleared"
            self._tell(device, now + int(lasts) + 1, kind, code=code)

    def _outage(self, device: Device, now: int) -> None:
        """It does not work for a while, and goes on sending."""
        self._tell(device, now, "outage_began")
        lasts = self._own.lognormvariate(log(25 * MINUTE), 1.0) / self._pace(now)
        self._tell(device, now + int(lasts) + 1, "outage_ended")

    def _update(self, device: Device, now: int) -> None:
        """The next version is installed; who told nothing of its version tells now."""
        place = VERSIONS.index(device.software) + 1 if device.software in VERSIONS else 0
        device.software = VERSIONS[min(place, len(VERSIONS) - 1)]
        self._tell(device, now, "software_version", software=device.software)

    def _quiet(self, device: Device, now: int) -> None:
        rng = self._rng
        if rng.random() < _DEAD:
            device.quiet_until = NEVER
            self._world.schedule.later(
                now + int(rng.lognormvariate(log(5 * DAY), 0.5) / self._pace(now)), partial(self._replace, device)
            )
        else:
            device.quiet_until = now + int(rng.lognormvariate(log(4 * HOUR), 0.8) / self._pace(now))

    def _reconcile(self, device: Device, now: int) -> None:
        self._tell(device, now, "snapshot", **device.told(now))

    def _transfer(self, device: Device, now: int) -> None:
        account = self._world.population.other(self._rng, device.account)
        if account is None:
            return
        self._tell(device, now, "transferred_out")
        self._left(device)
        moved = self._add(Device(device.name, account, device.product, device.interval, device.states, device.software))
        self._tell(moved, now, "snapshot", **device.told(now))
        self._begin(now, moved)

    def _delete(self, device: Device, now: int) -> None:
        self._replace(device, now, "deleted")

    def _replace(self, device: Device, now: int, kind: str = "decommissioned") -> None:
        """Out of service; another one takes its place."""
        self._tell(device, now, kind)
        self._left(device)
        self.install(device.account, now + 1)
        after, draw = now + int(DAY * self._rng.random() / self._pace(now)) + 1, self._rng.random()
        if kind == "decommissioned" and draw < _RECONCILED:
            self._tell(device, after, "snapshot", **device.told(after), decommissioned_at=now)
        elif kind == "decommissioned" and draw < _RECONCILED + _REVIVED:
            self._tell(device, after, "fault_raised", code="power", severity="info")
