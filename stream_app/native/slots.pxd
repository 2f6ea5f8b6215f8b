"""Fields of msgspec's structs, read where they lie: each attribute asked for by name costs some 30 ns."""

from cpython.ref cimport PyObject

cdef Py_ssize_t place_of(object kind, str name) except -1

cdef inline object at_place(object struct, Py_ssize_t place):
    """The field of a struct whose type has it at a place of `place_of`."""
    return <object>(<PyObject **>(<char *><PyObject *>struct + place))[0]
