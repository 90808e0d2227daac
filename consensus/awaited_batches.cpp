#include <utility>

#include "consensus/batches.h"

// What finalised blocks lack: how it is asked for, and that it came.

namespace remit::consensus {

namespace {
std::size_t bytes_of(const std::vector<Entry>& entries) {
    std::size_t out = 0;
    for (const auto& entry : entries) {
        out += entry.bytes;
    }
    return out;
}
}  // namespace

std::vector<Batches::Request> Batches::await(const std::vector<Entry>& entries) {
    constexpr std::size_t together_max = std::size_t{32} * 1024;  // asked again if one is missing
    std::vector<std::vector<Entry>> groups;
    std::vector<Entry> small;
    for (const auto& entry : entries) {
        awaited_.insert(entry.digest);
        if (is_large(entry)) {
            groups.push_back({entry});
            continue;
        }
        const bool full = bytes_of(small) + entry.bytes > together_max;
        if (!small.empty() && (full || small.size() >= limits::request_batches)) {
            groups.push_back(std::exchange(small, {}));
        }
        small.push_back(entry);
    }
    if (!small.empty()) {
        groups.push_back(std::move(small));
    }
    std::vector<Request> out;
    for (auto& group : groups) {
        BatchesRequest request;
        for (const auto& entry : group) {
            request.digests.push_back(entry.digest);
        }
        const auto bytes = bytes_of(group);
        const auto lacking = group.size();
        out.push_back({.entries = std::move(group),
                       .message = Fetcher::Prepared(std::move(request)),
                       .bytes = bytes,
                       .lacking = lacking});
    }
    return out;
}

void Batches::want(const Request& request, Fetcher::Hint hint) {
    if (is_large(request.entries.front())) {
        want(request.entries.front(), hint);
    } else {
        fetcher_.want(request.message, hint);
    }
}

void Batches::note_arrived(const BatchHandle& batch, const Hash& digest) {
    if (awaited_.erase(digest) > 0) {
        arrived_.push_back(batch);
    }
}

}  // namespace remit::consensus
