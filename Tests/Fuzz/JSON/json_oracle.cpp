#include "json_oracle.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <rapidjson/encodedstream.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

namespace {

// Compares RapidJSON's events with the nodes, one by one.
class Comparison {
public:
    Comparison(const arc_json_tape &tape, size_t depth) : next_(tape.nodes), end_(tape.nodes + tape.count), depth_(depth) {}

    bool differs = false, too_deep = false;

    bool Null() { return take(ARC_JSON_NULL) != nullptr; }
    bool Bool(bool value) { return integer(ARC_JSON_BOOLEAN, value); }
    bool Int(int) { return check(false); }
    bool Uint(unsigned) { return check(false); }
    bool Int64(int64_t) { return check(false); }
    bool Uint64(uint64_t) { return check(false); }
    bool Double(double) { return check(false); }
    // The C library reads the digits: RapidJSON takes 1e-324 for more than 0.
    bool RawNumber(const char *bytes, rapidjson::SizeType length, bool) {
        std::string text(bytes, length);
        errno = 0;
        if (text.find_first_of(".eE") == std::string::npos && text != "-0") {
            int64_t value = std::strtoll(text.c_str(), nullptr, 10);
            if (errno == 0) return integer(ARC_JSON_INTEGER, value);
        }
        const arc_json_node *node = take(ARC_JSON_NUMBER);
        double value = std::strtod(text.c_str(), nullptr);
        return node != nullptr && check(std::memcmp(&node->as.number, &value, sizeof value) == 0);
    }
    bool String(const char *bytes, rapidjson::SizeType length, bool) {
        const arc_json_node *node = take(ARC_JSON_STRING);
        if (node == nullptr) return false;
        std::vector<char> own(node->count + 1);
        size_t count = node->count;
        if (node->escaped) {
            count = arc_json_unescape(node, own.data());
        } else {
            std::memcpy(own.data(), node->as.bytes, count);
        }
        return check(count == length && std::memcmp(own.data(), bytes, count) == 0);
    }
    bool Key(const char *bytes, rapidjson::SizeType length, bool copy) { return String(bytes, length, copy); }
    bool StartObject() { return open(ARC_JSON_OBJECT); }
    bool EndObject(rapidjson::SizeType count) { return close(count); }
    bool StartArray() { return open(ARC_JSON_ARRAY); }
    bool EndArray(rapidjson::SizeType count) { return close(count); }

    bool is_done() const { return next_ == end_; }

private:
    bool check(bool is_right) {
        differs |= !is_right;
        return is_right;
    }
    const arc_json_node *take(int tag) {
        if (!check(next_ < end_ && next_->tag == tag)) return nullptr;
        return next_++;
    }
    bool integer(int tag, int64_t value) {
        const arc_json_node *node = take(tag);
        return node != nullptr && check(node->as.integer == value);
    }
    bool open(int tag) {
        if (open_.size() == depth_) {
            too_deep = true;
            return false;
        }
        open_.push_back(next_);
        return take(tag) != nullptr;
    }
    bool close(size_t count) {
        bool is_right = check(open_.back()->count == count);
        open_.pop_back();
        return is_right;
    }

    const arc_json_node *next_, *end_;
    std::vector<const arc_json_node *> open_;
    size_t depth_;
};

}  // namespace

const char *json_oracle(const char *text, size_t length, const arc_json_tape *tape, size_t maximum_depth) {
    using namespace rapidjson;
    // It takes a NUL at its end for the end of the text.
    if (std::memchr(text, 0, length) != nullptr) return nullptr;
    MemoryStream bytes(text, length);
    EncodedInputStream<UTF8<>, MemoryStream> stream(bytes);
    Comparison comparison(*tape, maximum_depth);
    Reader reader;
    constexpr unsigned flags = kParseIterativeFlag | kParseNumbersAsStringsFlag | kParseValidateEncodingFlag;
    ParseResult result = reader.Parse<flags>(stream, comparison);
    if (tape->failure == ARC_JSON_FINE) {
        if (comparison.differs) return "a value differs";
        // It refuses 0 with a large exponent.
        if (result.IsError()) return result.Code() == kParseErrorNumberTooBig ? nullptr : "it is refused by RapidJSON";
        return comparison.is_done() ? nullptr : "there are more values";
    }
    if (result.IsError()) return nullptr;
    // The list ends where a number is too great.
    if (std::strstr(tape->message, "a double") != nullptr) return nullptr;
    // It takes the lower half of a pair of surrogates by itself.
    if (std::strstr(tape->message, "surrogates") != nullptr) return nullptr;
    return "it is taken by RapidJSON";
}
