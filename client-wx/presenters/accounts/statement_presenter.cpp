#include "client-wx/presenters/accounts/statement_presenter.hpp"

#include <wutong/v1/account_service.pb.h>

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/presenters/sale/sale_words.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kPage = 500;
constexpr double kUnit = 10'000.0;
constexpr double kThousandths = 1'000.0;

TableCell cell(std::string text, Ink ink = Ink::normal, bool bold = false) {
    return {.text = std::move(text), .ink = ink, .bold = bold};
}

/// The memo of an entry of use: "1200 to 1450 Wh, …", the register before and after.
std::optional<std::int64_t> used_wh(const std::string& memo) {
    const auto to = memo.find(" to ");
    if (to == std::string::npos) {
        return std::nullopt;
    }
    const auto from = parse_count(memo.substr(0, to));
    const auto rest = memo.substr(to + 4);
    const auto until = parse_count(rest.substr(0, rest.find(' ')));
    return from && until && *until >= *from ? std::optional{*until - *from} : std::nullopt;
}

/// "1200 to 1450 l, …"
bool is_litres(const std::string& memo) {
    return memo.find(" l,") != std::string::npos;
}

/// What the entry was about, in the language of the screen: the server's own words are English.
std::string reason_words(const v1::StatementLine& line) {
    std::string words = entry_kind_name(line.kind());
    if (line.kind() == "delivery" && line.reason().starts_with("taken off")) {
        words = tr("Taken off the meter");
    } else if (line.kind() == "rounding") {
        words = tr("Rounding");
    }
    constexpr std::string_view kReceipt = "receipt ";
    if (const auto at = line.reason().find(kReceipt); at != std::string::npos) {
        words += "  ·  " + fill(tr("Receipt {number}"),
                                fmt::arg("number", clipped(line.reason().substr(at + kReceipt.size()), 40)));
    } else if (line.kind() == "consumption") {
        if (const auto used = used_wh(line.memo())) {
            words +=
                "  ·  " + quantity(*used, is_litres(line.memo()) ? Commodity::water : Commodity::electricity);
        }
    } else if (!line.memo().empty() && line.kind() != "delivery" && line.kind() != "release") {
        words += "  ·  " + clipped(line.memo(), 120);
    }
    return words;
}

std::string meter_name(const v1::StatementMeter& meter) {
    return clipped(meter.unit_code().empty() ? meter.meter_code() : meter.unit_code(), 40);
}

}  // namespace

StatementPresenter::StatementPresenter(Context& context, std::function<void()> changed)
    : context_{context}, changed_{std::move(changed)} {
    connection_ = context_.connection.on_change([this] {
        if (context_.connection.online() && !screen_.failure.empty()) {
            refresh();
        }
    });
}

StatementPresenter::~StatementPresenter() = default;

void StatementPresenter::open(std::int64_t account_id) {
    if (account_id != 0 && account_id != account_id_) {
        account_id_ = account_id;
        statement_.reset();
        screen_ = {};
        choose_span(0);
        return;
    }
    refresh();
}

void StatementPresenter::choose_span(int span) {
    const auto now = context_.live.server_now();
    const auto today = table_date(now);
    const auto first = parse_date(today.substr(0, 8) + "01").value_or(start_of_day(now));
    from_ = first;
    to_.reset();
    if (span == 1) {
        to_ = first;
        from_ = parse_date(table_date(start_of_day(first, -1)).substr(0, 8) + "01").value_or(first);
    } else if (span == 2) {
        from_ = start_of_day(now, -29);
    } else if (span == 3) {
        from_.reset();
    }
    screen_.span = span;
    screen_.from = from_ ? table_date(*from_) : std::string{};
    screen_.to = to_ ? table_date(start_of_day(*to_, -1)) : today;
    screen_.from_error.clear();
    screen_.to_error.clear();
    refresh();
}

void StatementPresenter::choose_period(const std::string& from, const std::string& to) {
    screen_.from = from;
    screen_.to = to;
    screen_.span = -1;
    const auto first = parse_date(from);
    const auto last = parse_date(to);
    screen_.from_error = first ? std::string{} : tr("A date like 2026-03-26.");
    screen_.to_error = !last                     ? tr("A date like 2026-03-26.")
                       : first && *last < *first ? tr("The end lies before the start.")
                                                 : std::string{};
    if (!screen_.from_error.empty() || !screen_.to_error.empty()) {
        return tell();
    }
    from_ = first;
    to_ = start_of_day(*last, 1);
    refresh();
}

void StatementPresenter::refresh() {
    if (account_id_ == 0) {
        return;
    }
    screen_.loading = true;
    screen_.can_save = false;
    statement_.reset();
    ask({});
    tell();
}

void StatementPresenter::ask(const std::string& token) {
    v1::StatementRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_account_id(account_id_);
    if (from_) {
        *request.mutable_from() = to_proto_time(*from_);
    }
    if (to_ && *to_ < context_.live.server_now()) {
        *request.mutable_to() = to_proto_time(*to_);
    } else if (statement_) {
        *request.mutable_to() = statement_->to();  // the pages are of one statement
    }
    request.mutable_page()->set_size(kPage);
    request.mutable_page()->set_token(token);
    call_ = context_.server.call(
        method::get_statement, request,
        std::function<void(Result<v1::Statement>)>{[this](Result<v1::Statement> result) {
            if (!result) {
                screen_.loading = false;
                screen_.failure = describe_with_code(result.fault());
                statement_.reset();
                write();
                return tell();
            }
            screen_.failure.clear();
            const auto next = result->next_page_token();
            if (!statement_) {
                statement_ = std::make_unique<v1::Statement>(*result);
            } else {
                statement_->mutable_lines()->MergeFrom(result->lines());
            }
            const bool full = static_cast<std::size_t>(statement_->lines_size()) >= kLinesMost;
            screen_.cut = full && !next.empty();
            if (!next.empty() && !full) {
                return ask(next);
            }
            screen_.loading = false;
            write();
            tell();
        }});
}

void StatementPresenter::write() {
    screen_.lines.clear();
    screen_.keys.clear();
    screen_.meters.clear();
    screen_.can_save = statement_ != nullptr && !screen_.cut;
    if (!statement_) {
        return;
    }
    const auto& s = *statement_;
    screen_.title = clipped(s.customer(), 60);
    screen_.subtitle = fill(tr("Account {number}"), fmt::arg("number", clipped(s.number(), 40)));
    screen_.opening = money(s.opening_balance_e4());
    screen_.paid_in = money(s.paid_in_e4());
    screen_.used = money(s.used_e4());
    screen_.paid_out = money(s.paid_out_e4());
    screen_.other = money_change(s.other_e4());
    screen_.has_other = s.other_e4() != 0;
    screen_.closing = money(s.closing_balance_e4());
    for (const auto& line : s.lines()) {
        screen_.lines.push_back(
            {cell(table_time(to_time_point(line.booked_at())), Ink::quiet), cell(reason_words(line)),
             cell(clipped(line.meter_code(), 40)), cell(money(line.moved_e4()), Ink::quiet),
             cell(line.change_e4() == 0 ? std::string{kDash} : money_change(line.change_e4()), Ink::normal,
                  true),
             cell(money(line.balance_e4()), Ink::normal, true),
             cell(clipped(line.operator_(), 40), Ink::quiet)});
        screen_.keys.push_back(line.entry_id());
    }
    const auto of_water = std::count_if(s.meters().begin(), s.meters().end(), [](const auto& meter) {
        return commodity_of(meter.commodity()) == Commodity::water;
    });
    screen_.meters_title = of_water == 0                 ? tr("Energy")
                           : of_water == s.meters_size() ? tr("Water")
                                                         : tr("Energy and water");
    for (const auto& meter : s.meters()) {
        const auto commodity = commodity_of(meter.commodity());
        const auto reading = [commodity](bool there, std::int64_t wh, const google::protobuf::Timestamp& at) {
            return there ? quantity(wh, commodity) + "  ·  " + moment(to_time_point(at)) : std::string{kDash};
        };
        screen_.meters.push_back(
            {cell(meter_name(meter), Ink::normal, true),
             cell(reading(meter.has_first_wh(), meter.first_wh(), meter.first_at())),
             cell(reading(meter.has_last_wh(), meter.last_wh(), meter.last_at())),
             cell(meter.has_energy_wh() ? quantity(meter.energy_wh(), commodity) : std::string{kDash},
                  Ink::normal, true)});
    }
    screen_.proof =
        s.sealed_hash().empty()
            ? tr("None of these entries is sealed yet.")
            : fill(tr("Sealed up to entry {entry}, position {position} in the chain, hash {hash}"),
                   fmt::arg("entry", s.sealed_entry_id()), fmt::arg("position", s.sealed_position()),
                   fmt::arg("hash", clipped(s.sealed_hash(), 64)));
}

Spreadsheet StatementPresenter::table() const {
    Spreadsheet sheet;
    sheet.title = tr("Statement");
    sheet.columns = {tr("Time"),    tr("What"),    tr("Meter"), tr("Moved"),
                     tr("Changed"), tr("Balance"), tr("By")};
    if (!statement_) {
        return sheet;
    }
    const auto& s = *statement_;
    const auto amount = [](std::int64_t e4) {
        return Spreadsheet::Figure{static_cast<double>(e4) / kUnit, 2};
    };
    const auto register_of = [](std::int64_t thousandths) {
        return Spreadsheet::Figure{static_cast<double>(thousandths) / kThousandths, 3};
    };
    const std::string none;
    sheet.rows.push_back({table_time(to_time_point(s.from())), tr("Opening balance"), none, none, none,
                          amount(s.opening_balance_e4()), none});
    for (const auto& line : s.lines()) {
        sheet.rows.push_back({table_time(to_time_point(line.booked_at())), reason_words(line),
                              line.meter_code(), amount(line.moved_e4()), amount(line.change_e4()),
                              amount(line.balance_e4()), line.operator_()});
    }
    sheet.rows.push_back({table_time(to_time_point(s.to())), tr("Closing balance"), none, none, none,
                          amount(s.closing_balance_e4()), none});
    sheet.rows.push_back({none});
    const auto sum = [&](const std::string& name, std::int64_t e4) {
        sheet.rows.push_back({none, name, none, none, none, amount(e4)});
    };
    sum(tr("Paid in"), s.paid_in_e4());
    sum(tr("Consumed"), s.used_e4());
    sum(tr("Paid out"), s.paid_out_e4());
    sum(tr("Other"), s.other_e4());
    if (s.meters_size() > 0) {
        sheet.rows.push_back({none});
        sheet.rows.push_back(
            {none, screen_.meters_title, tr("Meter"), tr("First reading"), tr("Last reading"), tr("Used")});
    }
    for (const auto& meter : s.meters()) {
        const auto commodity = commodity_of(meter.commodity());
        std::vector<Spreadsheet::Value> row{none,
                                            (commodity == Commodity::water ? tr("Water") : tr("Energy")) +
                                                " (" + core::unit_of(commodity) + ")",
                                            meter.meter_code()};
        if (meter.has_energy_wh()) {
            row.insert(row.end(), {register_of(meter.first_wh()), register_of(meter.last_wh()),
                                   register_of(meter.energy_wh())});
        }
        sheet.rows.push_back(std::move(row));
    }
    sheet.rows.push_back({none, screen_.proof});
    return sheet;
}

StatementPaper StatementPresenter::paper() const {
    StatementPaper paper;
    paper.title = tr("Statement");
    paper.columns = {tr("Time"), tr("What"), tr("Meter"), tr("Changed"), tr("Balance")};
    paper.page = tr("page {n}");
    if (!statement_) {
        return paper;
    }
    const auto& s = *statement_;
    paper.head = {clipped(s.property_name(), 80), screen_.subtitle + "  ·  " + clipped(s.customer(), 80),
                  table_time(to_time_point(s.from())) + " – " + table_time(to_time_point(s.to()))};
    paper.rows.push_back({{}, tr("Opening balance"), {}, {}, screen_.opening});
    for (const auto& line : s.lines()) {
        paper.rows.push_back(
            {table_time(to_time_point(line.booked_at())), reason_words(line), clipped(line.meter_code(), 40),
             line.change_e4() == 0 ? "(" + money(line.moved_e4()) + ")" : money_change(line.change_e4()),
             money(line.balance_e4())});
    }
    paper.rows.push_back({{}, tr("Closing balance"), {}, {}, screen_.closing});
    paper.sums = {{tr("Opening balance"), screen_.opening},
                  {tr("Paid in"), screen_.paid_in},
                  {tr("Consumed"), screen_.used},
                  {tr("Paid out"), screen_.paid_out},
                  {tr("Other"), screen_.other},
                  {tr("Closing balance"), screen_.closing}};
    for (const auto& row : screen_.meters) {
        paper.energy.push_back(row[0].text + ":  " + row[1].text + "  →  " + row[2].text + "  =  " +
                               row[3].text);
    }
    paper.proof = {screen_.proof};
    return paper;
}

std::string StatementPresenter::file_name() const {
    std::string name = "statement-" + (statement_ ? clipped(statement_->number(), 40) : std::string{}) + "-" +
                       (screen_.from.empty() ? "all" : screen_.from);
    std::replace_if(
        name.begin(), name.end(), [](char c) { return c == ' ' || c == '/' || c == '\\' || c == ':'; }, '-');
    return name;
}

void StatementPresenter::tell() {
    if (changed_) {
        changed_();
    }
}

}  // namespace wutong::client
