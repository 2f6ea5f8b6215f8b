# Closed sets of words as numbers.

cdef Words PRIORITY = Words(PRIORITIES), CHANNEL = Words(CHANNELS), ORIGIN = Words(ORIGINS), ISSUE = Words(ISSUE_TYPES)
cdef Words ACCESS = Words(ACCESS_POINTS), DEVICE_CLASS = Words(DEVICE_CLASSES), WHERE_TO = Words(ESCALATED_TO)
cdef Words COLLABORATOR = Words(COLLABORATORS), ATTEMPT = Words(ATTEMPTS), STEP = Words(AUTOMATION)
cdef Words AUTOMATED_ = Words(AUTOMATED)
cdef Words STATE = Words(("new", "open", "waiting_customer", "waiting_vendor", "escalated"), True)
cdef Words CONTACT = Words(("first", "later", UNKNOWN), True)
cdef Words PATH = Words(("first_contact", "escalated", "team", "coached", UNKNOWN), True)
cdef Words CLOCK = Words(("elapsed", "net", "business"), True)
cdef Words END = Words(("first", "full", "closed"), True)
cdef Words SAID = Words(("yes", "no", UNKNOWN), True)
cdef Words TOUCH = Words(("none", "one", "two", "multi"), True)
cdef Words VENDOR = Words(("no", UNKNOWN, "yes"), True)
cdef Words KNOWN_ = Words(KNOWLEDGE, True)
cdef Words DIRECTION = Words(("inbound", "outbound"), True)
cdef Words TARGET = Words(TARGETS, True)
cdef Words KEPT = Words(("met", "breached"), True)
cdef Words BUCKETS = Words(tuple(range(len(DURATION_BOUNDS) + 1)), True)
cdef Words COUNTS = Words(tuple(range(len(COUNT_BOUNDS) + 1)), True)

cdef enum State:
    NEW, OPENED_, WAITS_CUSTOMER, WAITS_VENDOR, IS_ESCALATED

cdef enum Clock:
    ELAPSED, NET, BUSINESS

cdef enum End:
    AT_FIRST, AT_FULL, AT_CLOSED

cdef enum Target:
    TO_RESPOND, TO_RESPOND_NEXT, TO_RESOLVE, TO_ENGINEER

assert TARGETS == ("first_response", "next_response", "resolution", "engineering")

cdef int N_BUCKETS = len(DURATION_BOUNDS) + 1
cdef vector[int64_t] BOUNDS = [bound * 1000 for bound in DURATION_BOUNDS]
cdef vector[int64_t] COUNT_BOUNDS_ = COUNT_BOUNDS
cdef int VENDOR_WORD = COLLABORATOR.number("vendor"), TEAM_WORD = COLLABORATOR.number("team")
cdef int ENGINEERING_WORD = WHERE_TO.number("engineering")
cdef int ROUTED = STEP.number("routed"), REASSIGNED = AUTOMATED_.number("reassigned")
cdef int N_PRIORITIES = len(PRIORITY.words)

cdef list OPEN_KINDS = [OPEN.get(word, OPEN_OTHER) for word in PRIORITY.words]
cdef tuple CASE_ITEM = (CASE, 0)


cdef inline int bucket(int64_t length_ms) noexcept:
    cdef int found = 0
    while found < <int>BOUNDS.size() and BOUNDS[found] < length_ms:
        found += 1
    return found


cdef inline int count_bucket(int64_t number) noexcept:
    cdef int found = 0
    while found < <int>COUNT_BOUNDS_.size() and COUNT_BOUNDS_[found] < number:
        found += 1
    return found
