#pragma once

#include <google/protobuf/message.h>
#include <google/protobuf/timestamp.pb.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "ctl/client.hpp"
#include "ctl/output.hpp"
#include "wutong/v1/common.pb.h"

namespace wutong::ctl {

/// What every command works with.
struct Program {
    GlobalOptions options;
    Client client{options};

    /// JSON to stdout, or `text` when people read it.
    void show(const google::protobuf::Message& message, const std::function<void()>& text) const;
};

/// Runs wutongctl. @return the exit code; see exit_code.hpp
int run(int argc, const char* const* argv);

// Each adds its nouns and verbs; a verb's callback does the work.
void add_session_commands(CLI::App& app, Program& program);
void add_operator_commands(CLI::App& app, Program& program);
void add_site_commands(CLI::App& app, Program& program);
void add_device_commands(CLI::App& app, Program& program);
/// "profile" and "probe".
void add_profile_commands(CLI::App& app, Program& program);
void add_account_commands(CLI::App& app, Program& program);
void add_sale_commands(CLI::App& app, Program& program);
void add_control_commands(CLI::App& app, Program& program);
void add_batch_commands(CLI::App& app, Program& program);
/// Verbs of `account` and `sale`, which have to be there, and `find`.
void add_report_commands(CLI::App& app, Program& program);
/// "point" and "shift".
void add_cashier_commands(CLI::App& app, Program& program);
/// "account statement": after add_account_commands.
void add_statement_commands(CLI::App& app, Program& program);
void add_reading_commands(CLI::App& app, Program& program);
void add_ledger_commands(CLI::App& app, Program& program);
/// "account exchange-meter", "exchanges", "transfer": after add_account_commands.
void add_account_change_commands(CLI::App& app, Program& program);
/// "balances"
void add_balance_commands(CLI::App& app, Program& program);
/// "held"
void add_held_commands(CLI::App& app, Program& program);
void add_doubted_commands(CLI::App& app, Program& program);
/// "event", "clock", "collection"
void add_upkeep_commands(CLI::App& app, Program& program);
/// "channel record", "channel recordings": after add_device_commands.
void add_recording_commands(CLI::App& app, Program& program);
/// "history", "energy", "feeder"
void add_history_commands(CLI::App& app, Program& program);
/// "bus"
void add_bus_commands(CLI::App& app, Program& program);
/// "kiosk", and "account set-pin": after add_account_commands.
void add_kiosk_commands(CLI::App& app, Program& program);
void add_tariff_commands(CLI::App& app, Program& program);
/// "meter-group"
void add_meter_group_commands(CLI::App& app, Program& program);
/// Verbs of `tariff`: after add_tariff_commands.
void add_tariff_price_commands(CLI::App& app, Program& program);
/// "message"
void add_message_commands(CLI::App& app, Program& program);
void add_completion_commands(CLI::App& app);
/// What may follow `words` on the command line, one a line. The shells ask by `wutongctl complete WORD…`.
void print_candidates(const CLI::App& app, const std::vector<std::string>& words);

// ---- shared by the commands --------------------------------------------------------------------

/// A meter by its code, its serial number, or "#ID".
[[nodiscard]] std::int64_t find_meter(Program& program, const std::string& reference);
/// electricity | water
[[nodiscard]] std::string commodity_of(Program& program, std::int64_t meter);
/// A group of meters by its code, or "#ID".
[[nodiscard]] std::int64_t find_meter_group(Program& program, const std::string& reference);
/// An account by its number, or "#ID".
[[nodiscard]] std::int64_t find_account(Program& program, const std::string& reference);
/// "100.00" to ten-thousandths. @throws Failure(usage)
[[nodiscard]] std::int64_t parse_amount(const std::string& text);
[[nodiscard]] v1::TenderMethod parse_method(const std::string& text);
/// "2026-03-26" or "2026-03-26T10:42:00Z". @throws Failure(usage)
[[nodiscard]] google::protobuf::Timestamp parse_time(const std::string& text);
/// "2026-03-26 10:42:07" in local time; empty for a time that is not set.
[[nodiscard]] std::string time_text(bool has, const google::protobuf::Timestamp& time);
/// "—" for what is not known.
[[nodiscard]] std::string optional_money(bool has, std::int64_t e4);

/// --limit and --after, shared by all lists.
struct PageOptions {
    int size = 100;
    std::string after;
    void add_to(CLI::App& verb);
    void fill(v1::Page& page) const;
    /// Tells people how to get the rest.
    void hint(const std::string& next_page_token) const;
};

}  // namespace wutong::ctl
