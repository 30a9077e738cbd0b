#include <chrono>
#include <iostream>

#include "ctl/commands/meter_view.hpp"
#include "wutong/v1/device_service.grpc.pb.h"
#include "wutong/v1/firmware_service.grpc.pb.h"

namespace wutong::ctl {

std::string status_text(v1::MeterStatus status) {
    switch (status) {
        case v1::METER_STATUS_NORMAL:
            return "normal";
        case v1::METER_STATUS_ALARM_1:
            return "alarm 1";
        case v1::METER_STATUS_ALARM_2:
            return "alarm 2";
        case v1::METER_STATUS_ARREARS:
            return "arrears";
        case v1::METER_STATUS_NO_ACCOUNT:
            return "no account";
        case v1::METER_STATUS_LOST:
            return "lost";
        case v1::METER_STATUS_GUARANTEED:
            return "guaranteed";
        case v1::METER_STATUS_FORCED_OFF:
            return "forced off";
        case v1::METER_STATUS_DELIVERING:
            return "delivering";
        default:
            return "—";
    }
}

std::string age_text(bool has, const google::protobuf::Timestamp& time) {
    if (!has) {
        return "never";
    }
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    const auto age = std::max<std::int64_t>(0, now - time.seconds());
    if (age < 120) {
        return std::to_string(age) + " s";
    }
    if (age < 7200) {
        return std::to_string(age / 60) + " min";
    }
    return age < 172'800 ? std::to_string(age / 3600) + " h" : std::to_string(age / 86'400) + " d";
}

void print_meters(const std::vector<v1::Meter>& meters) {
    Table table;
    table.column("id", Table::Align::right);
    for (const char* title : {"code", "unit", "profile", "channel", "account", "status"}) {
        table.column(title);
    }
    for (const char* title : {"balance", "register", "power W", "No.", "age"}) {
        table.column(title, Table::Align::right);
    }
    for (const auto& one : meters) {
        const auto& state = one.state();
        table.row(
            {std::to_string(one.meter_id()), one.code(), one.unit_code(), one.profile(),
             one.channel_code() + "/" +
                 (one.station_address().empty() ? std::to_string(one.bus_address()) : one.station_address()),
             one.account_number(), status_text(state.status()),
             optional_money(state.has_balance_e4(), state.balance_e4()),
             state.has_energy_wh() ? energy_text(state.energy_wh(), one.commodity()) : "—",
             state.has_power_w() ? std::to_string(state.power_w()) : "—",
             state.has_purchase_number() ? std::to_string(state.purchase_number()) : "—",
             age_text(state.has_answered_at(), state.answered_at())});
    }
    table.print(std::cout);
}

namespace {

void add_setting_options(CLI::App& verb, v1::Meter& meter) {
    const auto money = [&](const char* name, auto set, const char* help) {
        verb.add_option_function<std::string>(
            name, [&meter, set](const std::string& text) { set(meter, parse_amount(text)); }, help);
    };
    money(
        "--price", [](v1::Meter& m, std::int64_t v) { m.set_price_e4(v); },
        "Per kWh, of water per m³, e.g. 0.9500");
    money(
        "--alarm-1", [](v1::Meter& m, std::int64_t v) { m.set_alarm_1_e4(v); },
        "Balance of the first warning");
    money(
        "--alarm-2", [](v1::Meter& m, std::int64_t v) { m.set_alarm_2_e4(v); },
        "Balance of the second warning");
    money(
        "--overdraft", [](v1::Meter& m, std::int64_t v) { m.set_overdraft_e4(v); }, "Emergency credit");
    money(
        "--balance-max", [](v1::Meter& m, std::int64_t v) { m.set_balance_max_e4(v); }, "Hoarding limit");
    verb.add_option_function<std::int64_t>("--overload-w",
                                           [&meter](const std::int64_t& v) { meter.set_overload_w(v); });
    verb.add_option_function<int>("--reading-interval-s",
                                  [&meter](const int& v) { meter.set_reading_interval_s(v); });
    verb.add_option_function<int>("--state-interval-s",
                                  [&meter](const int& v) { meter.set_state_interval_s(v); });
}

void add_meter_list(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("list", "Meters with their newest values");
    auto page = std::make_shared<PageOptions>();
    auto status = std::make_shared<std::string>();
    auto role = std::make_shared<std::string>();
    auto channel = std::make_shared<std::int64_t>(0);
    page->add_to(*verb);
    verb->add_option(
        "--status", *status,
        "normal, alarm_1, alarm_2, arrears, no_account, lost, guaranteed, forced_off, delivering");
    verb->add_option("--role", *role, "prepaid, monitor or feeder");
    verb->add_option("--channel-id", *channel);
    verb->callback([&program, page, status, role, channel] {
        v1::ListMetersRequest request;
        request.set_property_id(program.client.property_id());
        request.set_role(*role);
        request.set_channel_id(*channel);
        if (!status->empty()) {
            std::string name = "METER_STATUS_" + *status;
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            v1::MeterStatus value{};
            if (!v1::MeterStatus_Parse(name, &value)) {
                throw Failure(ExitCode::usage, "no status '" + *status + "'");
            }
            request.set_status(value);
        }
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::DeviceService::Stub::ListMeters, request);
        program.show(list, [&] {
            print_meters({list.meters().begin(), list.meters().end()});
            page->hint(list.next_page_token());
        });
    });
}

void add_meter_create(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("create", "A new meter");
    auto request = std::make_shared<v1::CreateMeterRequest>();
    auto* meter = request->mutable_meter();
    meter->set_enabled(true);
    meter->set_role("prepaid");
    verb->add_option_function<std::string>("code", [meter](const std::string& v) { meter->set_code(v); })
        ->required();
    verb->add_option_function<std::string>("--serial",
                                           [meter](const std::string& v) { meter->set_serial_number(v); })
        ->required();
    verb->add_option_function<std::string>("--profile",
                                           [meter](const std::string& v) { meter->set_profile(v); })
        ->required();
    verb->add_option_function<std::int64_t>("--channel-id",
                                            [meter](const std::int64_t& v) { meter->set_channel_id(v); })
        ->required();
    verb->add_option_function<std::string>(
        "--station", [meter](const std::string& v) { meter->set_station_address(v); },
        "Address of DL/T 645 (12 digits), CJ/T 188 (14 digits) or DLMS (client/logical/physical)");
    verb->add_option_function<int>("--address", [meter](const int& v) { meter->set_bus_address(v); })
        ->required();
    verb->add_option_function<std::int64_t>("--unit-id",
                                            [meter](const std::int64_t& v) { meter->set_unit_id(v); });
    verb->add_option_function<std::string>("--role", [meter](const std::string& v) { meter->set_role(v); });
    add_setting_options(*verb, *meter);
    verb->callback([&program, request] {
        request->set_request_id(program.client.request_id());
        request->mutable_meter()->set_property_id(program.client.property_id());
        const auto made = call(program.client, &v1::DeviceService::Stub::CreateMeter, *request);
        program.show(made, [&] { print_meters({made}); });
    });
}

void add_meter_update(CLI::App& noun, Program& program) {
    auto* verb =
        noun.add_subcommand("update", "Change what is wanted of a meter; send it with 'command send'");
    auto reference = std::make_shared<std::string>();
    auto changes = std::make_shared<v1::Meter>();
    verb->add_option("meter", *reference, "Code, serial number or #ID")->required();
    verb->add_option_function<std::string>(
        "--station", [changes](const std::string& v) { changes->set_station_address(v); },
        "Its address where the protocol is not Modbus");
    add_setting_options(*verb, *changes);
    auto* enabled =
        verb->add_option_function<bool>("--enabled", [changes](const bool& v) { changes->set_enabled(v); });
    verb->callback([&program, reference, changes, enabled] {
        v1::GetMeterRequest get;
        get.set_property_id(program.client.property_id());
        get.set_meter_id(find_meter(program, *reference));
        v1::UpdateMeterRequest request;
        request.set_request_id(program.client.request_id());
        *request.mutable_meter() = call(program.client, &v1::DeviceService::Stub::GetMeter, get);
        request.mutable_meter()->MergeFrom(*changes);
        if (enabled->count() > 0) {
            request.mutable_meter()->set_enabled(changes->enabled());
        }
        const auto updated = call(program.client, &v1::DeviceService::Stub::UpdateMeter, request);
        program.show(updated, [&] { print_meters({updated}); });
    });
}

void add_meter_firmware(CLI::App& noun, Program& program) {
    auto* verb = noun.add_subcommand("firmware", "Versions that meters tell of themselves, by meter");
    auto page = std::make_shared<PageOptions>();
    page->add_to(*verb);
    verb->callback([&program, page] {
        v1::ListMeterFirmwareRequest request;
        request.set_property_id(program.client.property_id());
        page->fill(*request.mutable_page());
        const auto list = call(program.client, &v1::FirmwareService::Stub::ListMeterFirmware, request);
        program.show(list, [&] {
            Table table;
            for (const char* title : {"meter", "unit", "profile", "firmware", "since", "before", "read"}) {
                table.column(title);
            }
            for (const auto& one : list.meters()) {
                table.row({one.meter_code(), one.unit_code(), one.profile(), one.version(),
                           time_text(true, one.since()), one.before(), time_text(true, one.read_at())});
            }
            table.print(std::cout);
            page->hint(list.next_page_token());
        });
    });
}

}  // namespace

void add_meter_commands(CLI::App& app, Program& program) {
    auto* noun = app.add_subcommand("meter", "Meters")->require_subcommand(1);
    add_meter_list(*noun, program);
    add_meter_create(*noun, program);
    add_meter_update(*noun, program);

    auto* show = noun->add_subcommand("show", "One meter");
    auto reference = std::make_shared<std::string>();
    show->add_option("meter", *reference, "Code, serial number or #ID")->required();
    show->callback([&program, reference] {
        v1::GetMeterRequest request;
        request.set_property_id(program.client.property_id());
        request.set_meter_id(find_meter(program, *reference));
        const auto meter = call(program.client, &v1::DeviceService::Stub::GetMeter, request);
        program.show(meter, [&] {
            print_meters({meter});
            v1::ListMeterFirmwareRequest asked;
            asked.set_property_id(request.property_id());
            asked.set_meter_id(request.meter_id());
            for (const auto& one :
                 call(program.client, &v1::FirmwareService::Stub::ListMeterFirmware, asked).meters()) {
                std::cout << "firmware: " << one.version() << ", since " << time_text(true, one.since())
                          << (one.before().empty() ? "" : ", before: " + one.before()) << ", read "
                          << time_text(true, one.read_at()) << '\n';
            }
        });
    });
    add_meter_firmware(*noun, program);

    auto* search =
        noun->add_subcommand("search", "By any part of code, serial, unit, account, customer or phone");
    auto text = std::make_shared<std::string>();
    auto limit = std::make_shared<int>(50);
    search->add_option("text", *text)->required();
    search->add_option("--limit", *limit)->check(CLI::Range(1, 1000));
    search->callback([&program, text, limit] {
        v1::SearchMetersRequest request;
        request.set_property_id(program.client.property_id());
        request.set_text(*text);
        request.set_limit(*limit);
        const auto list = call(program.client, &v1::DeviceService::Stub::SearchMeters, request);
        program.show(list, [&] { print_meters({list.meters().begin(), list.meters().end()}); });
    });
}

}  // namespace wutong::ctl
