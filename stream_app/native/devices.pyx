# cython: language_level=3, boundscheck=False, initializedcheck=False, cdivision=True
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Rows of devices, compiled: what `domain.callhome` and `Partition.absorb` do with most of what products call home.

A row is the facts of a device that was registered, its faults and versions, and its latest sign of life. Outages and what
ends a device are left, and devices that cases are about: such rows are plain ones. Heartbeats of plain rows are folded here
too, as long as they move nothing but when the device was heard last.
"""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.dict cimport PyDict_GetItemWithError
from cpython.ref cimport PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int64_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.algorithm cimport sort
from libcpp.vector cimport vector

from stream_app.native.closed cimport Words
from stream_app.native.core cimport (
    AT, ID, IS_APPLIED, IS_DUPLICATE, IS_STALE, IS_UNCHANGED, LEVEL, OFFSET, TO_PLAIN, Core, Entry, put,
)
from stream_app.native.kinds cimport know
from stream_app.native.ledger cimport comes, entry_of, falls_silent, says
from stream_app.native.packed cimport Fact, Kinds, Reading, Text, Value
from stream_app.native.rows cimport Head, NativeRow, dumped, headed
from stream_app.native.slots cimport at_place, place_of
from stream_app.native.tally cimport Tally

from stream_app.domain.account import NOTHING, Account
from stream_app.domain.callhome import (
    FOLDING, GONE, Device, FaultCleared, FaultRaised, Heartbeat, Registered, SelfHealed, SoftwareVersion,
)
from stream_app.domain.callhome.state import ACTIVE, KEPT
from stream_app.domain.callhome.weights import cause, release
from stream_app.domain.fold import Row, state_of
from stream_app.domain.health.words import FAULT_OTHER, FAULTS, HOUR_MS, SILENT
from stream_app.domain.health.words import NOTHING as NO_EVIDENCE
from stream_app.domain.words import CAUSES, SEVERITIES, UNKNOWN, closed

cdef enum Kind:
    REGISTERED_ = 1, RAISED, CLEARED, HEALED, RUNS, HEARTBEAT

KINDS = {
    Registered: REGISTERED_, FaultRaised: RAISED, FaultCleared: CLEARED, SelfHealed: HEALED, SoftwareVersion: RUNS,
    Heartbeat: HEARTBEAT,
}
"""Kinds of facts that are folded here; a heartbeat is not kept."""

cdef enum:
    PRODUCT_, INTERVAL_, SOFTWARE  # the places in `Fact.says`

cdef enum:
    CODE, SEVERITY_

SAYS = {
    Registered: ("product", "heartbeat_minutes", "software"), FaultRaised: ("code", "severity"), FaultCleared: ("code",),
    SelfHealed: ("code",), SoftwareVersion: ("software",),
}

cdef Kinds KNOWN_KINDS
for _kind, _says in SAYS.items():
    know(KNOWN_KINDS, _kind, KINDS[_kind], _says)

cdef int64_t MINUTE = 60_000, HOUR = HOUR_MS
cdef size_t ACTIVE_ = ACTIVE, KEPT_ = KEPT
cdef Py_ssize_t STATE = place_of(Row, "state"), SEEN = place_of(Row, "seen"), ROW_OFFSET = place_of(Row, "offset")
cdef Py_ssize_t PHASE = place_of(Device, "phase"), REGISTERED = place_of(Device, "registered")
cdef Py_ssize_t PRODUCT = place_of(Device, "product"), INTERVAL = place_of(Device, "interval")
cdef Py_ssize_t RETIRED = place_of(Device, "retired"), FAULTS_ = place_of(Device, "faults")

cdef Words SEVERITY = Words(SEVERITIES), CAUSE = Words(CAUSES, True), MOVED = Words(("raised", "cleared"), True)
cdef Words ENDED = Words(("cleared", "self_healed"), True), GRAVE = Words(("critical_fault", "major_fault"), True)
cdef int N_SEVERITIES = len(SEVERITY.words), N_CAUSES = len(CAUSE.words)
cdef int CRITICAL = SEVERITY.number("critical"), MAJOR = SEVERITY.number("major")
cdef list FAULT_KINDS = [FAULTS.get(word, FAULT_OTHER) for word in SEVERITY.words]

cdef enum:
    MODELS = 10_000


cdef struct Fault:
    Text code
    int severity
    int64_t raised


cdef struct Over:
    Text code
    int severity
    int64_t raised
    int64_t cleared
    cbool healed


cdef cppclass Known:
    """What the facts of a row add up to, as of `domain.callhome.Device`."""

    Text product, software
    int64_t interval
    vector[Fault] faults
    vector[Over] over

    void clear():
        this.product = this.software = Text()
        this.interval = 0
        this.faults.clear()
        this.over.clear()


cdef void advance(Known *device, const Fact& fact) noexcept:
    """Move a device by a fact that is the latest: `domain.callhome.moves`."""
    cdef const Value *said = fact.says()
    cdef size_t place = 0, count = device.faults.size()
    cdef Fault raised
    if fact.kind == REGISTERED_:
        device.product, device.interval = said[PRODUCT_].text, said[INTERVAL_].number
        if not said[SOFTWARE].text.empty():
            device.software = said[SOFTWARE].text
        return
    if fact.kind == RUNS:
        device.software = said[0].text
        return
    while place < count and device.faults[place].code != said[CODE].text:
        place += 1
    if fact.kind == RAISED:
        if place < count:
            device.faults[place].severity = SEVERITY.of(said[SEVERITY_].text)
        elif count < ACTIVE_:
            device.faults.push_back(Fault(said[CODE].text, SEVERITY.of(said[SEVERITY_].text), fact.at))
    elif place < count:
        raised = device.faults[place]
        device.faults.erase(device.faults.begin() + place)
        if device.over.size() == KEPT_:
            device.over.erase(device.over.begin())
        device.over.push_back(Over(raised.code, raised.severity, raised.raised, fact.at, fact.kind == HEALED))


cdef cbool fold_kept(Known *device, Reading& kept, int number, Fact& fact, uint64_t looked_for, cbool& same) noexcept:
    """Fold the facts that a row keeps; whether that could be done. same: whether one has the id that is looked for."""
    cdef int place
    device.clear()
    same = False
    for place in range(number):
        if not KNOWN_KINDS.read(kept, fact) or (not place and fact.kind != REGISTERED_):
            return False
        advance(device, fact)
        same = same or fact.id == looked_for
    return True


cdef class Model:
    """Devices of one product that are heard of in one interval. silent_after: minutes until one is silent."""

    cdef Tally seen
    cdef str product
    cdef int word
    cdef int64_t silent_after


@cython.no_gc
cdef class DeviceRow(NativeRow):
    """A device that was registered. heard: the latest sign of life, ms. model: of its core, once it is there.

    grave: whether an active fault calls for a case.
    """

    cdef int64_t heard
    cdef Model model
    cdef cbool grave

    @property
    def seen(self):
        """The latest sign of life, ms."""
        return self.heard

    @property
    def state(self):
        """What the facts add up to, folded anew."""
        return state_of(FOLDING, self.plain())

    @state.setter
    def state(self, value):
        """It is derived each time."""


cdef DeviceRow row_of(bytes facts, int64_t offset, int kept, int64_t seen):
    cdef DeviceRow row = DeviceRow.__new__(DeviceRow)
    row.facts, row.offset, row.kept, row.heard = facts, offset, kept, seen
    return row


cdef str as_str(Text said):
    return PyUnicode_DecodeUTF8(said.data(), said.size(), NULL)


cdef class DeviceCore(Core):
    """The devices of a partition, and the counts that they move."""

    cdef Known device
    cdef Words product
    cdef dict models, versions, causes
    cdef int faults, fault_causes, active, ended, candidates, excused
    cdef int64_t storm_minutes

    def __init__(self, partition, area):
        super().__init__(partition, area, KINDS, DeviceRow, (Registered,))
        self.models, self.versions, self.causes = {}, {}, {}
        self.product, self.storm_minutes = Words(partition.rules.products), partition.rules.storm_minutes
        self.faults = self.make("device_faults", (self.product, SEVERITY, MOVED))
        self.fault_causes = self.make("device_fault_causes", (self.product, CAUSE))
        self.active = self.make("device_faults_active", (self.product, SEVERITY))
        self.ended = self.make("device_faults_ended", (self.product, ENDED))
        self.candidates = self.make("proactive_candidates", (self.product, GRAVE))
        self.excused = self.make("devices_silent_excused", (self.product,))

    cdef Model model(self, object product, object interval):
        """Where a device counts as seen."""
        cdef tuple key = (product, interval)
        cdef PyObject *found = PyDict_GetItemWithError(self.models, key)
        if found is not NULL:
            return <Model>found
        if len(self.models) >= MODELS:
            self.models.clear()
        rules, word = self.rules, closed(product, self.rules.products)
        minutes = interval or rules.heartbeat_minutes.get(word, rules.default_heartbeat_minutes)
        cdef Model made = Model.__new__(Model)
        made.seen, made.product = self.board.tally("devices_seen", (word, minutes)), word
        made.word, made.silent_after = self.product.number(word), rules.silent_after * minutes
        self.models[key] = made
        return made

    cdef int count_version(self, Model model, Text software, int sign) except -1:
        """Count the version that a device runs."""
        cdef tuple key = (model.product, as_str(software))
        cdef PyObject *found = PyDict_GetItemWithError(self.versions, key)
        if found is NULL:
            if len(self.versions) >= MODELS:
                self.versions.clear()
            stands = release(key[1], self.rules.current_versions.get(model.product, ""))
            made = self.versions[key] = (
                ("devices_by_version:any", (model.product, key[1] or UNKNOWN), None, 1),
                ("devices_by_release", (model.product, stands), None, 1),
            )
        else:
            made = <object>found
        self.board.add(made, sign)
        return 0

    cdef int cause(self, Text code) except -1:
        """`domain.callhome.weights.cause`, as a number."""
        cdef str word = as_str(code)
        cdef PyObject *found = PyDict_GetItemWithError(self.causes, word)
        if found is not NULL:
            return <object>found
        if len(self.causes) >= MODELS:
            self.causes.clear()
        number = self.causes[word] = CAUSE.number(cause(word))
        return number

    cdef bint leaves(self, tuple key) except -1:
        """Whether a case is about a device."""
        cdef PyObject *found = PyDict_GetItemWithError(self.accounts, key[0])
        if found is NULL:
            return False
        about = (<object>found)._about
        return about is not None and key[1] in about

    cdef int gravest(self) noexcept:
        """The reason for which the active faults call for a case, below 0 for none: `domain.callhome.joint`."""
        cdef int reason = -1
        for fault in self.device.faults:
            if fault.severity == CRITICAL:
                return 0
            if fault.severity == MAJOR:
                reason = 1
        return reason

    cdef int weigh(self, int product, vector[Entry]& into) except -1:
        """`domain.callhome.weigh`, but for the version, and what `together` adds without a case, but for the pulse."""
        cdef Known *device = &self.device
        cdef int reason
        for fault in device.faults:
            put(into, self.faults + (product * N_SEVERITIES + fault.severity) * 2, fault.raised // MINUTE, 1)
            put(into, self.active + product * N_SEVERITIES + fault.severity, LEVEL, 1)
        for over in device.over:
            put(into, self.faults + (product * N_SEVERITIES + over.severity) * 2, over.raised // MINUTE, 1)
            put(into, self.faults + (product * N_SEVERITIES + over.severity) * 2 + 1, over.cleared // MINUTE, 1)
            put(into, self.ended + product * 2 + over.healed, over.cleared // MINUTE, 1)
        self.weigh_causes(product, into)
        reason = self.gravest()
        if reason >= 0:
            put(into, self.candidates + product * 2 + reason, LEVEL, 1)
        return 0

    cdef int weigh_causes(self, int product, vector[Entry]& into) except -1:
        """From when to when some fault of each cause was raised lately: `domain.intervals.edges`."""
        cdef vector[int64_t] at
        cdef vector[int] causes
        cdef int64_t ends
        cdef size_t place
        cdef int one
        if self.device.faults.empty() and self.device.over.empty():
            return 0
        for fault in self.device.faults:
            causes.push_back(self.cause(fault.code))
        for over in self.device.over:
            causes.push_back(self.cause(over.code))
        for one in range(N_CAUSES):
            at.clear()
            for place in range(causes.size()):
                if causes[place] == one:
                    at.push_back(self.raised(place) // MINUTE)
            if at.empty():
                continue
            sort(at.begin(), at.end())
            ends = LEVEL
            for when in at:
                if when > ends:
                    if ends != LEVEL:
                        put(into, self.fault_causes + product * N_CAUSES + one, ends, -1)
                    put(into, self.fault_causes + product * N_CAUSES + one, when, 1)
                ends = max(ends, when + self.storm_minutes)
            put(into, self.fault_causes + product * N_CAUSES + one, ends, -1)
        return 0

    cdef int64_t raised(self, size_t place) noexcept:
        cdef size_t active = self.device.faults.size()
        return self.device.faults[place].raised if place < active else self.device.over[place - active].raised

    cdef tuple evidence(self, int64_t silent_from):
        """`domain.health.evidence.of_device`."""
        cdef list items
        if self.device.faults.empty():
            return self.silence(silent_from)
        items = [self.item(SILENT, (silent_from + 59) // 60)]
        for fault in self.device.faults:
            items.append(self.item(FAULT_KINDS[fault.severity], (fault.raised + HOUR - 1) // HOUR))
        return tuple(items), 0

    cdef tuple silence(self, int64_t minute):
        """What a device without a fault says that falls silent in a minute: `domain.health.evidence.of_silence`."""
        return (self.item(SILENT, (minute + 59) // 60),), 0

    cdef NativeRow made(self, bytes facts, int64_t offset, int kept, int64_t seen):
        return row_of(facts, offset, kept, seen)

    cdef bint folded(self, NativeRow made) except -1:
        cdef DeviceRow row = <DeviceRow>made
        cdef Reading reading = Reading(PyBytes_AS_STRING(row.facts), PyBytes_GET_SIZE(row.facts))
        cdef cbool same = False
        if not row.kept or not fold_kept(&self.device, reading, row.kept, self.one, 0, same) or not reading.done():
            return False
        row.at, row.sequence = self.one.at, self.one.sequence
        row.model = self.model(as_str(self.device.product), self.device.interval)
        row.grave = self.gravest() >= 0
        return True

    cdef int weigh_in(self, object partition, NativeRow made) except -1:
        cdef DeviceRow row = <DeviceRow>made
        cdef Model model = row.model
        cdef int64_t seen = row.heard // MINUTE
        self.before.clear()
        self.after.clear()
        self.weigh(model.word, self.after)
        if row.grave:
            put(self.after, self.excused + model.word, seen + model.silent_after, 1)
        self.move()
        self.count_version(model, self.device.software, 1)
        model.seen.count(seen, 1)
        account = self.accounts.get(row.key[0])
        if account is None:
            account = self.accounts[row.key[0]] = Account()
        row.account = account
        change = comes(account, seen + model.silent_after)
        if change is not NOTHING:
            partition._changes(change)
        self.tell(row, NO_EVIDENCE, self.evidence(seen + model.silent_after), self.device.faults.size() > 1)
        return 0

    cdef int fold(self, object partition, NativeRow made, int kind, object fact) except -1:
        cdef DeviceRow row = <DeviceRow>made
        cdef Model model = row.model
        cdef int64_t at, offset = at_place(fact, OFFSET), before, after
        if offset <= row.offset:
            return IS_STALE
        about = row.account._about
        if about is not None and row.key[1] in about:
            return TO_PLAIN
        if kind != HEARTBEAT:
            return self.fold_fact(partition, row, kind, fact)
        at = at_place(fact, AT)
        if at <= row.heard:
            return IS_UNCHANGED
        before, after = row.heard // MINUTE, at // MINUTE
        row.heard, row.offset = at, offset
        if before != after:
            if row.grave:
                self.add(self.excused + model.word, before + model.silent_after, -1)
                self.add(self.excused + model.word, after + model.silent_after, 1)
            self.heard(partition, row.account, model, before, after)
            before, after = before + model.silent_after, after + model.silent_after
            if (before + 59) // 60 != (after + 59) // 60:
                self.tell(row, self.silence(before), self.silence(after), False)
        return IS_APPLIED

    cdef int fold_fact(self, object partition, DeviceRow row, int kind, object fact) except -1:
        cdef int64_t at = at_place(fact, AT), before, after
        cdef Model was = row.model, now
        cdef bytes facts
        cdef tuple said, told
        cdef Text software
        cdef cbool same = False, twice
        facts = None if kind == REGISTERED_ else self.longer(row, fact)
        if facts is None:
            return TO_PLAIN
        cdef Reading reading = Reading(PyBytes_AS_STRING(facts), PyBytes_GET_SIZE(facts))
        if not fold_kept(&self.device, reading, row.kept, self.one, at_place(fact, ID), same):
            return TO_PLAIN
        if same:
            return IS_DUPLICATE
        before = row.heard // MINUTE + was.silent_after
        self.before.clear()
        self.after.clear()
        self.weigh(was.word, self.before)
        if row.grave:
            put(self.before, self.excused + was.word, before, 1)
        said, software, twice = self.evidence(before), self.device.software, self.device.faults.size() > 1
        if not KNOWN_KINDS.read(reading, self.one):
            return TO_PLAIN
        advance(&self.device, self.one)
        self.take(row, facts, fact)
        row.grave = self.gravest() >= 0
        if at > row.heard:
            after = at // MINUTE
            if after != row.heard // MINUTE:
                self.heard(partition, row.account, was, row.heard // MINUTE, after)
            row.heard = at
        after = row.heard // MINUTE + was.silent_after
        self.weigh(was.word, self.after)
        if row.grave:
            put(self.after, self.excused + was.word, after, 1)
        self.move()
        if self.device.software != software:
            self.count_version(was, software, -1)
            self.count_version(was, self.device.software, 1)
        told = self.evidence(after)
        if told != said:
            self.tell(row, said, told, twice or self.device.faults.size() > 1)
        return IS_APPLIED

    cdef int heard(self, object partition, object account, Model model, int64_t before, int64_t after) except -1:
        """Move a device from the minute it was heard in to a later one, and the joins of its account with it."""
        model.seen.count(before, -1)
        model.seen.count(after, 1)
        change = falls_silent(account._silence, before + model.silent_after, after + model.silent_after)
        if change is not NOTHING:
            partition._changes(change)
        return 0

    cdef int meet(self, object partition, tuple key, object row, int kind, object fact) except -1:
        """A heartbeat of a plain row that can move nothing but the pulse of its device."""
        if kind != HEARTBEAT:
            return TO_PLAIN
        cdef object device = at_place(row, STATE), at = at_place(fact, AT), offset = at_place(fact, OFFSET)
        cdef int64_t before = at_place(row, SEEN), after = at
        cdef Model model
        if device is None or at_place(device, RETIRED) != 0 or at_place(device, FAULTS_) or self.leaves(key):
            return TO_PLAIN
        if <int64_t>offset <= <int64_t>at_place(row, ROW_OFFSET):
            return IS_STALE
        if after <= before:
            return IS_UNCHANGED
        row.seen, row.offset = at, offset
        before, after = before // MINUTE, after // MINUTE
        if before == after or not at_place(device, REGISTERED) or at_place(device, PHASE) == GONE:
            return IS_APPLIED
        model = self.model(at_place(device, PRODUCT), at_place(device, INTERVAL))
        self.heard(partition, self.accounts[key[0]], model, before, after)
        said, told = self.silence(before + model.silent_after), self.silence(after + model.silent_after)
        if said != told:
            says(self.ledger, key[0], entry_of(self.ledger, key[0]), said, told)
        return IS_APPLIED


def dump(codec, row):
    """`RowCodec.dump`; codec: the plain one, for plain rows."""
    return dumped(<DeviceRow>row, (<DeviceRow>row).heard) if type(row) is DeviceRow else codec.dump(row)


def read(codec, bytes data):
    """`RowCodec.read`; codec: the plain one, for whatever is not the row of a device that keeps all its facts."""
    cdef Reading reading = Reading(PyBytes_AS_STRING(data), PyBytes_GET_SIZE(data))
    cdef Head head
    if not headed(reading, head):
        return codec.read(data)
    return row_of(reading.rest()[: reading.left()], head.offset, head.kept, head.seen)
