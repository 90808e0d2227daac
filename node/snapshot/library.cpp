#include "node/snapshot/library.h"

#include <cstdlib>
#include <set>
#include <utility>

#include "node/snapshot/builder.h"

namespace remit::node {

namespace {

constexpr const char* copy_ending = ".db";
constexpr const char* manifest_ending = ".manifest";
constexpr std::size_t height_digits = 20;

/// The height that a file of the folder is named by; none for anything else.
std::optional<consensus::Height> height_of_name(const std::string& name) {
    if (name.size() <= height_digits || name.find_first_not_of("0123456789") != height_digits) {
        return std::nullopt;
    }
    return std::strtoull(name.substr(0, height_digits).c_str(), nullptr, 10);
}

std::string path_in(const std::string& folder, consensus::Height height, const char* ending) {
    const auto digits = std::to_string(height);
    return folder + "/" + std::string(height_digits - digits.size(), '0') + digits + ending;
}

IoError missing(const std::string& what) {
    return {IoFailure::not_found, "read snapshot", what, "it is not kept"};
}

}  // namespace

std::optional<std::string> SnapshotLibrary::oldest_copy(Disk& disk, const std::string& folder,
                                                        consensus::Height from) {
    const auto names = disk.list(folder);
    for (const auto& name : names.value_or(std::vector<std::string>())) {
        const auto height = height_of_name(name);
        if (height && *height >= from && name == path_in("", *height, copy_ending).substr(1)) {
            return folder + "/" + name;
        }
    }
    return std::nullopt;
}

std::string SnapshotLibrary::path_of(consensus::Height height, const char* ending) const {
    return path_in(parts_.folder, height, ending);
}

Result<std::unique_ptr<SnapshotLibrary>, IoError> SnapshotLibrary::open(Parts parts) {
    std::unique_ptr<SnapshotLibrary> out(new SnapshotLibrary(std::move(parts)));
    TRY(out->parts_.disk.make_folder(out->parts_.folder));
    TRY_ASSIGN(auto names, out->parts_.disk.list(out->parts_.folder));
    TRY_ASSIGN(const auto copies, out->parts_.databases.list(out->parts_.folder));
    names.insert(names.end(), copies.begin(), copies.end());
    std::set<consensus::Height> found;
    for (const auto& name : names) {
        if (const auto height = height_of_name(name)) {
            found.insert(*height);
        }
    }
    for (const auto height : found) {
        TRY(out->load(height));
    }
    return out;
}

SnapshotLibrary::~SnapshotLibrary() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return running_ == 0; });
}

Status<IoError> SnapshotLibrary::load(consensus::Height height) {
    if (!parts_.databases.exists(path_of(height, copy_ending))) {
        // A copy that was not finished, or a manifest that outlived it.
        TRY(parts_.databases.remove(path_of(height, copy_ending)));
        if (parts_.disk.exists(path_of(height, manifest_ending))) {
            TRY(parts_.disk.remove(path_of(height, manifest_ending)));
        }
        return {};
    }
    const auto file = path_of(height, manifest_ending);
    if (parts_.disk.exists(file)) {
        TRY_ASSIGN(const auto stored, read_file(parts_.disk, file));
        auto bytes = stored.size() < Hash::size ? Bytes() : stored.substr(Hash::size);
        const auto root = snapshot_root_of(bytes);
        auto manifest = consensus::decode<SnapshotManifest>(bytes);
        if (manifest && manifest->height() == height && stored.starts_with(root.bytes())) {
            keep(height,
                 std::make_shared<const Kept>(Kept{
                     std::move(*manifest), root, std::make_shared<const Bytes>(std::move(bytes))}));
            return {};
        }
    }
    build(height);
    return {};
}

void SnapshotLibrary::keep(consensus::Height height, Handle kept) {
    const std::lock_guard lock(mutex_);
    slots_[height].kept = std::move(kept);
    changed_.notify_all();
}

/// A failed write or a copy that cannot be read ends the process: its root is owed to consensus.
void SnapshotLibrary::build(consensus::Height height) {
    {
        const std::lock_guard lock(mutex_);
        slots_.try_emplace(height);
    }
    run([this, height] {
        const auto copy = or_die(parts_.databases.open(path_of(height, copy_ending)));
        auto manifest = or_die(build_manifest(*copy, parts_.chain));
        auto bytes = consensus::encode(manifest);
        const auto root = snapshot_root_of(bytes);
        or_die(replace_file(parts_.disk, path_of(height, manifest_ending), root.bytes() + bytes));
        ++made_;
        keep(height,
             std::make_shared<const Kept>(
                 Kept{std::move(manifest), root, std::make_shared<const Bytes>(std::move(bytes))}));
    });
}

SnapshotLibrary::Running::~Running() {
    const std::lock_guard lock(library.mutex_);
    --library.running_;
    library.changed_.notify_all();
}

void SnapshotLibrary::run(std::function<void()> work) {
    {
        const std::lock_guard lock(mutex_);
        ++running_;
    }
    parts_.background([this, work = std::move(work)] {
        const Running mark{*this};  // whatever ends the work
        work();
    });
}

bool SnapshotLibrary::has(consensus::Height height) const {
    const std::lock_guard lock(mutex_);
    return slots_.contains(height);
}

Status<IoError> SnapshotLibrary::take(consensus::Height height, Kv& database) {
    if (has(height)) {
        return {};
    }
    TRY(database.copy_to(path_of(height, copy_ending)));
    build(height);
    return {};
}

bool SnapshotLibrary::ready(consensus::Height height) const {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(height);
    return found != slots_.end() && found->second.kept;
}

SnapshotLibrary::Handle SnapshotLibrary::at(consensus::Height height) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        const auto found = slots_.find(height);
        return found == slots_.end() || found->second.kept;
    });
    const auto found = slots_.find(height);
    return found == slots_.end() ? nullptr : found->second.kept;
}

SnapshotLibrary::Handle SnapshotLibrary::find(const Hash& root) const {
    const std::lock_guard lock(mutex_);
    for (const auto& [height, slot] : slots_) {
        if (slot.kept && slot.kept->root == root) {
            return slot.kept;
        }
    }
    return nullptr;
}

Result<std::shared_ptr<const KvReader>, IoError> SnapshotLibrary::copy_at(
    consensus::Height height) {
    const std::lock_guard lock(mutex_);
    const auto found = slots_.find(height);
    if (found == slots_.end()) {
        return fail(missing("height " + std::to_string(height)));
    }
    if (!found->second.copy) {
        TRY_ASSIGN(found->second.copy, parts_.databases.open(path_of(height, copy_ending)));
    }
    return found->second.copy;
}

Result<Bytes, IoError> SnapshotLibrary::chunk(const Handle& snapshot, std::size_t index) {
    if (index >= snapshot->manifest.chunks.size()) {
        return fail(missing("chunk " + std::to_string(index)));
    }
    TRY_ASSIGN(const auto copy, copy_at(snapshot->manifest.height()));
    return read_chunk(*copy, snapshot->manifest, index);
}

Status<IoError> SnapshotLibrary::drop_below(consensus::Height height) {
    std::vector<consensus::Height> gone;
    {
        const std::lock_guard lock(mutex_);
        while (!slots_.empty() && slots_.begin()->first < height && slots_.begin()->second.kept) {
            gone.push_back(slots_.begin()->first);
            slots_.erase(slots_.begin());
        }
    }
    for (const auto each : gone) {
        TRY(parts_.databases.remove(path_of(each, copy_ending)));
        TRY(parts_.disk.remove(path_of(each, manifest_ending)));
        TRY(parts_.disk.sync_folder(parts_.folder));
    }
    return {};
}

std::vector<consensus::Height> SnapshotLibrary::heights() const {
    const std::lock_guard lock(mutex_);
    std::vector<consensus::Height> out;
    for (const auto& [height, slot] : slots_) {
        out.push_back(height);
    }
    return out;
}

}  // namespace remit::node
