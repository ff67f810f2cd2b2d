#include "arc_json.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <vector>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

using namespace rapidjson;

namespace {

// Strings that came out of the text; blocks don't move, so nodes can point into them.
class StringStore {
public:
    const char *keep(const char *bytes, size_t length) {
        if (blocks_.empty() || length > capacity_ - used_) {
            capacity_ = length > block_size ? length : block_size;
            blocks_.push_back(std::make_unique<char[]>(capacity_));
            used_ = 0;
        }
        char *at = blocks_.back().get() + used_;
        std::memcpy(at, bytes, length);
        used_ += length;
        return at;
    }

private:
    static constexpr size_t block_size = 1 << 16;
    std::vector<std::unique_ptr<char[]>> blocks_;
    size_t used_ = 0, capacity_ = 0;
};

class Handler {
public:
    Handler(std::vector<arc_json_node> &nodes, StringStore &strings, size_t maximum_depth)
        : nodes_(nodes), strings_(strings), maximum_depth_(maximum_depth) {}

    bool too_deep = false;

    bool Null() { return add(ARC_JSON_NULL); }
    bool Bool(bool value) { return add(ARC_JSON_BOOLEAN, value); }
    bool Int(int value) { return add(ARC_JSON_INTEGER, value); }
    bool Uint(unsigned value) { return add(ARC_JSON_INTEGER, value); }
    bool Int64(int64_t value) { return add(ARC_JSON_INTEGER, value); }
    bool Uint64(uint64_t value) {
        if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) return Double(double(value));
        return add(ARC_JSON_INTEGER, int64_t(value));
    }
    bool Double(double value) {
        add(ARC_JSON_NUMBER);
        nodes_.back().as.number = value;
        return true;
    }
    bool RawNumber(const char *, SizeType, bool) { return false; }
    bool String(const char *bytes, SizeType length, bool) {
        add(ARC_JSON_STRING);
        nodes_.back().as.bytes = strings_.keep(bytes, length);
        nodes_.back().count = length;
        return true;
    }
    bool Key(const char *bytes, SizeType length, bool copy) { return String(bytes, length, copy); }
    bool StartArray() { return open(ARC_JSON_ARRAY); }
    bool EndArray(SizeType count) { return close(count); }
    bool StartObject() { return open(ARC_JSON_OBJECT); }
    bool EndObject(SizeType count) { return close(count); }

private:
    bool add(arc_json_tag tag, int64_t integer = 0) {
        arc_json_node node;
        node.tag = tag;
        node.count = 0;
        node.as.integer = integer;
        nodes_.push_back(node);
        return true;
    }
    bool open(arc_json_tag tag) {
        if (open_.size() == maximum_depth_) {
            too_deep = true;
            return false;
        }
        open_.push_back(nodes_.size());
        return add(tag);
    }
    bool close(size_t count) {
        nodes_[open_.back()].count = count;
        open_.pop_back();
        return true;
    }

    std::vector<arc_json_node> &nodes_;
    StringStore &strings_;
    std::vector<size_t> open_;
    size_t maximum_depth_;
};

}  // namespace

struct arc_json_document {
    std::vector<arc_json_node> nodes;
    StringStore strings;
    int failure = ARC_JSON_FINE;
    size_t offset = 0;
    const char *message = "";
};

namespace {

template <unsigned flags>
void parse(arc_json_document &document, const char *text, size_t length, size_t maximum_depth) {
    MemoryStream bytes(text, length);
    EncodedInputStream<UTF8<>, MemoryStream> stream(bytes);
    Handler handler(document.nodes, document.strings, maximum_depth);
    Reader reader;
    constexpr unsigned all = flags | kParseIterativeFlag | kParseFullPrecisionFlag | kParseValidateEncodingFlag;
    ParseResult result = reader.Parse<all>(stream, handler);
    if (!result.IsError()) return;
    document.offset = result.Offset() < length ? result.Offset() : length;
    document.message = GetParseError_En(result.Code());
    if (handler.too_deep) {
        document.failure = ARC_JSON_TOO_DEEP;
    } else if (result.Code() == kParseErrorStringInvalidEncoding) {
        document.failure = ARC_JSON_BAD_UTF8;
    } else if (stream.Tell() >= length) {
        document.failure = ARC_JSON_ENDS_EARLY;
    } else {
        document.failure = ARC_JSON_SYNTAX;
    }
}

}  // namespace

arc_json_document *arc_json_parse(const char *text, size_t length, arc_json_options options) {
    auto *document = new (std::nothrow) arc_json_document;
    if (document == nullptr) return nullptr;
    try {
        if (options.allows_nan) {
            parse<kParseNanAndInfFlag>(*document, text, length, options.maximum_depth);
        } else {
            parse<kParseNoFlags>(*document, text, length, options.maximum_depth);
        }
    } catch (const std::bad_alloc &) {
        document->failure = ARC_JSON_OUT_OF_MEMORY;
    }
    return document;
}

void arc_json_free(arc_json_document *document) { delete document; }
int arc_json_failed(const arc_json_document *document) { return document->failure; }
size_t arc_json_offset(const arc_json_document *document) { return document->offset; }
const char *arc_json_message(const arc_json_document *document) { return document->message; }

const arc_json_node *arc_json_nodes(const arc_json_document *document, size_t *count) {
    *count = document->nodes.size();
    return document->nodes.data();
}

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
void arc_json_put_number(arc_json_writer *w, double value) {
    // PrettyWriter of RapidJSON 1.1 doesn't compile with the flag that allows these.
    const char *name = std::isnan(value) ? "NaN" : value < 0 ? "-Infinity" : "Infinity";
    w->write([=](auto &to) {
        if (std::isfinite(value)) {
            to.Double(value);
        } else {
            to.RawValue(name, std::strlen(name), kNumberType);
        }
    });
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

size_t arc_json_number_text(double value, char *text) { return size_t(internal::dtoa(value, text) - text); }
