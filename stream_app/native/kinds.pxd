"""How the kinds of facts are read where they lie, for other compiled modules."""

from stream_app.native.packed cimport Kinds

cdef int know(Kinds& kinds, object kind, int number, tuple says) except -1
