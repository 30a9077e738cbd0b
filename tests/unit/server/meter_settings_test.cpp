#include "server/services/meter_settings.hpp"

#include <catch2/catch.hpp>
#include <filesystem>

#include "server/profiles.hpp"
#include "server/refused.hpp"
#include "server/services/device_checks.hpp"

using namespace wutong;
using namespace wutong::server;

namespace {

struct Opening {
    Profiles profiles{std::filesystem::path{WUTONG_SOURCE_DIR} / "profiles"};
    v1::OpenMeter wanted;
    storage::MeterFacts meter;
    DefaultSettings defaults{9'500, 200'000, 100'000, 0, 0};

    Opening() { meter.code = "1201"; }
    /// @return what was refused, "field: text" each
    std::vector<std::string> refusals(const char* profile = "acrel-ddsy1352") {
        try {
            static_cast<void>(
                resolve_settings(wanted, meter, *profiles.find(profile), defaults, "meters[0]"));
        } catch (const Refused& refused) {
            std::vector<std::string> all;
            for (const auto& field : refused.violations()) {
                all.push_back(field.field + ": " + field.description);
            }
            return all;
        }
        return {};
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("settings: what a register can't hold is refused at the call, whatever it comes from",
          "[settings]") {
    Opening opening;
    CHECK(opening.refusals().empty());
    opening.wanted.set_alarm_1_e4(200'050);  // asked for
    opening.meter.overdraft_e4 = 1;          // given to the meter
    opening.defaults.overload_w = 65'535;    // the property's default
    const auto refusals = opening.refusals();
    REQUIRE(refusals.size() == 3);
    CHECK(has(refusals[0], "meters[0].alarm_1_e4: meter 1201: 200050"));
    CHECK(has(refusals[0], "multiples of 100 from 0 to 429496729400"));
    CHECK(has(refusals[1], "meters[0].overdraft_e4"));
    CHECK(has(refusals[2], "meters[0].overload_w: meter 1201: 65535"));
    CHECK(has(refusals[2], "from 0 to 65534"));
}

TEST_CASE("settings: a meter row is checked against its profile too", "[settings]") {
    Opening opening;
    storage::MeterRow row;
    row.code = "1201";
    row.serial_number = "1";
    row.bus_address = 1;
    row.role = "prepaid";
    row.profile = "acrel-ddsy1352";
    CHECK(check_meter(row, opening.profiles).empty());
    row.alarm_2_e4 = 5;
    const auto violations = check_meter(row, opening.profiles);
    REQUIRE(violations.size() == 1);
    CHECK(violations[0].field == "alarm_2_e4");
    CHECK(has(violations[0].description, "multiples of 100"));
}
