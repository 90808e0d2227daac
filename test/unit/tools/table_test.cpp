#include "tools/cli/table.h"

#include <catch2/catch.hpp>

namespace remit::cli {

TEST_CASE("table: words go left, amounts right, nothing trails a line", "[cli][table]") {
    Table table({"wallet", ">balance", "state"});
    table.row({"alice", "1,000.00 HKD", "open"}).row({"bob", "0.05 PHP", ""});
    CHECK(table.text() ==
          "wallet       balance  state\n"
          "alice   1,000.00 HKD  open\n"
          "bob         0.05 PHP\n");
}

TEST_CASE("table: width counts characters, not bytes", "[cli][table]") {
    Table table({"name", "x"});
    table.row({"Łukasz", "1"}).row({"Robert", "2"});
    CHECK(table.text() == "name    x\nŁukasz  1\nRobert  2\n");
}

TEST_CASE("properties: aligned, empty values left out", "[cli][table]") {
    CHECK(properties({{"from", "alice"}, {"reason", ""}, {"expires", "soon"}}) ==
          "from     alice\nexpires  soon\n");
}

}  // namespace remit::cli
