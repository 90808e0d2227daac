#include "gateway/connectors/rail_book.h"

#include <algorithm>
#include <ctime>

#include "gateway/crash_points.h"
#include "ledger/base/codec.h"
#include "ledger/base/uuid.h"

namespace remit::gateway {

namespace {

constexpr std::int64_t amount_minor_max = 999'999'999'999'999;  // 10^15 - 1, as on the ledger
constexpr std::int64_t ms_per_second = 1000;
constexpr std::uint32_t entries_per_answer_max = 1000;
constexpr char account_prefix_byte = 'A';
constexpr char transfer_prefix_byte = 'T';
constexpr char entry_prefix_byte = 'E';
constexpr char paid_prefix_byte = 'U';
constexpr char repair_prefix_byte = 'R';
const Bytes counter_key = "M";
const Bytes faults_key = "F";

Bytes key_of(char prefix, std::string_view rest) {
    return Bytes(1, prefix) + Bytes(rest);
}
Bytes key_of(char prefix, std::uint64_t number) {
    return key_of(prefix, Writer().u64(number).view());
}

std::string booking_date(std::int64_t wall_ms) {
    const auto seconds = static_cast<std::time_t>(wall_ms / ms_per_second);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::string text(sizeof("2024-12-31"), '\0');
    text.resize(std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts));
    return text;
}

bool is_plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::string world_of(const std::string& currency) {
    return "world/" + currency;
}

bool same_content(const v1::Transfer& a, const v1::Transfer& b) {
    return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

/// What one call will write; reads see it before it is written.
struct RailBook::Write {
    const node::KvReader& under;
    std::map<Bytes, Bytes> fresh;

    template <class Record>
    std::optional<Record> get(const Bytes& key) const {
        Record record;
        if (const auto at = fresh.find(key); at != fresh.end()) {
            return record.ParseFromString(at->second) ? std::optional(record) : std::nullopt;
        }
        const auto bytes = node::or_die(under.get(key));
        return bytes && record.ParseFromString(*bytes) ? std::optional(record) : std::nullopt;
    }
    template <class Record>
    void put(const Bytes& key, const Record& record) {
        fresh[key] = record.SerializeAsString();
    }
    void commit(node::Kv& kv, std::uint64_t counter) {
        if (fresh.empty()) {
            return;
        }
        node::KvBatch batch;
        for (auto& [key, value] : fresh) {
            batch.put(key, std::move(value));
        }
        batch.put(counter_key, Writer().u64(counter).take());
        crash_point(CrashPoint::book_before_write);
        node::or_die(kv.write(batch, node::KvSync::durable));
        crash_point(CrashPoint::book_after_write);
    }
};

RailBook::RailBook(node::Kv& kv, const node::Clock& clock) : kv_(kv), clock_(clock) {
    if (const auto bytes = node::or_die(kv_.get(counter_key))) {
        counter_ = Reader(*bytes).u64();
    }
    if (const auto bytes = node::or_die(kv_.get(faults_key))) {
        faults_.ParseFromString(*bytes);
    }
}

std::vector<std::string> RailBook::open(const std::vector<v1::RailAccount>& accounts) {
    const std::lock_guard lock(mutex_);
    Write write{kv_, {}};
    std::vector<std::string> refusals;
    for (const auto& wanted : accounts) {
        const auto key = key_of(account_prefix_byte, wanted.account());
        const auto old = write.get<v1::RailAccountRecord>(key);
        const bool malformed = wanted.account().empty() || !is_plain(wanted.account()) ||
                               wanted.account().size() > account_name_size_max ||
                               wanted.currency().size() != 3 || wanted.opening_minor() < 0 ||
                               wanted.opening_minor() > amount_minor_max ||
                               wanted.account().starts_with("world/");
        if (malformed) {
            refusals.emplace_back("FF01: account name, currency or opening amount is malformed");
        } else if (old && (old->currency() != wanted.currency() ||
                           old->opening_minor() != wanted.opening_minor())) {
            refusals.emplace_back("ID_REUSED: the account is open on other terms");
        } else if (old) {
            refusals.emplace_back();
        } else {
            const auto world_key = key_of(account_prefix_byte, world_of(wanted.currency()));
            auto world =
                write.get<v1::RailAccountRecord>(world_key).value_or(v1::RailAccountRecord());
            world.set_currency(wanted.currency());
            world.set_balance_minor(world.balance_minor() - wanted.opening_minor());
            write.put(world_key, world);
            v1::RailAccountRecord record;
            record.set_currency(wanted.currency());
            record.set_balance_minor(wanted.opening_minor());
            record.set_opening_minor(wanted.opening_minor());
            write.put(key, record);
            refusals.emplace_back();
        }
    }
    write.commit(kv_, counter_);
    return refusals;
}

std::vector<v1::TransferResult> RailBook::submit(const std::vector<v1::Transfer>& transfers) {
    const std::lock_guard lock(mutex_);
    Write write{kv_, {}};
    std::vector<v1::TransferResult> results;
    results.reserve(transfers.size());
    for (const auto& transfer : transfers) {
        results.push_back(apply(transfer, write));
    }
    write.commit(kv_, counter_);
    return results;
}

v1::TransferResult RailBook::apply(const v1::Transfer& transfer, Write& write) {
    v1::TransferResult result;
    result.set_transfer_id(transfer.transfer_id());
    if (transfer.transfer_id().empty() || !is_plain(transfer.transfer_id()) ||
        transfer.transfer_id().size() > transfer_id_size_max) {
        result.set_outcome(v1::TRANSFER_OUTCOME_REJECTED);
        result.set_reason("FF01");
        return result;
    }
    const auto key = key_of(transfer_prefix_byte, transfer.transfer_id());
    if (const auto first = write.get<v1::RailTransferRecord>(key)) {
        result = first->result();
        const bool same = same_content(first->transfer(), transfer);
        if (!same || result.outcome() == v1::TRANSFER_OUTCOME_ACCEPTED) {
            result.set_outcome(v1::TRANSFER_OUTCOME_DUPLICATE);
        }
        result.set_same(same);
        return result;
    }
    auto reason = refusal_of(transfer, write);
    if (reason.empty() && take_locked(RailFault::reject, {transfer})) {
        reason = faults_.reject_reason().empty() ? "AC04" : faults_.reject_reason();
    }
    if (reason.empty()) {
        book(transfer, result, write);
    } else {
        result.set_outcome(v1::TRANSFER_OUTCOME_REJECTED);
        result.set_reason(reason);
    }
    v1::RailTransferRecord record;
    *record.mutable_transfer() = transfer;
    *record.mutable_result() = result;
    write.put(key, record);
    return result;
}

std::string RailBook::refusal_of(const v1::Transfer& transfer, const Write& write) const {
    if (transfer.reference().size() > rail_reference_size_max ||
        (!transfer.uetr().empty() && !uuid_from_text(transfer.uetr()))) {
        return "FF01";
    }
    if (transfer.amount_minor() <= 0 || transfer.amount_minor() > amount_minor_max) {
        return "AM12";
    }
    const auto debit =
        write.get<v1::RailAccountRecord>(key_of(account_prefix_byte, transfer.debit_account()));
    const auto credit =
        write.get<v1::RailAccountRecord>(key_of(account_prefix_byte, transfer.credit_account()));
    if (!debit || !credit || transfer.debit_account() == transfer.credit_account() ||
        transfer.debit_account().starts_with("world/")) {
        return "AC03";
    }
    if (debit->currency() != transfer.currency() || credit->currency() != transfer.currency()) {
        return "AM03";
    }
    return debit->balance_minor() < transfer.amount_minor() ? "AM04" : "";
}

void RailBook::book(const v1::Transfer& transfer, v1::TransferResult& result, Write& write) {
    const auto move = [&](const std::string& name, std::int64_t amount) {
        const auto key = key_of(account_prefix_byte, name);
        auto record = write.get<v1::RailAccountRecord>(key).value_or(v1::RailAccountRecord());
        record.set_balance_minor(record.balance_minor() + amount);
        write.put(key, record);
    };
    move(transfer.debit_account(), -transfer.amount_minor());
    move(transfer.credit_account(), transfer.amount_minor());

    v1::RailEntry entry;
    entry.set_currency(transfer.currency());
    entry.set_booked_at_ms(clock_.wall_ms());
    entry.set_booking_date(booking_date(entry.booked_at_ms()));
    entry.set_transfer_id(transfer.transfer_id());
    entry.set_reference(transfer.reference());
    entry.set_uetr(transfer.uetr());
    auto debit = entry;
    debit.set_account(transfer.debit_account());
    debit.set_other_account(transfer.credit_account());
    debit.set_amount_minor(-transfer.amount_minor());
    debit.set_entry_reference(next_reference());
    auto credit = entry;
    credit.set_account(transfer.credit_account());
    credit.set_other_account(transfer.debit_account());
    credit.set_amount_minor(transfer.amount_minor());
    credit.set_entry_reference(next_reference());

    result.set_outcome(v1::TRANSFER_OUTCOME_ACCEPTED);
    result.set_same(true);
    result.set_entry_reference(credit.entry_reference());
    result.set_booking_date(credit.booking_date());
    if (!transfer.uetr().empty()) {
        const auto key = key_of(paid_prefix_byte, transfer.uetr());
        auto paid = write.get<v1::RailPaidRecord>(key).value_or(v1::RailPaidRecord());
        paid.set_count(paid.count() + 1);
        paid.set_amount_minor(paid.amount_minor() + transfer.amount_minor());
        paid.set_currency(transfer.currency());
        write.put(key, paid);
    }
    list(transfer, {std::move(debit), std::move(credit)}, write);
}

void RailBook::list(const v1::Transfer& transfer, std::vector<v1::RailEntry> entries,
                    Write& write) {
    v1::RailRepairRecord repair;
    const auto reverse = [&](const v1::RailEntry& entry) {
        auto& back = *repair.add_to_list();
        back = entry;
        back.set_amount_minor(-entry.amount_minor());
        back.set_reverses(entry.entry_reference());
        back.set_entry_reference(next_reference());
    };
    if (take_locked(RailFault::withhold, {transfer})) {
        for (auto& entry : entries) {
            *repair.add_to_list() = std::move(entry);
        }
    } else if (take_locked(RailFault::duplicate, {transfer})) {
        for (const auto& entry : entries) {
            append(entry, write);
        }
        for (auto& entry : entries) {
            entry.set_entry_reference(next_reference());
            append(entry, write);
            reverse(entry);
        }
    } else if (take_locked(RailFault::wrong_amount, {transfer})) {
        for (const auto& entry : entries) {
            auto wrong = entry;
            const auto sign = entry.amount_minor() < 0 ? -1 : 1;
            wrong.set_amount_minor(entry.amount_minor() + sign * faults_.wrong_by_minor());
            append(wrong, write);
            reverse(wrong);
            auto& right = *repair.add_to_list();
            right = entry;
            right.set_entry_reference(next_reference());
        }
    } else {
        for (auto& entry : entries) {
            append(std::move(entry), write);
        }
    }
    if (repair.to_list_size() > 0) {
        write.put(key_of(repair_prefix_byte, ++counter_), repair);
    }
}

void RailBook::append(v1::RailEntry entry, Write& write) {
    entry.set_cursor(++counter_);
    write.put(key_of(entry_prefix_byte, entry.cursor()), entry);
}

std::string RailBook::next_reference() {
    auto digits = std::to_string(++counter_);
    constexpr std::size_t width = 12;
    return "E" + std::string(digits.size() < width ? width - digits.size() : 0, '0') + digits;
}

v1::QueryTransferResponse RailBook::query(const std::string& transfer_id) const {
    const std::lock_guard lock(mutex_);
    const Write write{kv_, {}};
    v1::QueryTransferResponse answer;
    const auto record =
        write.get<v1::RailTransferRecord>(key_of(transfer_prefix_byte, transfer_id));
    if (!record) {
        answer.set_status(v1::TRANSFER_STATUS_NOT_FOUND);
        return answer;
    }
    answer.set_status(record->result().outcome() == v1::TRANSFER_OUTCOME_REJECTED
                          ? v1::TRANSFER_STATUS_REJECTED
                          : v1::TRANSFER_STATUS_SETTLED);
    *answer.mutable_transfer() = record->transfer();
    *answer.mutable_result() = record->result();
    return answer;
}

v1::ListEntriesResponse RailBook::entries(const v1::ListEntriesRequest& request) {
    const std::lock_guard lock(mutex_);
    const bool again = take_locked(RailFault::repeat_delivery, {});
    const auto after = again ? 0 : request.after_cursor();
    const auto limit = std::clamp(request.limit(), 1U, entries_per_answer_max);
    v1::ListEntriesResponse answer;
    answer.set_last_cursor(after);
    node::or_die(kv_.scan(key_of(entry_prefix_byte, after + 1),
                          node::end_of_prefix(Bytes(1, entry_prefix_byte)),
                          [&](ByteView /*key*/, ByteView value) {
                              v1::RailEntry entry;
                              if (!entry.ParseFromString(Bytes(value))) {
                                  return true;
                              }
                              answer.set_last_cursor(entry.cursor());
                              if (entry.account().starts_with(request.account_prefix())) {
                                  *answer.add_entries() = std::move(entry);
                              }
                              return answer.entries_size() < static_cast<int>(limit);
                          }));
    return answer;
}

v1::ListBalancesResponse RailBook::balances(const std::string& account_prefix) const {
    const std::lock_guard lock(mutex_);
    v1::ListBalancesResponse answer;
    answer.set_as_of_cursor(counter_);
    const auto from = key_of(account_prefix_byte, account_prefix);
    node::or_die(kv_.scan(from, node::end_of_prefix(from), [&](ByteView key, ByteView value) {
        v1::RailAccountRecord record;
        if (record.ParseFromString(Bytes(value))) {
            auto& balance = *answer.add_balances();
            balance.set_account(Bytes(key.substr(1)));
            balance.set_currency(record.currency());
            balance.set_balance_minor(record.balance_minor());
        }
        return true;
    }));
    return answer;
}

std::vector<v1::Paid> RailBook::paid(const std::vector<std::string>& uetrs) const {
    const std::lock_guard lock(mutex_);
    const Write write{kv_, {}};
    std::vector<v1::Paid> all;
    all.reserve(uetrs.size());
    for (const auto& uetr : uetrs) {
        v1::Paid paid;
        paid.set_uetr(uetr);
        if (const auto record = write.get<v1::RailPaidRecord>(key_of(paid_prefix_byte, uetr))) {
            paid.set_count(record->count());
            paid.set_amount_minor(record->amount_minor());
            paid.set_currency(record->currency());
        }
        all.push_back(std::move(paid));
    }
    return all;
}

v1::Faults RailBook::set_faults(const v1::Faults& faults) {
    const std::lock_guard lock(mutex_);
    node::KvBatch batch;
    batch.put(faults_key, faults.SerializeAsString());
    node::or_die(kv_.write(batch, node::KvSync::durable));
    auto before = faults_;
    faults_ = faults;
    return before;
}

v1::Faults RailBook::faults() const {
    const std::lock_guard lock(mutex_);
    return faults_;
}

bool RailBook::take_fault(RailFault fault, const std::vector<v1::Transfer>& transfers) {
    const std::lock_guard lock(mutex_);
    return take_locked(fault, transfers);
}

bool RailBook::take_locked(RailFault fault, const std::vector<v1::Transfer>& transfers) {
    const auto& prefix = faults_.account_prefix();
    const bool meant =
        prefix.empty() || std::any_of(transfers.begin(), transfers.end(), [&](const auto& t) {
            return t.debit_account().starts_with(prefix) || t.credit_account().starts_with(prefix);
        });
    if (!meant) {
        return false;
    }
    const auto take = [](std::uint32_t left, auto&& set) {
        if (left == 0) {
            return false;
        }
        set(left - 1);
        return true;
    };
    auto& f = faults_;
    switch (fault) {
        case RailFault::reject:
            return take(f.reject_next(), [&](auto left) { f.set_reject_next(left); });
        case RailFault::unknown_before:
            return take(f.unknown_before(), [&](auto left) { f.set_unknown_before(left); });
        case RailFault::unknown_after:
            return take(f.unknown_after(), [&](auto left) { f.set_unknown_after(left); });
        case RailFault::withhold:
            return take(f.withhold_entries(), [&](auto left) { f.set_withhold_entries(left); });
        case RailFault::duplicate:
            return take(f.duplicate_entries(), [&](auto left) { f.set_duplicate_entries(left); });
        case RailFault::wrong_amount:
            return take(f.wrong_amount_entries(),
                        [&](auto left) { f.set_wrong_amount_entries(left); });
        case RailFault::repeat_delivery:
            return take(f.repeat_deliveries(), [&](auto left) { f.set_repeat_deliveries(left); });
    }
    return false;
}

std::uint32_t RailBook::repair() {
    const std::lock_guard lock(mutex_);
    Write write{kv_, {}};
    std::vector<Bytes> done;
    const auto from = Bytes(1, repair_prefix_byte);
    std::vector<v1::RailRepairRecord> repairs;
    node::or_die(kv_.scan(from, node::end_of_prefix(from), [&](ByteView key, ByteView value) {
        v1::RailRepairRecord record;
        if (record.ParseFromString(Bytes(value)) && record.to_list_size() > 0) {
            repairs.push_back(std::move(record));
            done.emplace_back(key);
        }
        return true;
    }));
    for (const auto& record : repairs) {
        for (const auto& entry : record.to_list()) {
            append(entry, write);
        }
    }
    for (const auto& key : done) {
        write.put(key, v1::RailRepairRecord());  // done: an empty record is skipped
    }
    write.commit(kv_, counter_);
    return static_cast<std::uint32_t>(repairs.size());
}

}  // namespace remit::gateway
