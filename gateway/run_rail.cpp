#include <charconv>

#include "gateway/connectors/rail_book.h"
#include "gateway/connectors/rail_service.h"
#include "gateway/programs.h"
#include "gateway/runtime.h"
#include "node/ops/log.h"
#include "node/ops/service_notice.h"

namespace remit::gateway {

namespace {

Result<std::vector<v1::RailAccount>, node::Failure> opening_accounts(const Settings& settings) {
    std::vector<v1::RailAccount> accounts;
    for (const auto& [name, text] : settings.accounts) {
        std::int64_t minor = 0;
        const auto* end = text.data() + text.size();
        const auto read = std::from_chars(text.data(), end, minor);
        const auto slash = name.rfind('/');
        if (read.ec != std::errc() || read.ptr != end || slash == std::string::npos) {
            return node::fail_with(node::ExitCode::bad_configuration,
                                   "accounts: \"" + name + "\" = \"" + text + "\"",
                                   "write \"operator/HKD\" = \"100000\": a name that ends in its "
                                   "currency, and minor units");
        }
        auto& account = accounts.emplace_back();
        account.set_account(name);
        account.set_currency(name.substr(slash + 1));
        account.set_opening_minor(minor);
    }
    return accounts;
}

}  // namespace

Status<node::Failure> run_rail(Settings settings) {
    TRY_ASSIGN(const auto accounts, opening_accounts(settings));
    TRY_ASSIGN(const auto foundation, Foundation::make(std::move(settings)));
    RailBook book(*foundation->kv, foundation->clock);
    for (const auto& account : accounts) {
        const auto refusals = book.open({account});
        if (!refusals.front().empty()) {
            return node::fail_with(node::ExitCode::bad_configuration,
                                   "accounts." + account.account() + ": " + refusals.front(),
                                   "an account keeps the opening amount it was opened with");
        }
    }
    const auto owner = static_cast<std::uint32_t>(foundation->settings.participant);
    RailServer server(book, foundation->identity, owner);
    RailAdminServer admin(book, foundation->identity, owner);
    std::vector<grpc::Service*> services{&server};
    if (foundation->settings.rail_admin) {
        services.push_back(&admin);
    }
    TRY_ASSIGN(auto listener, Listener::start(foundation->settings.listen, foundation->identity,
                                              foundation->metrics, services));
    foundation->ready = true;
    node::notify_service("READY=1");
    node::log_info("rail_ready",
                   {{"listen", foundation->settings.listen.text()}, {"accounts", accounts.size()}});
    wait_for_stop();
    listener.stop();
    return {};
}

}  // namespace remit::gateway
