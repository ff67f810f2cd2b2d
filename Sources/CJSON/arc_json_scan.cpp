#include "arc_json_scan.h"

#include <charconv>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "arc_json.h"

namespace {

constexpr uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;

// The first byte is the lowest.
uint64_t load(const char *at) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? word : __builtin_bswap64(word);
}

// A high bit in the first byte that is zero, and perhaps in some behind it.
uint64_t zeros(uint64_t word) { return (word - ones) & ~word & highs; }
uint64_t matches(uint64_t word, char byte) { return zeros(word ^ (ones * uint8_t(byte))); }

const char *first_of(const char *at, uint64_t found) { return at + (__builtin_ctzll(found) >> 3); }

bool is_digit(const char *at, const char *end) { return at < end && *at >= '0' && *at <= '9'; }

// 10 to the power of 0 to 22, which doubles hold exactly.
constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                             1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

struct Digits {
    const char *first;
    uint64_t value = 0;
    int64_t exponent = 0;  // of ten, that the value is still to be multiplied by
    size_t significant = 0;

    void add(char digit) {
        if (significant > 0 || digit != '0') significant++;
        if (significant <= 19) value = value * 10 + uint64_t(digit - '0');
    }
};

void finish_float(const Digits &digits, bool negative, arc_json_number *found) {
    found->is_integer = false;
    found->fits = true;
    // Both parts are exact, so one operation rounds once (Clinger 1990).
    if (digits.significant <= 15 && digits.exponent >= -22 && digits.exponent <= 22) {
        double value = double(digits.value);
        value = digits.exponent < 0 ? value / powers[-digits.exponent] : value * powers[digits.exponent];
        found->number = negative ? -value : value;
        return;
    }
    auto result = std::from_chars(digits.first, found->end, found->number);
    if (result.ec != std::errc::result_out_of_range) return;
    // Too close to 0 is 0, too far from it is nothing.
    found->fits = digits.significant == 0 || digits.exponent + int64_t(digits.significant) < 0;
    found->number = negative ? -0.0 : 0.0;
}

}  // namespace

const char *arc_json_scan_number(const char *at, const char *end, arc_json_number *found) {
    Digits digits{at};
    bool negative = *at == '-', is_integer = true;
    at += negative;
    if (!is_digit(at, end)) return at;
    if (*at == '0') {
        at++;
    } else {
        for (; is_digit(at, end); at++) digits.add(*at);
    }
    if (at < end && *at == '.') {
        is_integer = false;
        at++;
        if (!is_digit(at, end)) return at;
        for (; is_digit(at, end); at++) {
            digits.add(*at);
            digits.exponent--;
        }
    }
    if (at < end && (*at | 0x20) == 'e') {
        is_integer = false;
        at++;
        bool less = at < end && *at == '-';
        if (at < end && (*at == '-' || *at == '+')) at++;
        if (!is_digit(at, end)) return at;
        int64_t exponent = 0;
        for (; is_digit(at, end); at++) exponent = exponent < 1000000000 ? exponent * 10 + (*at - '0') : exponent;
        digits.exponent += less ? -exponent : exponent;
    }
    found->end = at;
    uint64_t most = uint64_t(INT64_MAX) + negative;
    if (is_integer && digits.significant <= 19 && digits.value <= most) {
        found->is_integer = found->fits = true;
        found->integer = negative ? int64_t(0 - digits.value) : int64_t(digits.value);
        // -0 is a float: no integer is.
        if (!negative || digits.value != 0) return nullptr;
    }
    finish_float(digits, negative, found);
    return nullptr;
}

namespace {

// Four hexadecimal digits; -1 where there aren't.
int32_t hexadecimal(const char *at, const char *end) {
    if (end - at < 4) return -1;
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char byte = at[i];
        int digit = byte >= '0' && byte <= '9' ? byte - '0' : (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (byte | 0x20) - 'a' + 10 : -1;
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

bool is_high(int32_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(int32_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

// Behind the escape that begins there, or NULL.
const char *end_of_escape(const char *at, const char *end, arc_json_string *found) {
    found->at = at;
    found->escaped = true;
    if (end - at < 2) {
        found->at = end;
        found->expected = "the rest of an escape";
        return nullptr;
    }
    if (at[1] != 'u') {
        found->expected = "an escape, which is one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u";
        return std::strchr("\"\\/bfnrt", at[1]) != nullptr && at[1] != '\0' ? at + 2 : nullptr;
    }
    int32_t unit = hexadecimal(at + 2, end);
    if (unit < 0) {
        found->expected = "four hexadecimal digits behind \\u";
        return nullptr;
    }
    at += 6;
    if (!is_high(unit) && !is_low(unit)) return at;
    bool is_pair = is_high(unit) && end - at >= 6 && at[0] == '\\' && at[1] == 'u' && is_low(hexadecimal(at + 2, end));
    found->expected = "both halves of a pair of surrogates";
    return is_pair ? at + 6 : nullptr;
}

// The first byte that isn't plain text within a string, or the end.
const char *end_of_plain(const char *at, const char *end) {
    for (; end - at >= 8; at += 8) {
        uint64_t word = load(at);
        // A byte below 32 borrows from its high bit.
        uint64_t special = (word & highs) | ((word - ones * 0x20) & highs) | matches(word, '"') | matches(word, '\\');
        if (special != 0) return first_of(at, special);
    }
    return at;
}

}  // namespace

bool arc_json_scan_string(const char *at, const char *end, arc_json_string *found) {
    found->escaped = found->bad_utf8 = false;
    while (true) {
        at = end_of_plain(at, end);
        found->at = at;
        found->expected = "the end of a string";
        if (at >= end) return false;
        auto byte = static_cast<unsigned char>(*at);
        if (byte == '"') return true;
        if (byte == '\\') {
            at = end_of_escape(at, end, found);
            if (at == nullptr) return false;
        } else if (byte >= 0x80) {
            size_t count = arc_json_character(at, size_t(end - at));
            found->bad_utf8 = count == 0;
            found->expected = "UTF-8";
            if (count == 0) return false;
            at += count;
        } else if (byte < 0x20) {
            found->expected = "an escape in place of a control character";
            return false;
        } else {
            at++;
        }
    }
}

size_t arc_json_unescape(const arc_json_node *string, char *to) {
    const char *at = string->as.bytes, *end = at + string->count, *first = to;
    while (at < end) {
        auto *slash = static_cast<const char *>(std::memchr(at, '\\', size_t(end - at)));
        size_t plain = size_t((slash == nullptr ? end : slash) - at);
        std::memcpy(to, at, plain);
        to += plain;
        at += plain;
        if (at == end) break;
        static constexpr char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
        if (at[1] != 'u') {
            *to++ = bytes[std::strchr(names, at[1]) - names];
            at += 2;
            continue;
        }
        int32_t unit = hexadecimal(at + 2, end);
        at += 6;
        if (is_high(unit)) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (hexadecimal(at + 2, end) - 0xDC00);
            at += 6;
        }
        if (unit < 0x80) {
            *to++ = char(unit);
            continue;
        }
        int rest = unit < 0x800 ? 1 : unit < 0x10000 ? 2 : 3;
        static constexpr int heads[] = {0, 0xC0, 0xE0, 0xF0};
        *to++ = char(heads[rest] | (unit >> (6 * rest)));
        for (; rest > 0; rest--) *to++ = char(0x80 | ((unit >> (6 * (rest - 1))) & 0x3F));
    }
    return size_t(to - first);
}

namespace {

// 64 bytes, of which questions are answered by a bit for each.
class Block {
public:
    explicit Block(const char *at) { std::memcpy(bytes_, at, sizeof bytes_); }

    // Which bytes are that one, the bits of `set` being set in them first.
    uint64_t equal(char byte, char set = 0) const {
        uint64_t found = 0;
#if defined(__SSE2__)
        for (int i = 0; i < 64; i += 16) {
            __m128i part = _mm_load_si128(reinterpret_cast<const __m128i *>(bytes_ + i));
            part = _mm_cmpeq_epi8(_mm_or_si128(part, _mm_set1_epi8(set)), _mm_set1_epi8(byte));
            found |= uint64_t(uint32_t(_mm_movemask_epi8(part))) << i;
        }
#else
        for (int i = 0; i < 64; i += 8) {
            uint64_t word = (load(bytes_ + i) | ones * uint8_t(set)) ^ (ones * uint8_t(byte));
            // The high bit of each byte that is zero; the product brings the eight of them together.
            uint64_t zero = ~(((word & ~highs) + ~highs) | word) & highs;
            found |= ((zero >> 7) * 0x0102040810204080u >> 56) << i;
        }
#endif
        return found;
    }

private:
    alignas(16) char bytes_[64];
};

// Which bytes stand behind a backslash that isn't itself behind one. `last` is such a backslash at the end of the block
// before, and is left for the next.
uint64_t escaped_by(uint64_t slashes, bool *last) {
    uint64_t escaped = *last ? 1 : 0;
    *last = false;
    for (slashes &= ~escaped; slashes != 0;) {
        uint64_t slash = slashes & (0 - slashes);
        *last = slash >> 63 != 0;
        escaped |= slash << 1;
        slashes &= ~(slash | slash << 1);
    }
    return escaped;
}

// Each bit tells whether the number of bits up to there is odd: of quotes, whether it is within a string (Langdale and
// Lemire 2019, section 3.1).
uint64_t parity(uint64_t bits) {
    for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
}

}  // namespace

const char *arc_json_end_of_part(const char *at, const char *end) {
    size_t depth = 0;
    uint64_t inside = 0;
    for (bool slash = false; at < end; at += 64) {
        char padded[64] = {};
        if (end - at < 64) std::memcpy(padded, at, size_t(end - at));
        Block block(end - at < 64 ? padded : at);
        uint64_t escaped = escaped_by(block.equal('\\'), &slash);
        uint64_t strings = parity(block.equal('"') & ~escaped) ^ inside;
        inside = strings >> 63 != 0 ? ~uint64_t(0) : 0;
        // With that bit set, [ is { and ] is }.
        uint64_t opening = block.equal('{', 0x20) & ~strings, closing = block.equal('}', 0x20) & ~strings;
        auto closed = size_t(__builtin_popcountll(closing));
        if (closed < depth) {
            depth += size_t(__builtin_popcountll(opening)) - closed;
            continue;
        }
        for (uint64_t rest = opening | closing; rest != 0; rest &= rest - 1) {
            if ((opening & rest & (0 - rest)) != 0) {
                depth++;
            } else if (--depth == 0) {
                return at + __builtin_ctzll(rest) + 1;
            }
        }
    }
    return nullptr;
}
