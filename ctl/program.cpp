#include "ctl/program.hpp"

#include <google/protobuf/util/time_util.h>

#include <ctime>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/quantities.hpp"
#include "wutong/v1/account_service.grpc.pb.h"
#include "wutong/v1/device_service.grpc.pb.h"

namespace wutong::ctl {

void Program::show(const google::protobuf::Message& message, const std::function<void()>& text) const {
    if (options.json) {
        std::cout << to_json(message).dump() << '\n';
    } else {
        text();
    }
    std::cout.flush();
}

namespace {

void report(const Program& program, const Failure& failure) {
    if (program.options.json) {
        nlohmann::ordered_json json{{"error", failure.what()},
                                    {"exit_code", static_cast<int>(failure.code())}};
        if (!failure.reason().empty()) {
            json["reason"] = failure.reason();
        }
        std::cout << json.dump() << '\n';
    } else {
        std::cerr << "wutongctl: " << failure.what() << '\n';
    }
}

std::optional<std::int64_t> id_reference(const std::string& reference) {
    if (reference.size() < 2 || reference[0] != '#') {
        return std::nullopt;
    }
    try {
        std::size_t used = 0;
        const std::int64_t id = std::stoll(reference.substr(1), &used);
        if (used + 1 == reference.size() && id > 0) {
            return id;
        }
    } catch (const std::exception&) {
        // said below, with the text
    }
    throw Failure(ExitCode::usage, "'" + reference + "' is not an id: '#' and a number expected");
}

}  // namespace

int run(int argc, const char* const* argv) {
    Program program;
    CLI::App app{"wutongctl: everything a Wutong server offers, from the command line"};
    app.set_version_flag("--version", WUTONG_CTL_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.get_formatter()->column_width(34);
    app.add_option("--server", program.options.server, "HOST:PORT; the one used last, else localhost:7443")
        ->envname("WUTONG_SERVER");
    app.add_option("--fingerprint", program.options.fingerprint,
                   "Pin the server's certificate (SHA-256, hex)");
    app.add_flag("--accept-new-certificate", program.options.accept_new,
                 "Pin an unknown server without asking");
    app.add_option("--property", program.options.property, "Code of the property, when there are several")
        ->envname("WUTONG_PROPERTY");
    app.add_option("--home", program.options.home, "Where servers and sessions are remembered")
        ->envname("WUTONG_CTL_HOME");
    app.add_option("--request-id", program.options.request_id, "UUID of an earlier try of the same change");
    app.add_option("--timeout", program.options.timeout_s, "Seconds that one call may take")
        ->check(CLI::Range(1, 3600));
    app.add_flag("--json", program.options.json, "Print JSON");

    add_session_commands(app, program);
    add_operator_commands(app, program);
    add_site_commands(app, program);
    add_device_commands(app, program);
    add_account_commands(app, program);
    add_sale_commands(app, program);
    add_control_commands(app, program);
    add_batch_commands(app, program);
    add_report_commands(app, program);
    add_cashier_commands(app, program);
    add_statement_commands(app, program);
    add_reading_commands(app, program);
    add_ledger_commands(app, program);
    add_account_change_commands(app, program);
    add_balance_commands(app, program);
    add_held_commands(app, program);
    add_doubted_commands(app, program);
    add_upkeep_commands(app, program);
    add_recording_commands(app, program);
    add_history_commands(app, program);
    add_bus_commands(app, program);
    add_kiosk_commands(app, program);
    add_tariff_commands(app, program);
    add_tariff_price_commands(app, program);
    add_meter_group_commands(app, program);
    add_message_commands(app, program);
    add_completion_commands(app);

    if (argc > 1 && std::string{argv[1]} == "complete") {
        print_candidates(app, {argv + 2, argv + argc});
        return static_cast<int>(ExitCode::ok);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& wanted) {
        return app.exit(wanted);
    } catch (const CLI::ParseError& error) {
        app.exit(error);
        return static_cast<int>(ExitCode::usage);
    } catch (const Exit& said) {
        return static_cast<int>(said.code);
    } catch (const Failure& failure) {
        report(program, failure);
        return static_cast<int>(failure.code());
    } catch (const std::exception& error) {
        report(program, Failure(ExitCode::refused, error.what()));
        return static_cast<int>(ExitCode::refused);
    }
    return static_cast<int>(ExitCode::ok);
}

std::int64_t find_meter(Program& program, const std::string& reference) {
    if (const auto id = id_reference(reference)) {
        return *id;
    }
    v1::GetMeterRequest request;
    request.set_property_id(program.client.property_id());
    request.set_code(reference);
    try {
        return call(program.client, &v1::DeviceService::Stub::GetMeter, request).meter_id();
    } catch (const Failure& failure) {
        if (failure.code() != ExitCode::refused) {
            throw;
        }
    }
    request.clear_code();
    request.set_serial_number(reference);
    return call(program.client, &v1::DeviceService::Stub::GetMeter, request).meter_id();
}

std::string commodity_of(Program& program, std::int64_t meter) {
    v1::GetMeterRequest request;
    request.set_property_id(program.client.property_id());
    request.set_meter_id(meter);
    return call(program.client, &v1::DeviceService::Stub::GetMeter, request).commodity();
}

std::int64_t find_account(Program& program, const std::string& reference) {
    if (const auto id = id_reference(reference)) {
        return *id;
    }
    v1::GetAccountRequest request;
    request.set_property_id(program.client.property_id());
    request.set_number(reference);
    return call(program.client, &v1::AccountService::Stub::GetAccount, request).account_id();
}

std::int64_t parse_amount(const std::string& text) {
    try {
        return core::parse_money(text).ten_thousandths();
    } catch (const std::exception& error) {
        throw Failure(ExitCode::usage, error.what());
    }
}

v1::TenderMethod parse_method(const std::string& text) {
    std::string name = "TENDER_METHOD_" + text;
    for (char& c : name) {
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
    v1::TenderMethod method{};
    if (!v1::TenderMethod_Parse(name, &method) || method == v1::TENDER_METHOD_UNSPECIFIED) {
        throw Failure(ExitCode::usage,
                      "'" + text + "' is no way of paying: cash, card, transfer, cheque or online");
    }
    return method;
}

google::protobuf::Timestamp parse_time(const std::string& text) {
    google::protobuf::Timestamp time;
    if (google::protobuf::util::TimeUtil::FromString(text, &time) ||
        google::protobuf::util::TimeUtil::FromString(text + "T00:00:00Z", &time)) {
        return time;
    }
    throw Failure(ExitCode::usage,
                  "'" + text + "' is not a time: 2026-03-26 or 2026-03-26T10:42:00Z expected");
}

std::string time_text(bool has, const google::protobuf::Timestamp& time) {
    if (!has) {
        return "—";
    }
    const std::time_t seconds = time.seconds();
    std::tm local{};
#ifdef _WIN32
    localtime_s(&local, &seconds);
#else
    localtime_r(&seconds, &local);
#endif
    std::ostringstream out;
    out << std::put_time(&local, "%Y-%m-%d %H:%M:%S");
    return out.str();
}

std::string optional_money(bool has, std::int64_t e4) {
    return has ? money_text(e4) : "—";
}

void PageOptions::add_to(CLI::App& verb) {
    verb.add_option("--limit", size, "Rows at most")->check(CLI::Range(1, 1000));
    verb.add_option("--after", after, "next_page_token of the answer before");
}

void PageOptions::fill(v1::Page& page) const {
    page.set_size(size);
    page.set_token(after);
}

void PageOptions::hint(const std::string& next_page_token) const {
    if (!next_page_token.empty()) {
        std::cout << "more: --after " << next_page_token << '\n';
    }
}

}  // namespace wutong::ctl
