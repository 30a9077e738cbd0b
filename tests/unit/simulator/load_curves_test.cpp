#include "simulator/load_curves.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "sim_fixture.hpp"

namespace wutong::simulator::test {
namespace {

/// A folder with one premises whose week is `week`, repeated; day 10 is as `gap_day` says.
class DataFolder {
public:
    DataFolder()
        : path{std::filesystem::temp_directory_path() / ("wutong-curves-" + std::to_string(::getpid()))} {
        std::filesystem::create_directories(path);
    }
    ~DataFolder() { std::filesystem::remove_all(path); }
    DataFolder(const DataFolder&) = delete;
    DataFolder& operator=(const DataFolder&) = delete;

    void write(const std::string& premises, const std::string& curves) const {
        std::ofstream{path / "premises.csv"} << premises;
        std::ofstream{path / "load-curves.csv.gz"} << curves;  // zlib reads plain text as well
    }

    std::filesystem::path path;
};

const std::string kHead = "premises_id,use,share_permille,gap_hours\n";
const std::string kPremises = kHead + "E1,shop,500,1\n";

/// Hour h of day d draws 100 d + h watts; `gap` leaves hour 5 of that day empty.
std::string year(int gap_day = -1, int always_empty_hour = -1) {
    std::string text = "premises_id,day,h00\n";
    for (int day = 0; day < 364; ++day) {
        text += "E1," + std::to_string(day);
        for (int hour = 0; hour < 24; ++hour) {
            const bool empty = (day == gap_day && hour == 5) || hour == always_empty_hour;
            text += "," + (empty ? "" : std::to_string(100 * day + hour));
        }
        text += "\n";
    }
    return text;
}

}  // namespace

TEST_CASE("curves: what is shipped is enough for the tower and has no holes") {
    const auto& all = curves();
    CHECK(all.of_use(Use::apartment).size() == 64);
    CHECK(all.of_use(Use::shop).size() == 7);
    CHECK(all.of_use(Use::office).size() == 9);
    for (const auto& curve : all.all()) {
        INFO(curve.premises_id);
        REQUIRE(curve.watts.size() == LoadCurve::kHours);
        CHECK(*std::min_element(curve.watts.begin(), curve.watts.end()) >= 0);
        CHECK(*std::max_element(curve.watts.begin(), curve.watts.end()) > 0);
        CHECK(curve.gap_hours < 24 * 60);
    }
    CHECK(std::filesystem::file_size(data_folder() / "load-curves.csv.gz") < 1'500'000);
}

TEST_CASE("curves: hours, weekdays and shares") {
    const DataFolder folder;
    folder.write(kPremises, year());
    const LoadCurves loaded{folder.path};
    const auto& curve = *loaded.find("E1");
    const auto tuesday = std::chrono::sys_days{std::chrono::year{2013} / 1 / 1};
    CHECK(curve.watts_at(tuesday + std::chrono::hours{3}, {}, 0) == 1);  // half of 3, whole watts
    CHECK(curve.watts_at(tuesday + std::chrono::hours{24 * 7 + 4}, {}, 0) == (100 * 7 + 4) / 2);
    CHECK(curve.watts_at(tuesday, std::chrono::minutes{480}, 0) == 4);
    CHECK(curve.watts_at(tuesday, {}, 2) == 100 * 14 / 2);
    // 364 days later it is the same weekday and the record begins again.
    CHECK(curve.watts_at(tuesday + std::chrono::days{364} + std::chrono::hours{2}, {}, 0) == 1);
    CHECK(curve.watts_at(tuesday - std::chrono::hours{1}, {}, 0) == (100 * 363 + 23) / 2);
}

TEST_CASE("curves: a gap takes the same hour of the week before, never zero") {
    const DataFolder folder;
    folder.write(kPremises, year(10));
    const LoadCurves loaded{folder.path};
    CHECK(loaded.find("E1")->gap_hours == 1);
    CHECK(loaded.find("E1")->watts[10 * 24 + 5] == 100 * 3 + 5);
}

TEST_CASE("curves: faults in the files are named with their line") {
    struct Row {
        std::string premises, curves, message;
    };
    const Row rows[] = {
        {kHead + "E1,palace,500,0\n", year(), "premises.csv:2: use is 'palace'"},
        {kHead + "E1,shop,0,0\n", year(), "premises.csv:2: share_permille is '0'"},
        {kHead + "E1,shop,1000,0\nE1,shop,1000,0\n", year(), "premises.csv:3: premises E1 twice"},
        {kHead + "E1,shop\n", year(), "premises.csv:2: 2 fields, expected 4"},
        {kPremises, "head\nE2,0" + std::string(24, ',') + "\n",
         "load-curves.csv.gz:2: premises E2 is not in"},
        {kPremises, "head\nE1,364" + std::string(24, ',') + "\n", "day is '364'"},
        {kPremises, "head\nE1,0,1.5" + std::string(23, ',') + "\n", "watt-hours is '1.5'"},
        {kPremises, "head\nE1,0", "file cut off"},
        {kPremises, year(-1, 7), "no reading at all for hour"},
    };
    for (const auto& row : rows) {
        const DataFolder folder;
        folder.write(row.premises, row.curves);
        INFO(row.message);
        CHECK_THROWS_WITH(LoadCurves{folder.path}, Catch::Contains(row.message));
    }
    CHECK_THROWS_WITH(LoadCurves{"/nonexistent"}, Catch::Contains("can't be opened"));
}

TEST_CASE("curves: the data folder is found, or the places that were tried are named") {
    CHECK(find_data_folder(data_folder(), "/usr/bin/wutong-sim") == data_folder());
    CHECK_THROWS_WITH(find_data_folder("", "/opt/x/bin/wutong-sim"),
                      Catch::Contains("/opt/x/share/wutong/sim-data") && Catch::Contains("--data"));
}

}  // namespace wutong::simulator::test
