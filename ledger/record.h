#pragma once

#include <optional>
#include <type_traits>
#include <vector>

#include "ledger/base/codec.h"
#include "ledger/base/time.h"
#include "ledger/ids.h"

/// One description of a record serves its writer and its reader: a struct says its fields in order
/// in `static void fields(Self&, Fields&&)`, and the canonical encoding follows from their types
/// (docs/reference/encoding.md): integers big-endian, enums and bools one byte, fixed bytes as they
/// are, strings behind a u32 length, lists behind a u32 count, optionals behind a bool.
namespace remit::ledger {

/// Longest string and list in any record: a damaged length is refused before memory is taken.
inline constexpr std::size_t record_string_max = std::size_t{1} << 20U;
inline constexpr std::size_t record_list_max = std::size_t{1} << 16U;

/// Version byte in front of every stored record.
inline constexpr std::uint8_t record_version = 1;

/// A list at the end of a record that records of earlier releases lack: an empty one is not
/// written, so that those have one encoding still.
template <class T>
struct Trailing {
    std::vector<T> values{};

    friend bool operator==(const Trailing&, const Trailing&) = default;
};

template <class T>
concept HasFields = requires(T& value) { T::fields(value, [](auto&...) {}); };

class FieldWriter {
public:
    explicit FieldWriter(Writer& writer) : writer_(writer) {}

    template <class... Values>
    void operator()(const Values&... values) {
        (one(values), ...);
    }

private:
    template <class T>
    void one(const T& value) {
        if constexpr (HasFields<T>) {
            T::fields(value, *this);
        } else if constexpr (std::is_same_v<T, bool>) {
            writer_.boolean(value);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
            writer_.i64(value);
        } else if constexpr (std::is_enum_v<T>) {
            writer_.put(static_cast<std::underlying_type_t<T>>(value));
        } else if constexpr (std::is_unsigned_v<T>) {
            writer_.put(value);
        } else if constexpr (requires { value.value; }) {
            writer_.put(value.value);
        } else {
            write_bytes(value);
        }
    }
    void one(const BlockTime& value) { writer_.i64(value.ms); }
    void write_bytes(const Bytes& value) { writer_.bytes(value); }
    template <std::size_t N, class Tag>
    void write_bytes(const FixedBytes<N, Tag>& value) {
        writer_.fixed(value);
    }
    template <class T>
    void one(const std::vector<T>& values) {
        writer_.u32(static_cast<std::uint32_t>(values.size()));
        for (const T& value : values) {
            one(value);
        }
    }
    template <class T>
    void one(const std::optional<T>& value) {
        writer_.boolean(value.has_value());
        if (value) {
            one(*value);
        }
    }
    template <class T>
    void one(const Trailing<T>& value) {
        if (!value.values.empty()) {
            one(value.values);
        }
    }
    Writer& writer_;
};

class FieldReader {
public:
    explicit FieldReader(Reader& reader) : reader_(reader) {}

    template <class... Values>
    void operator()(Values&... values) {
        (one(values), ...);
    }

private:
    template <class T>
    void one(T& value) {
        if constexpr (HasFields<T>) {
            T::fields(value, *this);
        } else if constexpr (std::is_same_v<T, bool>) {
            value = reader_.boolean();
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
            value = reader_.i64();
        } else if constexpr (std::is_enum_v<T>) {
            value = reader_.enumerator(last_of(T{}));
        } else if constexpr (std::is_unsigned_v<T>) {
            value = reader_.get<T>();
        } else if constexpr (requires { value.value; }) {
            value.value = reader_.get<decltype(value.value)>();
        } else {
            read_bytes(value);
        }
    }
    void one(BlockTime& value) { value.ms = reader_.i64(); }
    void read_bytes(Bytes& value) { value = reader_.bytes(record_string_max); }
    template <std::size_t N, class Tag>
    void read_bytes(FixedBytes<N, Tag>& value) {
        value = reader_.fixed<FixedBytes<N, Tag>>();
    }
    template <class T>
    void one(std::vector<T>& values) {
        const auto count = reader_.count(record_list_max);
        values.clear();
        for (std::uint32_t i = 0; i < count && reader_.ok(); ++i) {
            one(values.emplace_back());
        }
    }
    template <class T>
    void one(std::optional<T>& value) {
        value.reset();
        if (reader_.boolean()) {
            one(value.emplace());
        }
    }
    template <class T>
    void one(Trailing<T>& value) {
        value.values.clear();
        if (!reader_.ok() || reader_.rest().empty()) {
            return;
        }
        one(value.values);
        if (value.values.empty()) {
            reader_.fail();
        }
    }
    Reader& reader_;
};

/// Appends the fields, without a version byte: for records inside others and for signed objects.
template <HasFields T>
void write(Writer& writer, const T& value) {
    T::fields(value, FieldWriter(writer));
}

/// Reads the fields; errors stick to the reader.
template <HasFields T>
T read(Reader& reader) {
    T out{};
    T::fields(out, FieldReader(reader));
    return out;
}

/// The stored form: version byte, then the fields.
template <HasFields T>
Bytes encode(const T& value) {
    Writer writer;
    writer.u8(record_version);
    write(writer, value);
    return writer.take();
}

/// Empty optional unless `bytes` is exactly one record of this version.
template <HasFields T>
std::optional<T> decode(ByteView bytes) {
    Reader reader(bytes);
    if (reader.u8() != record_version) {
        return std::nullopt;
    }
    T out = read<T>(reader);
    return reader.done() ? std::optional<T>(std::move(out)) : std::nullopt;
}

}  // namespace remit::ledger
