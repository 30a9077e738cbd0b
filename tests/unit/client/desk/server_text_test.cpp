#include "client-wx/text/server_text.hpp"

#include <catch2/catch.hpp>

using wutong::client::describe_server_text;

TEST_CASE("server texts: known ones are taken apart and put together again", "[client][text]") {
    CHECK(describe_server_text("\"x\" is not a whole number from 1 to 247") ==
          "\"x\" is not a whole number from 1 to 247");
    CHECK(describe_server_text(
              "channel BUS1 is there already, as serial at \"/dev/x\" with 9600 8N1; an import "
              "changes nothing") ==
          "Channel BUS1 is there already, as serial at \"/dev/x\" with 9600 8N1; an import changes nothing");
    CHECK(describe_server_text("the meter refused: no answer") == "The meter refused: no answer");
    CHECK(describe_server_text("something nobody foresaw {}") == "Something nobody foresaw {}");
    CHECK(describe_server_text("there is no profile \"x\"; known are: acrel, eastron") ==
          "There is no profile \"x\"; known are: acrel, eastron");
    CHECK(describe_server_text("").empty());
    CHECK(describe_server_text("is empty") == "Is empty");
}
