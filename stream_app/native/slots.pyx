# cython: language_level=3
# distutils: language = c++
# distutils: extra_compile_args = -O3 -std=c++17
"""Fields of msgspec's structs, read where they lie. Their types say where: they are slots, as of any class."""

from types import MemberDescriptorType


cdef extern from "structmember.h":
    ctypedef struct PyMemberDef:
        int type
        Py_ssize_t offset

    ctypedef struct PyMemberDescrObject:
        PyMemberDef *d_member

    int T_OBJECT_EX


cdef Py_ssize_t place_of(object kind, str name) except -1:
    """Where a struct of this type keeps a field. Raises TypeError for a field that is no slot."""
    slot = getattr(kind, name)
    if type(slot) is not MemberDescriptorType:
        raise TypeError(f"{kind.__name__}.{name} is no slot")
    cdef PyMemberDef *member = (<PyMemberDescrObject *>slot).d_member
    if member.type != T_OBJECT_EX:
        raise TypeError(f"{kind.__name__}.{name} is no slot of an object")
    return member.offset
