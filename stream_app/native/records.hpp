// Records as they lie in a batch of Kafka's message format v2, once its payload is decompressed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace support {

// What one record says, by where it lies. A size below 0: there is none.
struct Record {
    std::int64_t offset, timestamp;
    const char *key, *value, *headers;
    std::int32_t key_size, value_size, headers_size, header_count;
};

// Reads the records of one batch one after the other.
class Payload {
public:
    Payload() = default;

    // fixed: whether every record has the batch's own timestamp, the broker's.
    Payload(const char* data, std::size_t size, std::int64_t offset, std::int64_t timestamp, bool fixed, std::int64_t count)
        : at_(reinterpret_cast<const unsigned char*>(data)), end_(at_ + size), offset_(offset), timestamp_(timestamp),
          left_(count), fixed_(fixed) {}

    std::int64_t left() const { return left_; }

    // The next record; false when it does not lie within its own length and the payload.
    bool next(Record& into) {
        std::int64_t length, delta, number;
        if (!left_ || !varint(at_, end_, length) || length < 1 || length > end_ - at_) return false;
        const unsigned char *at = at_, *const end = at_ + length;
        ++at;  // attributes, of which there are none yet
        if (!varint(at, end, delta)) return false;
        into.timestamp = fixed_ ? timestamp_ : timestamp_ + delta;
        if (!varint(at, end, delta)) return false;
        into.offset = offset_ + delta;
        if (!bytes(at, end, into.key, into.key_size) || !bytes(at, end, into.value, into.value_size)) return false;
        if (!varint(at, end, number) || number < 0 || number > end - at) return false;
        into.headers = reinterpret_cast<const char*>(at);
        into.headers_size = static_cast<std::int32_t>(end - at);
        into.header_count = static_cast<std::int32_t>(number);
        const char* skipped;
        std::int32_t size;
        for (number *= 2; number; --number)
            if (!bytes(at, end, skipped, size)) return false;
        if (at != end) return false;
        at_ = end;
        --left_;
        return true;
    }

    // A string of bytes behind its length, which is below 0 for none.
    static bool bytes(const unsigned char*& at, const unsigned char* end, const char*& data, std::int32_t& size) {
        std::int64_t length;
        if (!varint(at, end, length) || length < -1 || length > end - at) return false;
        data = reinterpret_cast<const char*>(at);
        size = static_cast<std::int32_t>(length);
        if (length > 0) at += length;
        return true;
    }

private:
    static bool varint(const unsigned char*& at, const unsigned char* end, std::int64_t& into) {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 70 && at < end; shift += 7) {
            const unsigned char byte = *at++;
            value |= static_cast<std::uint64_t>(byte & 0x7F) << (shift < 64 ? shift : 63);
            if (byte < 0x80) return into = static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1), true;
        }
        return false;
    }

    const unsigned char *at_ = nullptr, *end_ = nullptr;
    std::int64_t offset_ = 0, timestamp_ = 0, left_ = 0;
    bool fixed_ = false;
};

}  // namespace support
