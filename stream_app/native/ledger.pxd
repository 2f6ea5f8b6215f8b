"""What moves accounts, for other compiled modules."""

cdef object entry_of(object ledger, str account)
cdef int says(object ledger, str account, object entry, tuple before, tuple after) except -1
cdef bint is_open(object silence, str before, str after) except -1
