#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <sstream>

#include "server/importing/import_plan.hpp"

namespace wutong::server {

namespace {

constexpr std::array<const char*, 12> kColumns{
    "property",        "building", "floor",  "unit", "channel", "address",
    "station_address", "profile",  "serial", "code", "role",    "feeds"};
constexpr std::array<const char*, 5> kNeeded{"property", "channel", "profile", "serial", "code"};
constexpr const char* kHeader =
    "property,building,floor,unit,channel,address,station_address,profile,serial,code,role,feeds";

class MeterRowReader {
public:
    MeterRowReader(const CsvRow& row, const std::map<std::string, std::size_t>& columns,
                   const std::string& file, std::vector<ImportFault>& faults)
        : row_{row}, columns_{columns}, file_{file}, faults_{faults} {}

    [[nodiscard]] std::string text(const char* column, std::size_t bytes_max, bool needed) {
        const auto at = columns_.find(column);
        std::string value = at == columns_.end() ? "" : row_.fields[at->second];
        const auto first = value.find_first_not_of(" \t");
        const auto last = value.find_last_not_of(" \t");
        value = first == std::string::npos ? "" : value.substr(first, last - first + 1);
        if (value.empty() && needed) {
            fault(column, "is empty");
        } else if (value.size() > bytes_max) {
            fault(column, fmt::format("is {} bytes long; at most {} are allowed", value.size(), bytes_max));
        } else if (value.find_first_of("\r\n\t") != std::string::npos) {
            fault(column, "has a line break or a tab in it");
        }
        return value;
    }
    [[nodiscard]] std::optional<int> number(const char* column, int least, int most, bool needed) {
        const auto value = text(column, 20, needed);
        if (value.empty()) {
            return std::nullopt;
        }
        int result = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), result);
        if (read.ec != std::errc{} || read.ptr != value.data() + value.size() || result < least ||
            result > most) {
            fault(column, fmt::format("\"{}\" is not a whole number from {} to {}", value, least, most));
            return std::nullopt;
        }
        return result;
    }
    void fault(const std::string& column, const std::string& what) {
        faults_.push_back({file_, row_.line, column, what});
    }

private:
    const CsvRow& row_;
    const std::map<std::string, std::size_t>& columns_;
    const std::string& file_;
    std::vector<ImportFault>& faults_;
};

std::map<std::string, std::size_t> read_header(const CsvRow& row, const std::string& file,
                                               std::vector<ImportFault>& faults) {
    std::map<std::string, std::size_t> columns;
    for (std::size_t i = 0; i < row.fields.size(); ++i) {
        const auto& name = row.fields[i];
        if (std::find(kColumns.begin(), kColumns.end(), name) == kColumns.end()) {
            faults.push_back(
                {file, row.line, name, fmt::format("unknown column; the header is {}", kHeader)});
        } else if (!columns.emplace(name, i).second) {
            faults.push_back({file, row.line, name, "is there twice"});
        }
    }
    if (!columns.contains("address") && !columns.contains("station_address")) {
        faults.push_back(
            {file, row.line, "address",
             fmt::format("column is missing, and so is station_address; the header is {}", kHeader)});
    }
    for (const auto* needed : kNeeded) {
        if (!columns.contains(needed)) {
            faults.push_back(
                {file, row.line, needed, fmt::format("column is missing; the header is {}", kHeader)});
        }
    }
    return columns;
}

void read_meter(MeterRowReader& reader, const ImportPlace& place, ImportPlan& plan) {
    PlannedMeter meter;
    meter.place = place;
    meter.property = reader.text("property", 32, true);
    meter.building = reader.text("building", 32, false);
    meter.floor = reader.number("floor", -100, 1'000, false);
    meter.unit = reader.text("unit", 32, false);
    meter.channel = reader.text("channel", 32, true);
    meter.station_address = reader.text("station_address", 128, false);
    // Which of the two a meter has to have is the profile's business; one of them it needs in any case.
    meter.address = reader.number("address", 1, 247, meter.station_address.empty()).value_or(0);
    meter.profile = reader.text("profile", 64, true);
    meter.serial = reader.text("serial", 32, true);
    meter.code = reader.text("code", 32, true);
    meter.role = reader.text("role", 20, false);
    if (meter.role.empty()) {
        meter.role = "prepaid";
    } else if (meter.role != "prepaid" && meter.role != "monitor" && meter.role != "feeder") {
        reader.fault("role", fmt::format("\"{}\" is not known; use prepaid, monitor or feeder", meter.role));
    }
    if (!meter.unit.empty() && (meter.building.empty() || !meter.floor)) {
        reader.fault("unit", "needs its building and floor in the same row");
    }
    std::istringstream feeds{reader.text("feeds", 1'000, false)};
    for (std::string one; feeds >> one;) {
        meter.feeds.push_back(one);
    }
    if (!meter.feeds.empty() && meter.role != "feeder") {
        reader.fault("feeds", "only a feeder feeds other meters");
    }
    plan.meters.push_back(std::move(meter));
}

}  // namespace

void read_meters_file(std::string_view text, const std::string& file, ImportPlan& plan,
                      std::vector<ImportFault>& faults) {
    const auto rows = parse_csv(text, file, faults);
    if (rows.empty()) {
        if (faults.empty()) {
            faults.push_back({file, 1, "", fmt::format("is empty; it must begin with {}", kHeader)});
        }
        return;
    }
    const auto before = faults.size();
    const auto columns = read_header(rows.front(), file, faults);
    if (faults.size() > before) {
        return;  // without its header no row means anything
    }
    for (std::size_t i = 1; i < rows.size(); ++i) {
        const auto& row = rows[i];
        if (plan.meters.size() >= ImportPlan::kMetersMax) {
            faults.push_back({file, row.line, "", "more than 20000 meters; split the file"});
            return;
        }
        if (row.fields.size() != rows.front().fields.size()) {
            faults.push_back({file, row.line, "",
                              fmt::format("has {} fields, the header has {}", row.fields.size(),
                                          rows.front().fields.size())});
            continue;
        }
        MeterRowReader reader{row, columns, file, faults};
        read_meter(reader, {file, row.line}, plan);
    }
}

}  // namespace wutong::server
