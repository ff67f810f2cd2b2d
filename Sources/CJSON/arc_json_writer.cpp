#include <charconv>
#include <cmath>
#include <cstring>
#include <new>

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "arc_json.h"

using namespace rapidjson;

namespace {

// Copies a string that needs no escape in one go; RapidJSON's own goes byte by byte.
template <typename Base>
class PlainStrings : public Base {
public:
    using Base::Base;

    bool Text(const char *bytes, size_t length) {
        bool escapes = false;
        for (size_t i = 0; i < length; i++) {
            escapes |= static_cast<unsigned char>(bytes[i]) < 0x20 || bytes[i] == '"' || bytes[i] == '\\';
        }
        if (escapes) return this->String(bytes, SizeType(length));
        this->Prefix(kStringType);
        char *to = this->os_->Push(length + 2);
        to[0] = to[length + 1] = '"';
        std::memcpy(to + 1, bytes, length);
        return true;
    }
};

}  // namespace

struct arc_json_writer {
    using Compact = PlainStrings<Writer<StringBuffer, UTF8<>, UTF8<>, CrtAllocator>>;
    using Pretty = PrettyWriter<StringBuffer, UTF8<>, UTF8<>, CrtAllocator>;

    explicit arc_json_writer(bool is_pretty) : pretty(is_pretty), compact_writer(buffer), pretty_writer(buffer) {
        pretty_writer.SetIndent(' ', 2);
    }

    template <typename Event>
    void write(Event event) {
        try {
            if (pretty) {
                event(pretty_writer);
            } else {
                event(compact_writer);
            }
        } catch (const std::bad_alloc &) {
            failed = true;
        }
    }

    StringBuffer buffer;
    bool pretty, failed = false;
    Compact compact_writer;
    Pretty pretty_writer;
};

namespace {

void put_text(arc_json_writer::Compact &to, const char *bytes, size_t length) { to.Text(bytes, length); }
void put_text(arc_json_writer::Pretty &to, const char *bytes, size_t length) { to.String(bytes, SizeType(length)); }

}  // namespace

arc_json_writer *arc_json_writer_new(bool pretty) { return new (std::nothrow) arc_json_writer(pretty); }
void arc_json_writer_free(arc_json_writer *writer) { delete writer; }

void arc_json_put_null(arc_json_writer *w) {
    w->write([](auto &to) { to.Null(); });
}
void arc_json_put_boolean(arc_json_writer *w, bool value) {
    w->write([=](auto &to) { to.Bool(value); });
}
void arc_json_put_integer(arc_json_writer *w, int64_t value) {
    w->write([=](auto &to) { to.Int64(value); });
}
void arc_json_put_raw(arc_json_writer *w, const char *json, size_t length) {
    w->write([=](auto &to) { to.RawValue(json, length, kObjectType); });
}
void arc_json_put_number(arc_json_writer *w, double value) {
    char digits[ARC_JSON_NUMBER_SIZE];
    const char *text = std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
    size_t length = std::strlen(text);
    if (std::isfinite(value)) {
        text = digits;
        length = arc_json_number_text(value, digits);
    }
    arc_json_put_raw(w, text, length);
}
void arc_json_put_string(arc_json_writer *w, const char *bytes, size_t length) {
    w->write([=](auto &to) { put_text(to, bytes, length); });
}
void arc_json_put_key(arc_json_writer *w, const char *bytes, size_t length) {
    arc_json_put_string(w, bytes, length);
}
void arc_json_begin_array(arc_json_writer *w) {
    w->write([](auto &to) { to.StartArray(); });
}
void arc_json_end_array(arc_json_writer *w) {
    w->write([](auto &to) { to.EndArray(); });
}
void arc_json_begin_object(arc_json_writer *w) {
    w->write([](auto &to) { to.StartObject(); });
}
void arc_json_end_object(arc_json_writer *w) {
    w->write([](auto &to) { to.EndObject(); });
}

const char *arc_json_writer_text(const arc_json_writer *writer, size_t *length) {
    if (writer->failed) return nullptr;
    *length = writer->buffer.GetSize();
    return writer->buffer.GetString();
}

// As JavaScript and Python write them: with an exponent only where there are many zeros.
size_t arc_json_number_text(double value, char *text) {
    char shortest[ARC_JSON_NUMBER_SIZE];
    auto result = std::to_chars(shortest, shortest + sizeof shortest, value, std::chars_format::scientific);
    const char *at = shortest, *power = static_cast<const char *>(std::memchr(at, 'e', size_t(result.ptr - at)));
    int exponent = 0;
    std::from_chars(power[1] == '+' ? power + 2 : power + 1, result.ptr, exponent);
    char *to = text;
    if (*at == '-') *to++ = *at++;
    if (exponent < -5 || exponent > 20) {
        std::memcpy(to, at, size_t(power - at));
        to += power - at;
        *to++ = 'e';
        return size_t(std::to_chars(to, to + 8, exponent).ptr - text);
    }
    // One digit, and perhaps a point and more.
    char digits[ARC_JSON_NUMBER_SIZE];
    int count = 0;
    for (; at < power; at++) {
        if (*at != '.') digits[count++] = *at;
    }
    if (exponent < 0) {
        *to++ = '0';
        *to++ = '.';
        for (int i = -1; i > exponent; i--) *to++ = '0';
        for (int i = 0; i < count; i++) *to++ = digits[i];
        return size_t(to - text);
    }
    for (int i = 0; i <= exponent; i++) *to++ = i < count ? digits[i] : '0';
    *to++ = '.';
    if (count <= exponent + 1) *to++ = '0';
    for (int i = exponent + 1; i < count; i++) *to++ = digits[i];
    return size_t(to - text);
}
