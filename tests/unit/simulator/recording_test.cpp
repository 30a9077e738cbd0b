#include "simulator/recording.hpp"

#include <catch2/catch.hpp>

#include "collector/protocols/modbus_rtu.hpp"

using namespace wutong;
using namespace wutong::simulator;
using namespace std::chrono_literals;

namespace {

const char* const kBus =
    "# wutong line recording 1\n"
    "# channel=BUS1 property=1 epoch=1\n"
    "# transport=serial endpoint=/dev/ttyS0\n"
    "0.000000 < FF\n"
    "0.100000 > 01 03 02 00\n"
    "0.150000 < 01 03\n"
    "0.151500 < AA\n"
    "1.000000 > 01 03 02 00\n"
    "2.000000 > 02 03\n"
    "2.000100 > (12 bytes with a password: not kept)\n"
    "2.100000 < 68 91\n"
    "3.000000 > 01 03 02 00\n"
    "3.020000 < 01 03 BB\n"
    "3.1";

}  // namespace

TEST_CASE("recording: questions get the answers of their time, piece by piece, and begin anew",
          "[recording]") {
    Recording recording{kBus, "bus.rec"};
    CHECK(recording.questions() == 2);
    CHECK(recording.left_out() == 1);
    const protocols::Bytes question{1, 3, 2, 0};
    CHECK(recording.question_in(question) == 4);
    CHECK(recording.question_in(protocols::Bytes{1, 3}) == 0);
    CHECK(recording.may_become(protocols::Bytes{1, 3}));
    CHECK_FALSE(recording.may_become(protocols::Bytes{1, 4}));
    CHECK(recording.question_in(protocols::Bytes{2, 3, 1, 3, 2, 0}) == 2);
    CHECK(recording.question_in(protocols::Bytes{9}) == 0);
    for (int round = 0; round < 2; ++round) {
        const auto first = recording.next_answer(question);
        REQUIRE(first.size() == 2);
        CHECK(first[0].after == 50ms);
        CHECK(first[1].after == 51500us);
        CHECK(first[1].bytes == protocols::Bytes{0xAA});
        CHECK(recording.next_answer(question).empty());  // it was silent then
        const auto third = recording.next_answer(question);
        REQUIRE(third.size() == 1);
        CHECK(third[0].bytes == protocols::Bytes{1, 3, 0xBB});
    }
    // What answered the password is not taken for an answer to the question before it.
    CHECK(recording.next_answer(protocols::Bytes{2, 3}).empty());
}

TEST_CASE("recording: Modbus TCP is answered under the number of the new question", "[recording]") {
    Recording recording{
        "# wutong line recording 1\n# transport=modbus_tcp endpoint=10.0.0.1:502\n"
        "0.000000 > 00 07 00 00 00 02 01 03\n0.010000 < 00 07 00 00 00 02 01 83\n",
        "gw.rec"};
    const protocols::Bytes question{0x12, 0x34, 0, 0, 0, 2, 1, 3};
    CHECK(recording.question_in(question) == question.size());
    const auto answer = recording.next_answer(question);
    REQUIRE(answer.size() == 1);
    CHECK(answer[0].bytes == protocols::Bytes{0x12, 0x34, 0, 0, 0, 2, 1, 0x83});
}

TEST_CASE("recording: what is not one is refused with its line", "[recording]") {
    const auto why = [](const std::string& text) {
        try {
            const Recording refused{text, "x.rec"};
            return std::string{};
        } catch (const std::runtime_error& fault) {
            return std::string{fault.what()};
        }
    };
    const std::string head = "# wutong line recording 1\n";
    CHECK(why("").find("x.rec:1") == 0);
    CHECK(why("hello\n").find("x.rec:1") == 0);
    CHECK(why(head + "0.000000 > 01 0\nrest\n").find("x.rec:2") == 0);
    CHECK(why(head + "\n0.1 > 01\n").find("x.rec:3") == 0);
    CHECK(why(head + "0.000000 ? 01\n").find("x.rec:2") == 0);
    CHECK(why(head).empty());
}
