# What a row tells of its account, and what it counts under names, which may be any words.

cdef tuple evidence(Case *case, CaseCounts counts):
    """`domain.health.evidence.of_case`."""
    cdef list items
    cdef int64_t opened
    if case.phase == IN_OPEN:
        opened = (case.created + HOUR - 1) // HOUR
        items = [
            counts.opens[case.tier * N_PRIORITIES + case.priority],
            counts.item(OPEN_KINDS[case.priority], opened),
            counts.item(OPEN_LONG, (case.created + counts.long_ms + HOUR - 1) // HOUR),
        ]
        if case.escalated:
            items.append(counts.item(ESCALATED, opened))
    else:
        items = [CASE_ITEM]
    for at in case.reopened:
        items.append(counts.item(REOPENED, (at + HOUR - 1) // HOUR))
    return tuple(items), case.stamp


cdef int prioritised(Case *case) noexcept:
    """The priority of an open case, below 0 of another."""
    return case.priority if case.phase == IN_OPEN else -1


cdef str as_str(Text said):
    return PyUnicode_DecodeUTF8(said.data(), said.size(), NULL)


cdef object part(Case *case, int priority):
    """`domain.cases.weights.part`, of a case about a device."""
    return cases.Part(
        None if priority < 0 else PRIORITY.words[priority], as_str(case.device), case.created, case.origin == REACTIVE,
        as_str(case.signal), as_str(case.product),
    )

cdef int REACTIVE = ORIGIN.number("reactive")


cdef int join(object partition, CaseCounts counts, NativeRow row, Case *case, int was, bint new) except -1:
    """Move the joins of the account from one priority of an open case to that of now."""
    cdef tuple key = row.key
    cdef int now = prioritised(case)
    if not case.device.empty():
        partition._joined(counts.area, key, None if new else part(case, was), part(case, now))
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


cdef int name_bug(object board, Case *case, Text was) except -1:
    when = case.created // MINUTE
    if not was.empty():
        board.add([("bug_cases:any", (as_str(was),), when, 1)], -1)
    if not case.bug.empty():
        board.add([("bug_cases:any", (as_str(case.bug),), when, 1)])
    return 0


cdef int name_topic(object board, Text topic, int64_t solved, int sign) except -1:
    if solved and not topic.empty():
        board.add([("known_topic_cases:any", (as_str(topic),), solved // MINUTE, 1)], sign)
    return 0


cdef tuple delivery(Case *case, CaseCounts counts):
    """`domain.surveyed.delivery`."""
    if not case.solved:
        return NOT_DELIVERED
    return counts.partner.words[case.delivered_by], PATH.words[path(case, contact(case))]

cdef tuple NOT_DELIVERED = (UNKNOWN, UNKNOWN)


cdef int delivered(object partition, CaseCounts counts, tuple key, Case *case, tuple was) except -1:
    """Move the answers of the surveys about a case from how it was delivered to how it is now."""
    cdef tuple now = delivery(case, counts)
    if now != was:
        answers = counts.accounts[key[0]].answers(key[1])
        partition._weighs(surveyed.answered(answers, *was), surveyed.answered(answers, *now))
    return 0
