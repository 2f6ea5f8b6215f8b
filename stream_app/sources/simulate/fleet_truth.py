"""The truth of the fleet: what the numbers of devices, and of the cases about them, must be at an instant.

A device is read as its last sign of life and stretches of time, faults and outages, each from the steps published
until the instant. A device that moves to another account is another one there.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import md5
from typing import Final

from stream_app.domain.rules import Rules
from stream_app.domain.words import SEVERITIES
from stream_app.sources.simulate.customers import Customers
from stream_app.sources.simulate.fleet import Device
from stream_app.sources.simulate.numbers import Numbers, word_of
from stream_app.sources.simulate.standing import Standing
from stream_app.sources.simulate.things import CALLHOME, DAY, MINUTE, Fields, Step, Thing

_GONE: Final = frozenset({"deleted", "transferred_out"})
_NO_SIGN: Final = frozenset({"outage_began", "decommissioned", *_GONE})

_Place = tuple[str, str]
"""Account and name of a device."""


def origin_of(opened: Fields) -> str:
    """Who began a case; one that was opened from a signal is ours."""
    return "proactive" if opened.get("signal") else opened.get("origin", "reactive")


@dataclass(slots=True)
class _Known:
    """What was published of one device at one account: its steps, and its last heartbeat."""

    steps: list[Step] = field(default_factory=list)
    beat: int = 0

    def hear(self, device: Device, until: int) -> None:
        self.steps += [step for step in device.steps if step.published <= until]
        for place in range(len(device.beats) - 1, -1, -1):
            if device.heard[place] <= until:
                self.beat = max(self.beat, device.beats[place])
                return

    def _all(self) -> "_Told":
        told = _Told()
        for step in sorted(self.steps, key=lambda step: step.at):
            told.add(step)
        return told

    def told(self) -> "_Told | None":
        """What its steps say; None if it was not registered, or is gone."""
        told = self._all()
        return None if told.gone or told.product is None else told

    @property
    def incomplete(self) -> bool:
        """Whether something is known of it, but not its registration."""
        return bool(self.steps or self.beat) and not self._all().gone


@dataclass(slots=True)
class _Spell:
    """A fault. raised: None if nobody said since when; cleared: None while it is active."""

    code: str
    severity: str
    raised: int | None
    cleared: int | None = None
    healed: bool = False


@dataclass(slots=True)
class _Told:
    """What a device's steps say of it; without a product it was never registered."""

    product: str | None = None
    interval: int = 0
    software: str = ""
    spells: list[_Spell] = field(default_factory=list)
    outages: list[tuple[int, int | None]] = field(default_factory=list)
    retired: int = 0
    gone: bool = False

    def add(self, step: Step) -> None:
        kind, fields = step.kind, step.fields
        if kind == "snapshot":
            self._state(step)
        elif self.gone or kind in _GONE:
            self.gone = True
        elif kind == "registered":
            self.product, self.interval, self.retired = fields["product"], fields.get("heartbeat_minutes", 0), 0
            self.software = fields.get("software", self.software)
        elif kind == "software_version":
            self.software = fields["software"]
        elif kind == "decommissioned":
            self.retired = step.at
        elif kind.startswith("outage"):
            self._outage(kind, step.at)
        else:
            self._fault(kind, step.at, fields)

    def _state(self, step: Step) -> None:
        said = step.fields
        self.product, self.interval = said["product"], said.get("heartbeat_minutes", 0)
        self.software, self.gone = said.get("software", ""), False
        self.retired = step.at if said.get("decommissioned_at") else 0
        history = said.get("history", ())
        since = {one["code"]: one["raised_at"] for one in history if "cleared_at" not in one}
        self.spells = [_Spell(code, word, since.get(code)) for code, word in said["faults"].items()]
        for one in history:
            if "cleared_at" in one:
                spell = _Spell(one["code"], one.get("severity", ""), one["raised_at"], one["cleared_at"])
                spell.healed = one.get("self_healed", False)
                self.spells.append(spell)
        self.outages = [(one["began_at"], one.get("ended_at")) for one in said.get("outages", ())]

    def _outage(self, kind: str, at: int) -> None:
        lasts = bool(self.outages) and self.outages[-1][1] is None
        if kind == "outage_began" and not lasts:
            self.outages.append((at, None))
        elif kind == "outage_ended" and lasts:
            self.outages[-1] = (self.outages[-1][0], at)

    def _fault(self, kind: str, at: int, fields: Fields) -> None:
        active = [spell for spell in self.spells if spell.code == fields["code"] and spell.cleared is None]
        if kind != "fault_raised":
            for spell in active:
                spell.cleared, spell.healed = at, kind == "self_healed"
        elif active:
            active[0].severity = fields.get("severity", "")
        else:
            self.spells.append(_Spell(fields["code"], fields.get("severity", ""), at))


def fleet(
    numbers: Numbers, customers: Customers, devices: Iterable[Device], cases: Iterable[tuple[Thing, Standing]],
    until: int, rules: Rules,
) -> frozenset[str]:  # fmt: skip
    """Count devices, their faults and outages, and the cases about them; returns the accounts with a silent device."""
    known: dict[_Place, _Known] = defaultdict(_Known)
    for device in devices:
        known[device.account.name, device.name].hear(device, until)
    about = _about(cases)
    states: dict[str, set[str]] = defaultdict(set)
    out: dict[str, set[str]] = defaultdict(set)
    for place in known.keys() | about.keys():
        one, its_cases = known[place], about.get(place, [])
        told = one.told()
        _signals(numbers, [] if told is None else told.spells, its_cases, rules)
        if told is not None:
            customers.known(place[0])
            state, windows = _device(numbers, one, told, its_cases, rules)
            if state != "retired":
                _felt(customers, place[0], one, told, rules)
            states[state].add(place[0])
            for window in windows:
                out[window].add(place[0])
        elif one.incomplete:
            customers.known(place[0])
            numbers.count("stream_app_rows_incomplete", CALLHOME)
    for _ in states["fresh"] | states["late"] | states["silent"]:
        numbers.count("support_customers_with_devices")
    for window, accounts in out.items():
        for _ in accounts:
            numbers.count("support_customers_with_outage", window)
    return frozenset(states["silent"])


def _about(cases: Iterable[tuple[Thing, Standing]]) -> dict[_Place, list[Standing]]:
    """The cases about each device."""
    about: dict[_Place, list[Standing]] = defaultdict(list)
    for thing, case in cases:
        if not case.gone and case.created is not None and case.opened.get("device"):
            about[thing.account.name, case.opened["device"]].append(case)
    return about


def _signals(numbers: Numbers, spells: Sequence[_Spell], cases: Iterable[Standing], rules: Rules) -> None:
    """Reactive cases about a device, and the signals it had sent before."""
    for case in cases:
        created = case.created or 0
        if origin_of(case.opened) != "reactive":
            continue
        before = [
            created - spell.raised for spell in spells
            if spell.raised and 0 <= created - spell.raised <= rules.signal_days * DAY
        ]  # fmt: skip
        product = word_of(case.opened.get("product"), rules.products)
        numbers.happened("support_cases_reactive_device", created, product, "missed" if before else "none")
        if before:
            numbers.lasted("support_case_missed_signal_lead_seconds", created, max(before))


def _device(
    numbers: Numbers, known: _Known, told: _Told, cases: Sequence[Standing], rules: Rules
) -> tuple[str, set[str]]:
    """Count one registered device; returns its state and, while in service, the windows in which it was in outage."""
    product = word_of(told.product, rules.products)
    _faults(numbers, told.spells, cases, product, rules)
    seen = max([known.beat, *(step.at for step in known.steps if step.kind not in _NO_SIGN)])
    if told.retired and seen <= told.retired + rules.retired_grace_minutes * MINUTE:
        numbers.count("support_devices", product, "retired")
        return "retired", set()
    interval = told.interval or rules.heartbeat_minutes.get(product, rules.default_heartbeat_minutes)
    since = numbers.minutes_since(seen)
    state = "silent" if since >= rules.silent_after * interval else "fresh"
    if state == "fresh" and since >= rules.late_after * interval:
        state = "late"
    numbers.count("support_devices", product, state)
    active = {word_of(spell.severity, SEVERITIES) for spell in told.spells if spell.cleared is None}
    for spell in told.spells:
        if spell.cleared is None:
            numbers.count("support_device_faults_active", product, word_of(spell.severity, SEVERITIES))
    numbers.count("support_devices_by_version", product, told.software or "unknown")
    numbers.count("support_devices_by_release", product, _release(told.software, rules.current_versions.get(product)))
    grave = [f"{word}_fault" for word in ("critical", "major") if word in active]
    reasons = [*grave, *(["silent"] if state == "silent" else [])]
    if reasons and not any(case.open for case in cases):
        numbers.count("support_proactive_candidates", product, reasons[0])
    return state, _outages(numbers, told.outages, product)


def _felt(customers: Customers, account: str, known: _Known, told: _Told, rules: Rules) -> None:
    """What a device in service does to the health of its customer."""
    seen = max([known.beat, *(step.at for step in known.steps if step.kind not in _NO_SIGN)])
    product = word_of(told.product, rules.products)
    interval = told.interval or rules.heartbeat_minutes.get(product, rules.default_heartbeat_minutes)
    customers.lasts(account, "silent_device", (seen // MINUTE + rules.silent_after * interval) * MINUTE)
    for spell in told.spells:
        if spell.cleared is None:
            severity = spell.severity if spell.severity in SEVERITIES else "other"
            customers.lasts(account, f"fault_{severity}", spell.raised or 0)


def _faults(numbers: Numbers, spells: Sequence[_Spell], cases: Sequence[Standing], product: str, rules: Rules) -> None:
    """Faults raised and ended, what ended them, and the causes raised lately."""
    causes = set()
    for spell in spells:
        severity = word_of(spell.severity, SEVERITIES)
        if spell.raised is not None:
            numbers.happened("support_device_faults", spell.raised, product, severity, "raised")
            if 0 <= numbers.minutes_since(spell.raised) < rules.storm_minutes:
                causes.add(md5(spell.code.encode(), usedforsecurity=False).hexdigest()[0])
        if spell.cleared is not None:
            numbers.happened("support_device_faults", spell.cleared, product, severity, "cleared")
            outcome = _outcome(spell, spell.cleared, cases)
            numbers.happened("support_device_faults_ended", spell.cleared, product, outcome)
    for cause in causes:
        numbers.count("support_device_fault_causes", product, cause)


def _outcome(spell: _Spell, cleared: int, cases: Iterable[Standing]) -> str:
    if spell.raised is None:
        return "unknown"
    for case in cases:
        if spell.raised <= (case.created or 0) <= cleared and case.opened.get("signal", spell.code) == spell.code:
            return "case"
    return "self_healed" if spell.healed else "cleared"


def _outages(numbers: Numbers, outages: Iterable[tuple[int, int | None]], product: str) -> set[str]:
    """Count the outages of a device in service; returns the windows they lie in."""
    found: set[str] = set()
    for began, ended in outages:
        if ended is None:
            numbers.count("support_devices_in_outage", product)
        numbers.spent("support_device_outage_seconds", began, ended, product)
        found |= set(numbers.within(began, ended))
    for window in found:
        numbers.count("support_devices_with_outage", window, product)
    return found


def _release(software: str, current: str | None) -> str:
    """How a version of whole numbers stands to the current one."""
    if not current or not software[:1].isdigit():
        return "unknown"
    own, wanted = ([int(part) for part in version.split(".")] for version in (software, current))
    return "behind" if own < wanted else "ahead" if own > wanted else "current"
