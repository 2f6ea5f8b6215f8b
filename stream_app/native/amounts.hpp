// Amounts by minute, and their running sums: what `domain/minutes.py` and `domain/board.py` say, in C++.
//
// Counting is appending. What was appended is sorted, netted and laid out when it is read, or when there is much of it.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace support {

using Minute = std::int64_t;
using Sum = __int128;

struct Amount {
    Minute minute;
    std::int64_t amount;
};

// Not a function: a sort calls it where it stands.
constexpr auto earlier = [](const Amount& one, const Amount& other) { return one.minute < other.minute; };

// Sorted by minute. A minute has one amount that is not zero, or several where their sum is beyond 64 bits.
class Amounts {
public:
    static constexpr std::size_t FEW = 128;

    void add(Minute minute, std::int64_t amount) {
        std::int64_t sum;
        if (!waiting_.empty() && waiting_.back().minute == minute &&
            !__builtin_add_overflow(waiting_.back().amount, amount, &sum))
            waiting_.back().amount = sum;
        else
            waiting_.push_back({minute, amount});
    }

    bool waits() const { return !waiting_.empty(); }

    // Whether so much waits that laying it out costs little for each.
    bool much_waits() const { return waiting_.size() >= FEW && waiting_.size() * 2 >= laid_.size(); }

    // What waits, netted by minute; `lay_out` takes it up.
    const std::vector<Amount>& netted() {
        if (!std::is_sorted(waiting_.begin(), waiting_.end(), earlier))
            std::sort(waiting_.begin(), waiting_.end(), earlier);
        net(waiting_);
        return waiting_;
    }

    void lay_out() {
        if (waiting_.size() * 8 < laid_.size())
            lay_out_few();
        else if (laid_.empty() || laid_.back().minute < waiting_.front().minute)
            laid_.insert(laid_.end(), waiting_.begin(), waiting_.end());
        else
            merge(waiting_);
        waiting_.clear();
        if (waiting_.capacity() > 4 * FEW && waiting_.capacity() > laid_.size()) waiting_.shrink_to_fit();
    }

    const std::vector<Amount>& laid() const { return laid_; }

    Sum between(Minute first, Minute last) const {
        Sum sum = 0;
        if (first > last) return sum;
        auto at = std::lower_bound(laid_.begin(), laid_.end(), Amount{first, 0}, earlier);
        for (; at != laid_.end() && at->minute <= last; ++at) sum += at->amount;
        return sum;
    }

    Sum until(Minute last) const { return between(std::numeric_limits<Minute>::min(), last); }

private:
    // Minutes that are laid out already are found and changed where they lie.
    void lay_out_few() {
        std::vector<Amount> fresh;
        bool gaps = false;
        for (const Amount& more : waiting_) {
            auto at = std::lower_bound(laid_.begin(), laid_.end(), more, earlier);
            std::int64_t sum;
            if (at != laid_.end() && at->minute == more.minute && !several_ &&
                !__builtin_add_overflow(at->amount, more.amount, &sum)) {
                at->amount = sum;
                gaps = gaps || !sum;
            } else {
                several_ = several_ || (at != laid_.end() && at->minute == more.minute);
                fresh.push_back(more);
            }
        }
        if (!fresh.empty() || gaps) merge(fresh);
    }

    void merge(const std::vector<Amount>& more) {
        std::vector<Amount> merged;
        merged.reserve(laid_.size() + more.size());
        std::merge(laid_.begin(), laid_.end(), more.begin(), more.end(), std::back_inserter(merged), earlier);
        several_ = net(merged);
        laid_.swap(merged);
    }

    // Adds up what stands in one minute, as far as 64 bits go, and forgets what comes to nothing. Returns whether some
    // minute has several amounts.
    static bool net(std::vector<Amount>& sorted) {
        std::size_t kept = 0;
        bool several = false;
        for (std::size_t at = 0; at < sorted.size();) {
            const Minute minute = sorted[at].minute;
            Sum sum = 0;
            for (; at < sorted.size() && sorted[at].minute == minute; ++at) sum += sorted[at].amount;
            while (sum) {  // more than one turn only beyond 64 bits; never more pieces than there were
                const Sum least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
                const Sum piece = std::clamp(sum, least, most);
                sorted[kept++] = {minute, static_cast<std::int64_t>(piece)};
                sum -= piece;
                several = several || sum;
            }
        }
        sorted.resize(kept);
        return several;
    }

    std::vector<Amount> laid_;
    std::vector<Amount> waiting_;
    bool several_ = false;
};

// Sums over spans that end at an edge, moved on with the clock. A span below zero ends so many minutes ahead of the
// edge, less one, and has no beginning; see `domain.board.PAST`.
class Running {
public:
    void spans(std::vector<Minute> spans) {
        spans_ = std::move(spans);
        sums_.assign(spans_.size(), 0);
        for (Minute span : spans_) reach_ = std::max(reach_, PAST - span);
    }

    std::size_t size() const { return spans_.size(); }
    Sum sum(std::size_t index) const { return sums_[index]; }
    Sum total() const { return total_; }

    void settle(Amounts& amounts) {
        if (!amounts.waits()) return;
        for (const Amount& more : amounts.netted()) {
            total_ += more.amount;
            if (!read_ || more.minute > edge_ + reach_) continue;
            for (std::size_t index = 0; index < spans_.size(); ++index) {
                const Minute span = spans_[index];
                if (span < 0 ? more.minute <= edge_ + PAST - span : more.minute > edge_ - span)
                    sums_[index] += more.amount;
            }
        }
        amounts.lay_out();
    }

    void read(Amounts& amounts, Minute now) {
        settle(amounts);
        if (read_ && edge_ == now) return;
        if (!read_ || now < edge_) {
            for (std::size_t index = 0; index < spans_.size(); ++index)
                sums_[index] = within(amounts, now, spans_[index]);
        } else {
            move(amounts, now);
        }
        read_ = true;
        edge_ = now;
    }

    static Sum within(const Amounts& amounts, Minute now, Minute span) {
        return span < 0 ? amounts.until(now + PAST - span) : amounts.between(now - span + 1, now);
    }

private:
    static constexpr Minute PAST = -1;

    void move(const Amounts& amounts, Minute now) {
        const Sum entered = amounts.between(edge_ + 1, now);
        for (std::size_t index = 0; index < spans_.size(); ++index) {
            const Minute span = spans_[index];
            if (span < PAST)
                sums_[index] += amounts.between(edge_ + (PAST - span) + 1, now + (PAST - span));
            else
                sums_[index] += entered - (span == PAST ? 0 : amounts.between(edge_ - span + 1, now - span));
        }
    }

    std::vector<Minute> spans_;
    std::vector<Sum> sums_;
    Sum total_ = 0;
    Minute edge_ = 0;
    Minute reach_ = 0;
    bool read_ = false;
};

}  // namespace support
