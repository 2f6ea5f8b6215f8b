"""What `packed.hpp` says, for compiled modules."""

from libc.stdint cimport int64_t, uint64_t
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "packed.hpp" namespace "support":
    cppclass Text:
        Text()
        Text(const char *data, size_t size)
        const char *data()
        size_t size()
        bint empty()
        bint operator==(Text)
        bint operator!=(Text)

    cppclass Numbered:
        void add(string word)
        int of(Text word, int otherwise)

    enum Type:
        NIL, NO, YES, NUMBER, REAL, TEXT, LIST, MAP

    cppclass Value:
        Type type
        int64_t number
        double real
        Text text
        bint yes()
        bint none()
        double as_real()

    cppclass Reading:
        Reading()
        Reading(const char *data, size_t size)
        bint done()
        bint array(uint64_t& length)
        bint pairs(uint64_t& length)
        bint value(Value& into)
        const char *rest()
        size_t left()

    cppclass Field:
        unsigned types
        bint required
        Value otherwise

    cppclass Fact:
        int kind
        int64_t at, sequence
        uint64_t id
        const Value *says()

    cppclass Kinds:
        void add(int kind, string tag, vector[Field] fields) except +
        bint read(Reading& reading, Fact& into)

    char *pack(char *to, uint64_t value)
