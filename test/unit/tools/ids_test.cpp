#include "tools/cli/ids.h"

#include <catch2/catch.hpp>

namespace remit::cli {

TEST_CASE("ids: a UUID is read as text in either case and as the JSON of the API has it",
          "[cli][ids]") {
    const std::string text = "019a7c1e-5b0e-4d55-9a57-3f1c2d9e0b41";
    CHECK(to_text(parse_uuid(text).value()) == text);
    CHECK(to_text(parse_uuid("019A7C1E-5B0E-4D55-9A57-3F1C2D9E0B41").value()) == text);
    CHECK(to_text(parse_uuid("AZp8HlsOTVWaVz8cLZ4LQQ==").value()) == text);
    for (const auto* bad : {"", "x", "019a7c1e5b0e4d559a573f1c2d9e0b41", "AZp8HlsOTVWaVz8cLZ4L",
                            "AZp8HlsOTVWaVz8cLZ4LQQ", "AZp8HlsOTVWaVz8cLZ4LQQ== "}) {
        CAPTURE(bad);
        const auto id = parse_uuid(bad);
        REQUIRE_FALSE(id.has_value());
        CHECK(id.error().exit == ExitCode::usage);
        CHECK_FALSE(id.error().help.empty());
    }
}

TEST_CASE("ids: a transaction id is read as 64 digits and as the JSON of the API has it",
          "[cli][ids]") {
    const std::string hex = "769fcb5cc5583b6eda42f3f14c9859e41dc48a89580258f69dfd326cf97e3336";
    CHECK(parse_hash(hex).value().hex() == hex);
    CHECK(parse_hash("769FCB5CC5583B6EDA42F3F14C9859E41DC48A89580258F69DFD326CF97E3336")
              .value()
              .hex() == hex);
    CHECK(parse_hash("dp/LXMVYO27aQvPxTJhZ5B3EiolYAlj2nf0ybPl+MzY=").value().hex() == hex);
    CHECK(parse_hash("AZp8HlsOTVWaVz8cLZ4LQQ==").error().exit == ExitCode::usage);
    CHECK(parse_hash(hex.substr(1)).error().exit == ExitCode::usage);
}

}  // namespace remit::cli
