// What the bytes of strings are in JSON.

#include <cstdint>
#include <cstring>

#include "arc_json.h"

namespace {

// What a byte of a string becomes: 0 itself, 'u' four digits of its number, 'x' a part of a longer character,
// others behind a backslash.
struct Escapes {
    char of[256] = {};

    constexpr Escapes() {
        for (int i = 0; i < 0x20; i++) of[i] = 'u';
        for (int i = 0x80; i < 0x100; i++) of[i] = 'x';
        of[int('"')] = '"';
        of[int('\\')] = '\\';
        of[int('\b')] = 'b';
        of[int('\f')] = 'f';
        of[int('\n')] = 'n';
        of[int('\r')] = 'r';
        of[int('\t')] = 't';
    }
};

constexpr Escapes escapes;

// Whether none of eight bytes needs an escape or a look.
bool is_plain(uint64_t word) {
    const uint64_t ones = 0x0101010101010101u, highs = 0x8080808080808080u;
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    // A byte below 32 borrows from its high bit; so does a zero left by the exclusive or.
    uint64_t low = (word - ones * 0x20) | (quote - ones) | (slash - ones);
    return ((low | word) & highs) == 0;
}

}  // namespace

size_t arc_json_copy_plain(char *to, const char *bytes, size_t length) {
    size_t at = 0;
    for (uint64_t word; at + 8 <= length; at += 8) {
        std::memcpy(&word, bytes + at, 8);
        if (!is_plain(word)) break;
        std::memcpy(to + at, &word, 8);
    }
    for (; at < length && escapes.of[static_cast<unsigned char>(bytes[at])] == 0; at++) to[at] = bytes[at];
    return at;
}

size_t arc_json_escape(unsigned char byte, char *to) {
    static constexpr char digits[] = "0123456789ABCDEF";
    to[0] = '\\';
    to[1] = escapes.of[byte];
    if (to[1] != 'u') return 2;
    to[2] = to[3] = '0';
    to[4] = digits[byte >> 4];
    to[5] = digits[byte & 15];
    return 6;
}

// RFC 3629, section 4.
size_t arc_json_character(const char *text, size_t length) {
    auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char first = byte(0), low = 0x80, high = 0xbf;
    size_t count = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || count > length) return 0;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    if (byte(1) < low || byte(1) > high) return 0;
    for (size_t i = 2; i < count; i++) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
    }
    return count;
}
