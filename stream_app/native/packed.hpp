// Facts as rows keep them: MessagePack arrays of a tag and values, one behind the other, read where they lie.

#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace support {

using Text = std::string_view;

// Words of a closed set, numbered in the order they are given; of one that is given twice the first number counts.
class Numbered {
public:
    void add(const std::string& word) {
        words_.push_back(word);
        numbers_.emplace(words_.back(), static_cast<int>(words_.size()) - 1);
    }

    int of(Text word, int otherwise) const {
        const auto found = numbers_.find(word);
        return found == numbers_.end() ? otherwise : found->second;
    }

private:
    std::deque<std::string> words_;  // which never moves them: the numbers are found by what lies here
    std::unordered_map<Text, int> numbers_;
};

enum Type : unsigned { NIL = 1, NO = 2, YES = 4, NUMBER = 8, TEXT = 16 };

struct Value {
    Type type = NIL;
    std::int64_t number = 0;  // of one beyond 63 bits, which only ids are, the same bits
    Text text;

    bool yes() const { return type == YES; }
    bool none() const { return type == NIL; }
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
        return (head == 0xDC && big(2, length)) || (head == 0xDD && big(4, length));
    }

    bool value(Value& into) {
        if (done()) return false;
        const unsigned char head = *at_++;
        std::uint64_t number;
        into.type = NUMBER;
        if (head < 0x80) return into.number = head, true;
        if ((head & 0xE0) == 0xA0) return text(head & 0x1F, into);
        switch (head) {
            case 0xC0: return into.type = NIL, true;
            case 0xC2: return into.type = NO, true;
            case 0xC3: return into.type = YES, true;
            case 0xD9: return big(1, number) && text(number, into);
            case 0xDA: return big(2, number) && text(number, into);
            case 0xCC: case 0xCD: case 0xCE: case 0xCF:
                if (!big(std::size_t{1} << (head - 0xCC), number)) return false;
                return into.number = static_cast<std::int64_t>(number), true;
            default: return false;
        }
    }

private:
    bool big(std::size_t bytes, std::uint64_t& into) {
        if (static_cast<std::size_t>(end_ - at_) < bytes) return false;
        into = 0;
        while (bytes--) into = into << 8 | *at_++;
        return true;
    }

    bool text(std::uint64_t size, Value& into) {
        if (static_cast<std::uint64_t>(end_ - at_) < size) return false;
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
        by_tag_.emplace(kinds_.back().tag, &kinds_.back());
    }

    bool read(Reading& from, Fact& into) const {
        std::uint64_t length;
        Value value;
        if (!from.array(length) || length < 5 || !from.value(value) || value.type != TEXT) return false;
        const auto found = by_tag_.find(value.text);
        if (found == by_tag_.end()) return false;
        const Kind& kind = *found->second;
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
    std::unordered_map<Text, const Kind*> by_tag_;
};

}  // namespace support
