// Reads JSON (RFC 8259) into a list of nodes that point into the text. Nothing in here is recursive, and nothing but the
// list is allocated.

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "arc_json.h"
#include "arc_json_scan.h"

namespace {

class Reader {
public:
    Reader(arc_json_tape &tape, const char *text, size_t length, const arc_json_options &options)
        : tape_(tape), options_(options), begin_(text), at_(text), end_(text + length) {}

    void read();

private:
    enum class Next { value, name, end_of_part, failed };

    Next value();
    Next after_value();
    bool name(const char *expected);
    bool literal(const char *word, size_t length, arc_json_tag tag, int64_t value);
    bool number();
    bool not_finite();
    bool string(bool is_name);
    Next open(arc_json_tag tag, char closing);
    Next close();
    Next skip();

    bool fail(int failure, const char *at, const char *message) {
        tape_.failure = failure;
        tape_.offset = size_t(at - begin_);
        tape_.message = message;
        return false;
    }
    // Where a text ends before it should, that is what is wrong.
    bool unexpected(const char *at, const char *message) {
        return fail(at >= end_ ? ARC_JSON_ENDS_EARLY : ARC_JSON_SYNTAX, at, message);
    }
    void skip_blanks() {
        while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) at_++;
    }
    bool has(char byte) const { return at_ < end_ && *at_ == byte; }
    bool grow();
    bool is_interrupted();
    arc_json_node *add(arc_json_tag tag) {
        if (tape_.count == tape_.capacity && !grow()) return nullptr;
        arc_json_node *node = &tape_.nodes[tape_.count++];
        node->tag = tag;
        node->escaped = false;
        node->count = 0;
        return node;
    }

    static constexpr size_t none = SIZE_MAX;

    arc_json_tape &tape_;
    const arc_json_options &options_;
    const char *begin_, *at_, *end_;
    size_t open_ = none;  // the innermost array or object, which keeps the place of the next one until it is closed
    size_t depth_ = 0;
    size_t next_look_ = 1 << 14;
};

void *resize(const arc_json_options &options, void *block, size_t old, size_t size) {
    if (options.resize != nullptr) return options.resize(options.owner, block, old, size);
    if (size > 0) return std::realloc(block, size);
    std::free(block);
    return nullptr;
}

bool Reader::grow() {
    // A text of usual length and density needs no second allocation.
    size_t first = size_t(end_ - begin_) / 32 + 16;
    size_t capacity = tape_.capacity == 0 ? first : tape_.capacity * 2;
    void *nodes = resize(
        options_, tape_.nodes, tape_.capacity * sizeof(arc_json_node), capacity * sizeof(arc_json_node));
    if (nodes == nullptr) return fail(ARC_JSON_OUT_OF_MEMORY, at_, "there isn't enough memory");
    tape_.nodes = static_cast<arc_json_node *>(nodes);
    tape_.capacity = capacity;
    return true;
}

bool Reader::is_interrupted() {
    next_look_ = tape_.count + (1 << 14);
    if (options_.is_interrupted == nullptr || !options_.is_interrupted(options_.owner)) return false;
    fail(ARC_JSON_INTERRUPTED, at_, "no interruption");
    return true;
}

void Reader::read() {
    if (end_ - at_ >= 3 && std::memcmp(at_, "\xEF\xBB\xBF", 3) == 0) at_ += 3;
    Next next = Next::value;
    while (next == Next::value || next == Next::name) {
        next = next == Next::value ? value() : (name("a name in quotes") ? Next::value : Next::failed);
    }
    if (next == Next::failed || options_.allows_rest) return;
    skip_blanks();
    if (at_ < end_) fail(ARC_JSON_SYNTAX, at_, "the end");
}

Reader::Next Reader::value() {
    skip_blanks();
    bool done = false;
    switch (at_ < end_ ? *at_ : '\0') {
    case '"': done = string(false); break;
    case '{': return open(ARC_JSON_OBJECT, '}');
    case '[': return open(ARC_JSON_ARRAY, ']');
    case 't': done = literal("true", 4, ARC_JSON_BOOLEAN, 1); break;
    case 'f': done = literal("false", 5, ARC_JSON_BOOLEAN, 0); break;
    case 'n': done = literal("null", 4, ARC_JSON_NULL, 0); break;
    case '-': case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        done = number();
        break;
    case 'N': case 'I':
        if (options_.allows_nan) {
            done = not_finite();
            break;
        }
        [[fallthrough]];
    default: unexpected(at_, "a value");
    }
    return done ? after_value() : Next::failed;
}

// Behind a value: its neighbour, or the end of what it is in, or of everything.
Reader::Next Reader::after_value() {
    if (tape_.count >= next_look_ && is_interrupted()) return Next::failed;
    while (open_ != none) {
        arc_json_node &part = tape_.nodes[open_];
        part.count++;
        skip_blanks();
        bool is_array = part.tag == ARC_JSON_ARRAY;
        if (has(',')) {
            at_++;
            return is_array ? Next::value : Next::name;
        }
        if (!has(is_array ? ']' : '}')) {
            unexpected(at_, is_array ? "',' or ']'" : "',' or '}'");
            return Next::failed;
        }
        at_++;
        open_ = size_t(part.as.integer);
        depth_--;
    }
    return Next::end_of_part;
}

Reader::Next Reader::open(arc_json_tag tag, char closing) {
    if (depth_ > 0 && options_.one_level) return skip();
    if (depth_ == options_.maximum_depth) {
        fail(ARC_JSON_TOO_DEEP, at_, "less depth");
        return Next::failed;
    }
    arc_json_node *node = add(tag);
    if (node == nullptr) return Next::failed;
    at_++;
    skip_blanks();
    if (has(closing)) {
        at_++;
        return after_value();
    }
    node->as.integer = int64_t(open_);
    open_ = tape_.count - 1;
    depth_++;
    if (tag == ARC_JSON_ARRAY) return Next::value;
    return name("a name in quotes or '}'") ? Next::value : Next::failed;
}

Reader::Next Reader::skip() {
    const char *end = arc_json_end_of_part(at_, end_);
    if (end == nullptr) {
        fail(ARC_JSON_ENDS_EARLY, end_, "']' or '}'");
        return Next::failed;
    }
    arc_json_node *node = add(ARC_JSON_PART);
    if (node == nullptr) return Next::failed;
    node->as.bytes = at_;
    node->count = uint32_t(end - at_);
    at_ = end;
    return after_value();
}

bool Reader::name(const char *expected) {
    skip_blanks();
    if (!has('"')) return unexpected(at_, expected);
    if (!string(true)) return false;
    skip_blanks();
    if (!has(':')) return unexpected(at_, "':'");
    at_++;
    return true;
}

bool Reader::literal(const char *word, size_t length, arc_json_tag tag, int64_t value) {
    for (size_t i = 0; i < length; i++) {
        if (at_ + i >= end_ || at_[i] != word[i]) return unexpected(at_ + i < end_ ? at_ : end_, "a value");
    }
    arc_json_node *node = add(tag);
    if (node == nullptr) return false;
    node->as.integer = value;
    at_ += length;
    return true;
}

bool Reader::not_finite() {
    bool negative = *at_ == '-';
    const char *word = at_ + negative;
    bool is_nan = !negative && *word == 'N';
    double value = is_nan ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    at_ = word;
    if (!literal(is_nan ? "NaN" : "Infinity", is_nan ? 3 : 8, ARC_JSON_NUMBER, 0)) return false;
    tape_.nodes[tape_.count - 1].as.number = negative ? -value : value;
    return true;
}

bool Reader::number() {
    if (options_.allows_nan && *at_ == '-' && at_ + 1 < end_ && at_[1] == 'I') return not_finite();
    arc_json_number found;
    const char *wrong = arc_json_scan_number(at_, end_, &found);
    if (wrong != nullptr) return unexpected(wrong, "a digit");
    if (!found.fits) return fail(ARC_JSON_SYNTAX, at_, "a number that a double can hold");
    arc_json_node *node = add(found.is_integer ? ARC_JSON_INTEGER : ARC_JSON_NUMBER);
    if (node == nullptr) return false;
    if (found.is_integer) {
        node->as.integer = found.integer;
    } else {
        node->as.number = found.number;
    }
    at_ = found.end;
    return true;
}

bool Reader::string(bool is_name) {
    arc_json_string found;
    const char *first = at_ + 1;
    if (!arc_json_scan_string(first, end_, &found)) {
        int failure = found.bad_utf8 ? ARC_JSON_BAD_UTF8 : found.at >= end_ ? ARC_JSON_ENDS_EARLY : ARC_JSON_SYNTAX;
        return fail(failure, found.at, found.at >= end_ && is_name ? "the end of a name" : found.expected);
    }
    arc_json_node *node = add(ARC_JSON_STRING);
    if (node == nullptr) return false;
    node->as.bytes = first;
    node->count = uint32_t(found.at - first);
    node->escaped = found.escaped;
    at_ = found.at + 1;
    return true;
}

}  // namespace

void arc_json_read(arc_json_tape *tape, const char *text, size_t length, const arc_json_options *options) {
    tape->count = 0;
    tape->failure = ARC_JSON_FINE;
    tape->offset = 0;
    tape->message = "";
    if (length > ARC_JSON_LONGEST) {
        tape->failure = ARC_JSON_TOO_LARGE;
        return;
    }
    Reader(*tape, text, length, *options).read();
}

void arc_json_tape_free(arc_json_tape *tape, const arc_json_options *options) {
    if (tape->nodes != nullptr) resize(*options, tape->nodes, tape->capacity * sizeof(arc_json_node), 0);
    *tape = arc_json_tape{};
}
