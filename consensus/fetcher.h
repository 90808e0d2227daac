#pragma once

#include <map>
#include <optional>
#include <utility>

#include "consensus/context.h"

namespace remit::consensus {

/// Requests for what this node lacks. Parts declare in every step what they still want; a want is
/// asked of one peer after another until nobody declares it any more. Nothing else is remembered,
/// so an answer needs no bookkeeping.
class Fetcher {
public:
    explicit Fetcher(Context& context) : context_(context) {}

    struct Hint {
        ValidatorIndex first = 0;      ///< asked first
        std::int64_t delay_ms = 0;     ///< before the first request: it may be on its way already
        std::int64_t interval_ms = 0;  ///< between peers; 0: twice the assumed delay
    };
    void want(const Message& request, Hint hint);
    /// A request that is declared in many steps: its bytes are made once.
    struct Prepared {
        explicit Prepared(Message the_request)
            : key(encode_message(the_request)), request(std::move(the_request)) {}
        Bytes key;
        Message request;
    };
    void want(const Prepared& prepared, Hint hint);
    /// Declared in the step before (or already in this one): an answer to it is welcome.
    [[nodiscard]] bool wants(const Message& request) const;
    /// End of a step: sends what is due, forgets what was not declared in this step.
    void flush();
    [[nodiscard]] std::optional<std::int64_t> deadline() const;

private:
    struct Want {
        Message request;
        Hint hint;
        std::int64_t next_ms = 0;
        std::size_t attempts = 0;
        bool declared = false;
    };
    static constexpr std::size_t wants_max = 512;
    void declare(const Bytes& key, const Message& request, Hint hint);
    Context& context_;
    std::map<Bytes, Want> wants_;  // by the request's bytes
};

}  // namespace remit::consensus
