// Facts as rows keep them: MessagePack arrays of a tag and values, one behind the other, read where they lie.
// What facts hold are single values, lists and maps of such, and nothing deeper.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace support {

using Text = std::string_view;

// Finds the numbers of a few words: by their length and three of their letters, which tells most of them apart.
class Numbers {
public:
    // word: lies where it is for as long as this is asked. Of one that is given twice the first number counts.
    void add(Text word, int number) {
        if (++count_ * 4 > slots_.size()) {
            std::vector<Slot> before(slots_.size() ? slots_.size() * 2 : 16);
            before.swap(slots_);
            for (const Slot& slot : before)
                if (slot.taken) put(slot);
        }
        put({word, number, true});
    }

    int of(Text word, int otherwise) const {
        if (slots_.empty()) return otherwise;
        for (std::size_t at = place(word); slots_[at].taken; at = (at + 1) & (slots_.size() - 1))
            if (slots_[at].word == word) return slots_[at].number;
        return otherwise;
    }

private:
    struct Slot {
        Text word;
        int number = 0;
        bool taken = false;
    };

    std::size_t place(Text word) const {
        const std::size_t size = word.size();
        if (!size) return 0;
        const auto letter = [word](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(word[at])); };
        return (size * 61 + letter(0) * 31 + letter(size / 2) * 7 + letter(size - 1)) & (slots_.size() - 1);
    }

    void put(const Slot& slot) {
        std::size_t at = place(slot.word);
        while (slots_[at].taken) {
            if (slots_[at].word == slot.word) return;
            at = (at + 1) & (slots_.size() - 1);
        }
        slots_[at] = slot;
    }

    std::vector<Slot> slots_;
    std::size_t count_ = 0;
};

// Words of a closed set, numbered in the order they are given.
class Numbered {
public:
    void add(const std::string& word) {
        words_.push_back(word);
        numbers_.add(words_.back(), static_cast<int>(words_.size()) - 1);
    }

    int of(Text word, int otherwise) const { return numbers_.of(word, otherwise); }

private:
    std::deque<std::string> words_;  // which never moves them: the numbers are found by what lies here
    Numbers numbers_;
};

enum Type : unsigned { NIL = 1, NO = 2, YES = 4, NUMBER = 8, TEXT = 16, REAL = 32, LIST = 64, MAP = 128 };

struct Value {
    Type type = NIL;
    union {
        std::int64_t number = 0;  // of one beyond 63 bits, which only ids are, the same bits
        double real;
    };
    Text text;  // of a list or a map all of it, to be read in turn

    bool yes() const { return type == YES; }
    bool none() const { return type == NIL; }
    double as_real() const { return type == REAL ? real : static_cast<double>(number); }
};

// Reads values one after the other. What facts never hold, and what is cut off, cannot be read.
class Reading {
public:
    Reading() = default;

    Reading(const char* data, std::size_t size)
        : at_(reinterpret_cast<const unsigned char*>(data)), end_(at_ + size) {}

    bool done() const { return at_ == end_; }
    const char* rest() const { return reinterpret_cast<const char*>(at_); }
    std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

    bool array(std::uint64_t& length) {
        if (done()) return false;
        const unsigned char head = *at_++;
        if ((head & 0xF0) == 0x90) return length = head & 0x0F, true;
        return (head == 0xDC && length_of(2, length)) || (head == 0xDD && length_of(4, length));
    }

    // The head of a map.
    bool pairs(std::uint64_t& length) {
        if (done()) return false;
        const unsigned char head = *at_++;
        if ((head & 0xF0) == 0x80) return length = head & 0x0F, true;
        return (head == 0xDE && length_of(2, length)) || (head == 0xDF && length_of(4, length));
    }

    // A value, or a list or a map of values that are neither.
    bool value(Value& into) { return plain(into) || many(into); }

private:
    // A single value; where it is none, nothing is read.
    [[gnu::always_inline]] inline bool plain(Value& into) {
        if (done()) return false;
        const unsigned char head = *at_;
        const std::size_t left = this->left() - 1;
        if (head < 0x80) return ++at_, number(into, head);
        if ((head & 0xE0) == 0xA0) return left >= (head & 0x1Fu) && (++at_, text(into, head & 0x1F));
        switch (head) {
            case 0xC0: return ++at_, into.type = NIL, true;
            case 0xC2: return ++at_, into.type = NO, true;
            case 0xC3: return ++at_, into.type = YES, true;
            case 0xCB:
                if (left < 8) return false;
                into.type = REAL;
                {
                    const std::uint64_t bits = big<std::uint64_t>();
                    std::memcpy(&into.real, &bits, sizeof bits);
                }
                return true;
            case 0xCC: return left >= 1 && number(into, big<std::uint8_t>());
            case 0xCD: return left >= 2 && number(into, big<std::uint16_t>());
            case 0xCE: return left >= 4 && number(into, big<std::uint32_t>());
            case 0xCF: return left >= 8 && number(into, big<std::uint64_t>());
            case 0xD9: return left >= 1 && left - 1 >= at_[1] && text(into, big<std::uint8_t>());
            case 0xDA: return left >= 2 && left - 2 >= (at_[1] * 256u + at_[2]) && text(into, big<std::uint16_t>());
            default: return false;
        }
    }

    bool many(Value& into) {
        const unsigned char* const from = at_;
        if (done()) return false;
        const bool list = (*at_ & 0xF0) == 0x90 || *at_ == 0xDC || *at_ == 0xDD;
        std::uint64_t length;
        if (!(list ? array(length) : pairs(length))) return false;
        Value one;
        for (length *= list ? 1 : 2; length; --length)
            if (!plain(one)) return false;
        into.type = list ? LIST : MAP;
        into.text = Text(reinterpret_cast<const char*>(from), static_cast<std::size_t>(at_ - from));
        return true;
    }

    bool length_of(std::size_t bytes, std::uint64_t& into) {
        if (left() < bytes) return false;
        into = 0;
        while (bytes--) into = into << 8 | *at_++;
        return true;
    }

    // The number behind a head.
    template <typename Size>
    Size big() {
        Size value;
        std::memcpy(&value, at_ + 1, sizeof value);
        at_ += 1 + sizeof value;
        if constexpr (sizeof value == 2) value = __builtin_bswap16(value);
        if constexpr (sizeof value == 4) value = __builtin_bswap32(value);
        if constexpr (sizeof value == 8) value = __builtin_bswap64(value);
        return value;
    }

    static bool number(Value& into, std::uint64_t number) {
        into.type = NUMBER;
        into.number = static_cast<std::int64_t>(number);
        return true;
    }

    bool text(Value& into, std::size_t size) {
        into.type = TEXT;
        into.text = Text(reinterpret_cast<const char*>(at_), size);
        at_ += size;
        return true;
    }

    const unsigned char *at_ = nullptr, *end_ = nullptr;
};

struct Field {
    unsigned types;  // that may stand there
    bool required;
    Value otherwise;
};

constexpr std::size_t MOST_FIELDS = 16;

struct Fact {
    int kind;
    std::int64_t at, sequence, offset;
    std::uint64_t id;
    Value own[MOST_FIELDS];

    const Value* says() const { return own; }
};

// The kinds of facts that are known, each a number, with their fields. Field by field as `msgspec` writes them.
class Kinds {
public:
    void add(int kind, const std::string& tag, const std::vector<Field>& fields) {
        kinds_.push_back({kind, tag, fields});
        by_tag_.add(kinds_.back().tag, static_cast<int>(kinds_.size()) - 1);
    }

    bool read(Reading& from, Fact& into) const {
        std::uint64_t length;
        Value value;
        if (!from.array(length) || length < 5 || !from.value(value) || value.type != TEXT) return false;
        const int found = by_tag_.of(value.text, -1);
        if (found < 0) return false;
        const Kind& kind = kinds_[static_cast<std::size_t>(found)];
        into.kind = kind.kind;
        if (length > 5 + kind.fields.size()) return false;
        Value envelope[4];
        for (Value& one : envelope)
            if (!from.value(one) || one.type != NUMBER) return false;
        into.at = envelope[0].number;
        into.sequence = envelope[1].number;
        into.offset = envelope[2].number;
        into.id = static_cast<std::uint64_t>(envelope[3].number);
        for (std::size_t place = 0; place < kind.fields.size(); ++place) {
            const Field& field = kind.fields[place];
            Value& own = into.own[place];
            if (5 + place >= length) {
                if (field.required) return false;
                own = field.otherwise;
            } else if (!from.value(own) || !(own.type & field.types)) {
                return false;
            }
        }
        return true;
    }

private:
    struct Kind {
        int kind;
        std::string tag;
        std::vector<Field> fields;
    };

    std::deque<Kind> kinds_;  // which never moves them
    Numbers by_tag_;
};

// A number as MessagePack has it, written to `to`; returns where it ends.
inline char* pack(char* to, std::uint64_t value) {
    const int bytes = value < 128 ? 0 : value < 1ULL << 8 ? 1 : value < 1ULL << 16 ? 2 : value < 1ULL << 32 ? 4 : 8;
    if (!bytes) return *to++ = static_cast<char>(value), to;
    *to++ = static_cast<char>(bytes == 1 ? 0xCC : bytes == 2 ? 0xCD : bytes == 4 ? 0xCE : 0xCF);
    for (int place = bytes - 1; place >= 0; --place) *to++ = static_cast<char>(value >> (8 * place));
    return to;
}

}  // namespace support
