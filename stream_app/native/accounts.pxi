# What a row tells of its account, and what it counts under names, which may be any words.

cdef tuple evidence(LiveRow row, Cells cells):
    """`domain.health.evidence.of_case`."""
    cdef list items
    if row.phase == IN_OPEN:
        opened = (row.created + HOUR - 1) // HOUR
        items = [
            (open_case(cells.tier.words[row.tier], PRIORITY.words[row.priority]), 0),
            (OPEN_KINDS[row.priority], opened),
            (OPEN_LONG, (row.created + cells.long_ms + HOUR - 1) // HOUR),
        ]
        if row.escalated:
            items.append((ESCALATED, opened))
    else:
        items = [CASE_ITEM]
    for at in row.reopened:
        items.append((REOPENED, (at + HOUR - 1) // HOUR))
    return tuple(items), row.stamp


cdef int tell(Cells cells, tuple key, LiveRow row, tuple before, tuple after) except -1:
    """A row says something else of its account."""
    if not row.reopened.empty():  # may say a thing twice
        cells.ledger.move(key[0], before, after)
        return 0
    if row.entry is None:
        row.entry = entry_of(cells.ledger, key[0])
    says(cells.ledger, key[0], row.entry, before, after)
    return 0


cdef int prioritised(LiveRow row) noexcept:
    """The priority of an open case, below 0 of another."""
    return row.priority if row.phase == IN_OPEN else -1


cdef object part(LiveRow row, int priority, Cells cells):
    """`domain.cases.weights.part`, of a case about a device."""
    return cases.Part(
        None if priority < 0 else PRIORITY.words[priority], row.device, row.created, row.origin == REACTIVE, row.signal,
        row.product,
    )

cdef int REACTIVE = ORIGIN.of("reactive")


cdef int join(object partition, object area, tuple key, LiveRow row, int was, int now, bint new, Cells cells) except -1:
    """Move the joins of the account from one priority of an open case to another."""
    if row.device:
        partition._joined(area, key, None if new else part(row, was, cells), part(row, now, cells))
        return 0
    account = row.account
    if account is None:
        account = partition.accounts.get(key[0])
        if account is None:
            account = partition.accounts[key[0]] = Account()
        row.account = account
    if is_open(
        account._silence, None if was < 0 else PRIORITY.words[was], None if now < 0 else PRIORITY.words[now]
    ):
        return 0
    change = account.case(
        key[1], None if was < 0 else PLAIN_PARTS[was], None if now < 0 else PLAIN_PARTS[now]
    )
    if change is not NOTHING:
        partition._changes(change)
    return 0

cdef list PLAIN_PARTS = [cases.Part(word) for word in PRIORITY.words]


cdef int name_bug(object board, LiveRow row, str was) except -1:
    if row.bug != was:
        when = row.created // MINUTE
        if was:
            board.add([("bug_cases:any", (was,), when, 1)], -1)
        board.add([("bug_cases:any", (row.bug,), when, 1)])
    return 0


cdef int name_topic(object board, str topic, int64_t solved, int sign) except -1:
    if topic and solved:
        board.add([("known_topic_cases:any", (topic,), solved // MINUTE, 1)], sign)
    return 0
