#pragma once

#include <optional>

#include "ledger/base/codec.h"

namespace remit::consensus {

/// Canonical bytes of an object that has `void write(Writer&) const`.
template <class T>
Bytes encode(const T& value) {
    Writer writer;
    value.write(writer);
    return writer.take();
}

/// The object whose canonical bytes these are. Empty optional on anything short, over a limit,
/// ill-formed or followed by more bytes. `T` has `static T read(Reader&)`.
template <class T>
std::optional<T> decode(ByteView bytes) {
    Reader reader(bytes);
    T value = T::read(reader);
    if (!reader.done()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace remit::consensus
