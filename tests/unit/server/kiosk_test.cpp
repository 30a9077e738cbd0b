#include <catch2/catch.hpp>

#include "server/kiosks/kiosk_devices.hpp"
#include "server/kiosks/rate_limit.hpp"
#include "server/kiosks/visits.hpp"
#include "server/refused.hpp"

using namespace wutong;
using namespace wutong::server;

namespace {

core::Timestamp at(int seconds) {
    return core::Timestamp{std::chrono::seconds{1'772'352'000 + seconds}};
}

}  // namespace

TEST_CASE("kiosk: a kiosk's key can't be taken for an operator's token", "[kiosk]") {
    CHECK(KioskDevices::is_key("kiosk_" + std::string(64, 'a')));
    CHECK_FALSE(KioskDevices::is_key(std::string(64, 'a')));
    CHECK_FALSE(KioskDevices::is_key("kiosk_" + std::string(63, 'a')));
    CHECK_FALSE(KioskDevices::is_key("kiosk_" + std::string(64, 'A')));
    CHECK_FALSE(KioskDevices::is_key(""));
}

TEST_CASE("kiosk: registration codes", "[kiosk]") {
    const auto code = new_registration_code();
    CHECK(code.size() == 12);
    CHECK(code.find_first_not_of("0123456789") == std::string::npos);
    CHECK(code != new_registration_code());
    CHECK(plain_registration_code("1234 5678-9012") == "123456789012");
}

TEST_CASE("kiosk: PINs that are guessed first are refused", "[kiosk]") {
    CHECK_NOTHROW(check_new_pin("274951", "pin"));
    CHECK_NOTHROW(check_new_pin("123457", "pin"));
    for (const auto* bad : {"", "27495", "2749511", "27495a", "000000", "012345", "987654"}) {
        INFO(bad);
        CHECK_THROWS_AS(check_new_pin(bad, "pin"), Refused);
    }
}

TEST_CASE("kiosk: so many calls in a window of time, each key for itself", "[kiosk]") {
    RateLimit limit{3, std::chrono::seconds{60}};
    for (int i = 0; i < 3; ++i) {
        CHECK_FALSE(limit.take("a", at(i)));
    }
    CHECK(limit.take("a", at(10)) == std::chrono::seconds{50});
    CHECK_FALSE(limit.take("b", at(10)));
    CHECK_FALSE(limit.take("a", at(60)));
    // A clock that was set back opens a new window instead of closing the door for long.
    CHECK_FALSE(limit.take("a", at(-5'000)));
    // What is remembered is bounded.
    for (std::size_t i = 0; i < RateLimit::kKeysMax + 10; ++i) {
        CHECK_FALSE(limit.take("key " + std::to_string(i), at(100)));
    }
}
