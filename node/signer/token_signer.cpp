#include "node/signer/token_signer.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sodium.h>

#include <array>
#include <vector>

#include "node/ops/secret_file.h"

namespace remit::node::signer {

namespace {

std::string hex_of(CK_RV code) {
    std::array<char, 24> text{};
    std::snprintf(text.data(), text.size(), "0x%lx", code);
    return text.data();
}

Failure failure(const std::string& what, CK_RV code) {
    const bool pin = code == CKR_PIN_INCORRECT || code == CKR_PIN_LOCKED ||
                     code == CKR_PIN_EXPIRED || code == CKR_PIN_LEN_RANGE;
    return {
        .exit = pin ? ExitCode::not_allowed : ExitCode::bad_configuration,
        .message = "pkcs11: " + what + ": " + (pin ? "the PIN is refused, " : "") + hex_of(code),
        .help = "see docs/operate/signer.md, a key in a token"};
}

/// Labels are padded with spaces in a token's own record.
std::string trimmed(const unsigned char* text, std::size_t size) {
    std::string out(reinterpret_cast<const char*>(text), size);  // NOLINT
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

}  // namespace

/// A module with an open session that is logged in.
class TokenSigner::Session {
public:
    Session() = default;
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    Status<Failure> open(const TokenSettings& settings);
    Result<PublicKey, Failure> find_key(const std::string& label);
    Result<Signature, CK_RV> sign(ByteView message) const;

private:
    Result<CK_SLOT_ID, Failure> slot_of(const std::string& label) const;
    Result<CK_OBJECT_HANDLE, Failure> object(CK_OBJECT_CLASS kind, const std::string& label) const;

    void* library_ = nullptr;
    CK_FUNCTION_LIST* module_ = nullptr;
    bool initialized_ = false;
    CK_SESSION_HANDLE session_ = 0;
    CK_OBJECT_HANDLE key_ = 0;
};

TokenSigner::Session::~Session() {
    if (session_ != 0) {
        module_->C_CloseSession(session_);
    }
    if (initialized_) {
        module_->C_Finalize(nullptr);
    }
    if (library_ != nullptr) {
        ::dlclose(library_);
    }
}

Status<Failure> TokenSigner::Session::open(const TokenSettings& settings) {
    library_ = ::dlopen(settings.module.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library_ == nullptr) {
        return fail_with(ExitCode::bad_configuration,
                         std::string("pkcs11.module: ") + ::dlerror(),  // NOLINT
                         "name the token's library, like /usr/lib/softhsm/libsofthsm2.so");
    }
    const auto functions =
        reinterpret_cast<CK_C_GetFunctionList>(::dlsym(library_, "C_GetFunctionList"));  // NOLINT
    if (functions == nullptr || functions(&module_) != CKR_OK) {
        return fail_with(ExitCode::bad_configuration,
                         "pkcs11.module: " + settings.module + " is no PKCS#11 library");
    }
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    if (const auto code = module_->C_Initialize(&arguments); code != CKR_OK) {
        return fail(failure("cannot start " + settings.module, code));
    }
    initialized_ = true;
    TRY_ASSIGN(const auto slot, slot_of(settings.label));
    if (const auto code =
            module_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &session_);
        code != CKR_OK) {
        return fail(failure("cannot open token " + settings.label, code));
    }
    TRY_ASSIGN(auto pin, read_secret_file(settings.pin_file));
    const auto size = std::min(pin.find_first_of("\r\n"), pin.size());
    const auto code = module_->C_Login(session_, CKU_USER,
                                       reinterpret_cast<unsigned char*>(pin.data()),  // NOLINT
                                       size);
    sodium_memzero(pin.data(), pin.size());
    if (code != CKR_OK) {
        return fail(failure("cannot log in to token " + settings.label, code));
    }
    return {};
}

Result<CK_SLOT_ID, Failure> TokenSigner::Session::slot_of(const std::string& label) const {
    CK_ULONG count = 0;
    auto code = module_->C_GetSlotList(CK_TRUE, nullptr, &count);
    std::vector<CK_SLOT_ID> slots(count);
    if (code == CKR_OK && count > 0) {
        code = module_->C_GetSlotList(CK_TRUE, slots.data(), &count);
    }
    if (code != CKR_OK) {
        return fail(failure("cannot list the tokens", code));
    }
    for (const auto slot : slots) {
        CK_TOKEN_INFO info{};
        if (module_->C_GetTokenInfo(slot, &info) == CKR_OK &&
            trimmed(info.label, sizeof info.label) == label) {
            return slot;
        }
    }
    return fail_with(ExitCode::bad_configuration, "pkcs11.token: no token is labelled " + label,
                     std::to_string(count) + " tokens are there");
}

Result<CK_OBJECT_HANDLE, Failure> TokenSigner::Session::object(CK_OBJECT_CLASS kind,
                                                               const std::string& label) const {
    Bytes name(label);
    std::array<CK_ATTRIBUTE, 2> wanted{
        {{CKA_CLASS, &kind, sizeof kind}, {CKA_LABEL, name.data(), name.size()}}};
    std::array<CK_OBJECT_HANDLE, 2> found{};
    CK_ULONG count = 0;
    auto code = module_->C_FindObjectsInit(session_, wanted.data(), wanted.size());
    if (code == CKR_OK) {
        code = module_->C_FindObjects(session_, found.data(), found.size(), &count);
        module_->C_FindObjectsFinal(session_);
    }
    if (code != CKR_OK || count != 1) {
        return fail_with(ExitCode::bad_configuration,
                         "pkcs11.key: " + std::to_string(count) + " " +
                             (kind == CKO_PRIVATE_KEY ? "private" : "public") +
                             " keys are labelled " + label + ", one is needed");
    }
    return found[0];
}

Result<PublicKey, Failure> TokenSigner::Session::find_key(const std::string& label) {
    TRY_ASSIGN(key_, object(CKO_PRIVATE_KEY, label));
    TRY_ASSIGN(const auto shown, object(CKO_PUBLIC_KEY, label));
    std::array<unsigned char, 128> point{};
    CK_ATTRIBUTE attribute{CKA_EC_POINT, point.data(), point.size()};
    const auto code = module_->C_GetAttributeValue(session_, shown, &attribute, 1);
    // An OCTET STRING of 32 bytes; older tokens give the bytes bare.
    constexpr std::size_t head = 2;
    constexpr unsigned char octet_string = 4;
    const auto size = attribute.ulValueLen;
    const bool wrapped =
        size == PublicKey::size + head && point[0] == octet_string && point[1] == PublicKey::size;
    if (code != CKR_OK || (!wrapped && size != PublicKey::size)) {
        return fail_with(ExitCode::bad_configuration,
                         "pkcs11.key: " + label + " is no Ed25519 key");
    }
    PublicKey out;
    std::copy_n(point.begin() + (wrapped ? head : 0), PublicKey::size, out.data.begin());
    return out;
}

Result<Signature, CK_RV> TokenSigner::Session::sign(ByteView message) const {
    CK_MECHANISM mechanism{CKM_EDDSA, nullptr, 0};
    if (const auto code = module_->C_SignInit(session_, &mechanism, key_); code != CKR_OK) {
        return fail(code);
    }
    Bytes bytes(message);  // the interface takes no const
    Signature out;
    CK_ULONG size = out.data.size();
    const auto code =
        module_->C_Sign(session_, reinterpret_cast<unsigned char*>(bytes.data()),  // NOLINT
                        bytes.size(), out.data.data(), &size);
    if (code != CKR_OK || size != out.data.size()) {
        return fail(code == CKR_OK ? CK_RV{CKR_GENERAL_ERROR} : code);
    }
    return out;
}

TokenSigner::TokenSigner(TokenSettings settings) : settings_(std::move(settings)) {}
TokenSigner::~TokenSigner() = default;

Result<std::unique_ptr<TokenSigner>, Failure> TokenSigner::open(const TokenSettings& settings) {
    std::unique_ptr<TokenSigner> out(new TokenSigner(settings));
    auto session = std::make_unique<Session>();
    TRY(session->open(settings));
    TRY_ASSIGN(out->public_key_, session->find_key(settings.key));
    out->session_ = std::move(session);
    const ByteView proof = "remit-signer: does this key pair belong together?";
    if (!out->signature_of(proof)) {
        return fail_with(ExitCode::bad_configuration,
                         "pkcs11.key: the token's signatures do not fit its public key",
                         "the token must sign by CKM_EDDSA with an Ed25519 key");
    }
    return out;
}

std::optional<Signature> TokenSigner::signature_of(ByteView message) const {
    for (const bool again : {false, true}) {
        if (again || !session_) {
            session_.reset();  // one module at a time
            auto session = std::make_unique<Session>();
            if (!session->open(settings_) || session->find_key(settings_.key) != public_key_) {
                return std::nullopt;
            }
            session_ = std::move(session);
        }
        const auto signature = session_->sign(message);
        if (signature && verify(public_key_, message, *signature)) {
            return *signature;
        }
    }
    return std::nullopt;
}

const PublicKey& TokenSigner::public_key() const {
    return public_key_;
}

}  // namespace remit::node::signer
