"""What moves accounts, for other compiled modules."""

from libc.stdint cimport int64_t

cdef object entry_of(object ledger, str account)
cdef int says(object ledger, str account, object entry, tuple before, tuple after) except -1
cdef bint is_open(object silence, str before, str after) except -1
cdef object falls_silent(object silence, int64_t before, int64_t after)
cdef object comes(object account, int64_t silent_from)
