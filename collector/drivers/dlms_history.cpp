#include "collector/drivers/dlms_history.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "collector/drivers/dlms_values.hpp"

namespace wutong::collector {

namespace dlms = protocols::dlms;

namespace {

constexpr std::chrono::hours kLongest{24};
constexpr std::uint8_t kBuffer = 2;
constexpr std::uint8_t kColumns = 3;
constexpr std::uint8_t kPeriod = 4;
constexpr std::size_t kProfileBytes = 1'024;
constexpr std::int64_t kPeriodMax = 86'400;

HistoryReadout failure(BusReply::Kind kind, std::string reason) {
    HistoryReadout history;
    history.kind = kind;
    history.reason = std::move(reason);
    return history;
}

dlms::DateTime shown(core::Timestamp at, std::chrono::seconds utc_offset) {
    const auto local = std::chrono::floor<std::chrono::seconds>(at) + utc_offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{local - day};
    dlms::DateTime moment;
    moment.clock = {static_cast<int>(date.year()),
                    static_cast<int>(static_cast<unsigned>(date.month())),
                    static_cast<int>(static_cast<unsigned>(date.day())),
                    static_cast<int>(time.hours().count()),
                    static_cast<int>(time.minutes().count()),
                    static_cast<int>(time.seconds().count())};
    moment.deviation_minutes =
        -static_cast<int>(std::chrono::duration_cast<std::chrono::minutes>(utc_offset).count());
    return moment;
}

core::Timestamp in_our_time(const dlms::DateTime& moment, std::chrono::seconds utc_offset) {
    const auto& clock = moment.clock;
    const std::chrono::sys_days day{std::chrono::year{clock.year} / clock.month / clock.day};
    const auto wall = day + std::chrono::hours{clock.hour} + std::chrono::minutes{clock.minute} +
                      std::chrono::seconds{clock.second};
    const std::chrono::seconds to_utc =
        moment.deviation_minutes ? std::chrono::minutes{*moment.deviation_minutes} : -utc_offset;
    return core::Timestamp{wall + to_utc};
}

/// What each column is, in the meter's own order.
struct Layout {
    std::vector<const core::Field*> fields;  ///< null: a column that nobody asked for
    std::size_t time_column = 0;
    std::chrono::seconds period{0};
};

std::variant<Layout, std::string> layout_of(const core::MeterProfile& profile, const DlmsClient::Read& told) {
    const auto* list = std::get_if<dlms::Data>(&told.results[0]);
    const auto* period = std::get_if<dlms::Data>(&told.results[1]);
    const auto seconds = period == nullptr ? std::nullopt : dlms::as_integer(*period);
    if (list == nullptr || !seconds || *seconds < 0 || *seconds > kPeriodMax) {
        return "the meter does not tell columns and period of its load profile";
    }
    const auto columns = dlms::decode_capture_objects(*list);
    if (const auto* fault = std::get_if<protocols::DecodeFault>(&columns)) {
        return fault->reason;
    }
    Layout layout;
    layout.period = std::chrono::seconds{*seconds};
    bool timed = false;
    for (const auto& column : std::get<std::vector<dlms::CaptureObject>>(columns)) {
        if (column.object == dlms::kClockObject && !timed) {
            layout.time_column = layout.fields.size();
            timed = true;
        }
        const core::Field* found = nullptr;
        for (const auto& block : profile.blocks) {
            for (const auto& field : block.fields) {
                if (field.quantity != core::Quantity::clock && field.object.class_id == column.class_id &&
                    field.object.obis == column.object.code && field.object.attribute == column.attribute &&
                    column.data_index == 0) {
                    found = &field;
                }
            }
        }
        layout.fields.push_back(found);
    }
    return timed ? std::variant<Layout, std::string>{std::move(layout)}
                 : std::string{"the meter's load profile has no time in it"};
}

/// Scalers that this session has not asked for yet, as a look at the meter would.
std::string learn_scalers(const MeterDriver& driver, MeterBus& bus, const FieldMeter& meter,
                          DlmsClient& client, const Layout& layout) {
    const bool known = std::all_of(layout.fields.begin(), layout.fields.end(), [&](const core::Field* field) {
        return field == nullptr || !field->own_scaler || client.session().scalers.contains(field->object);
    });
    if (known) {
        return {};
    }
    const auto readout =
        driver.read_groups(bus, meter, {core::Block::Group::state, core::Block::Group::reading});
    return readout.answered() ? std::string{} : readout.reason;
}

}  // namespace

HistoryReadout dlms_history(MeterBus& bus, const FieldMeter& meter, core::Timestamp from,
                            core::Timestamp to) {
    const auto& object = meter.profile->dlms.load_profile;
    if (!object) {
        return failure(BusReply::Kind::refused,
                       "profile " + meter.profile->id + " names no load_profile under [dlms]");
    }
    DlmsClient client{bus, meter};
    const auto told =
        client.read({{dlms::kClassProfile, *object, kColumns}, {dlms::kClassProfile, *object, kPeriod}});
    if (told.kind != BusReply::Kind::answered) {
        return failure(told.kind, told.reason);
    }
    auto laid_out = layout_of(*meter.profile, told);
    if (auto* fault = std::get_if<std::string>(&laid_out)) {
        return failure(BusReply::Kind::refused, std::move(*fault));
    }
    const auto& layout = std::get<Layout>(laid_out);
    if (auto fault = learn_scalers(driver_of(*meter.profile), bus, meter, client, layout); !fault.empty()) {
        return failure(BusReply::Kind::refused, std::move(fault));
    }
    dlms::RangeSelection range;
    range.from = shown(from, meter.utc_offset);
    range.to = shown(std::min(to, from + kLongest), meter.utc_offset);
    const dlms::GetRequest request{
        {{dlms::kClassProfile, dlms::Obis{*object}, kBuffer}, dlms::encode_selection(range)}};
    auto answer = client.ask(request, kProfileBytes, Repeat::allowed);
    if (!answer.answered()) {
        return failure(answer.kind, std::move(answer.reason));
    }
    const auto* got = std::get_if<dlms::GetResponse>(&*answer.response);
    const auto* buffer = got == nullptr ? nullptr : std::get_if<dlms::Data>(&got->result);
    if (buffer == nullptr) {
        return failure(BusReply::Kind::refused,
                       got == nullptr
                           ? "an answer to something else"
                           : "load profile: " + dlms::to_string(std::get<dlms::AccessResult>(got->result)));
    }
    const auto rows = dlms::decode_profile(*buffer, layout.time_column, layout.period);
    if (const auto* fault = std::get_if<protocols::DecodeFault>(&rows)) {
        return failure(BusReply::Kind::garbled, fault->reason);
    }
    HistoryReadout history;
    history.kind = BusReply::Kind::answered;
    for (const auto& row : std::get<std::vector<dlms::ProfileRow>>(rows)) {
        HistoryRow one{in_our_time(row.at, meter.utc_offset), {}};
        for (std::size_t i = 0; i < row.values.size() && i < layout.fields.size(); ++i) {
            if (const auto* field = layout.fields[i]) {
                const auto scaler = client.session().scalers.find(field->object);
                const auto value = dlms_value(
                    *field, row.values[i],
                    scaler == client.session().scalers.end() ? std::nullopt : std::optional{scaler->second});
                if (const auto* number = std::get_if<std::int64_t>(&value)) {
                    one.values.insert_or_assign(field->quantity, *number);
                }
            }
        }
        if (one.values.contains(core::Quantity::energy_total)) {
            history.rows.push_back(std::move(one));
        }
    }
    return history;
}

}  // namespace wutong::collector
