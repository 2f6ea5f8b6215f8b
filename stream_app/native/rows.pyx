# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Compiled rows: the facts of a thing that came in order, and no more; and how they are written and read."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy

from stream_app.native.packed cimport NUMBER, Reading, Value, pack

from stream_app.codec import ROW_VERSION
from stream_app.domain.fold import MEMORY, Row

cdef int64_t VERSION = ROW_VERSION
cdef int KEPT = MEMORY


@cython.no_gc
@cython.freelist(64)
cdef class NativeRow:
    """A thing whose facts came in order, as its changelog knows it; to readers a `domain.fold.Row`.

    What the facts add up to is not kept: folding a handful of them costs less than to look for it in memory.

    key: the one it is kept under, the same object. account, entry: of its partition and of its ledger, once they are
    there; they are as long as the row is.
    """

    @property
    def count(self):
        """Facts applied: it keeps them all."""
        return self.kept

    @property
    def seen(self):
        """Most things have no sign of life."""
        return 0

    @property
    def horizon(self):
        """Nothing has left the facts."""
        return None

    @property
    def base(self):
        """Nothing has left the facts."""
        return None

    def plain(self):
        """The same row as a plain one."""
        return Row(None, self.offset, self.kept, self.seen, None, None, self.facts, self.kept, self.at, self.sequence)


cdef bytes joined(bytes facts, bytes packed):
    """Both, one behind the other."""
    cdef Py_ssize_t kept = PyBytes_GET_SIZE(facts), more = PyBytes_GET_SIZE(packed)
    cdef bytes made = PyBytes_FromStringAndSize(NULL, kept + more)
    memcpy(PyBytes_AS_STRING(made), PyBytes_AS_STRING(facts), kept)
    memcpy(PyBytes_AS_STRING(made) + kept, PyBytes_AS_STRING(packed), more)
    return made


cdef bint headed(Reading& reading, Head& into) except -1:
    """Read what comes before the facts of a stored row; whether it is one that keeps all its facts."""
    cdef uint64_t fields = 0, kept = 0
    cdef Value version, offset, count, seen, horizon, base
    if not (
        reading.array(fields) and fields == 7 and reading.value(version) and reading.value(offset)
        and reading.value(count) and reading.value(seen) and reading.value(horizon) and reading.value(base)
        and reading.array(kept)
    ):
        return False
    if (
        version.type != NUMBER or version.number != VERSION or offset.type != NUMBER or count.type != NUMBER
        or count.number != <int64_t>kept or seen.type != NUMBER or not horizon.none() or not base.none()
        or kept > <uint64_t>KEPT
    ):
        return False
    into.offset, into.seen, into.kept = offset.number, seen.number, <int>kept
    return True


cdef bytes dumped(NativeRow row, int64_t seen):
    """`RowCodec.dump`."""
    cdef char[48] head
    cdef char *end = pack(pack(pack(pack(&head[1], VERSION), row.offset), row.kept), seen)
    head[0] = <char>0x97
    end[0] = end[1] = <char>0xC0  # no horizon, no base
    end += 2
    if row.kept < 16:
        end[0] = <char>(0x90 | row.kept)
        end += 1
    else:
        end[0], end[1], end[2] = <char>0xDC, <char>(row.kept >> 8), <char>row.kept
        end += 3
    return PyBytes_FromStringAndSize(head, end - head) + row.facts
