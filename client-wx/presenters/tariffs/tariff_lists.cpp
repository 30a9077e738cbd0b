#include "client-wx/presenters/tariffs/tariff_lists.hpp"

#include "client-wx/api/request_id.hpp"
#include "client-wx/api/tariff_methods.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/tariff_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{60};
constexpr std::size_t kRowsMax = 10'000;

std::string target_words(const v1::TariffTarget& target) {
    if (target.meter_id() != 0) {
        return fill(tr("Meter {code}"), fmt::arg("code", clipped(target.code(), 40)));
    }
    if (target.building_id() != 0) {
        return fill(tr("Building {code}"), fmt::arg("code", clipped(target.code(), 40)));
    }
    return tr("Whole property");
}

}  // namespace

std::string placement_words(const std::string& placement) {
    if (placement == "downloaded") {
        return tr("The meter itself");
    }
    if (placement == "at_the_sale") {
        return tr("At the sale");
    }
    if (placement == "server_held") {
        return tr("The server");
    }
    return placement == "not_possible" ? tr("Not possible") : clipped(placement, 40);
}

std::string meters_of(Commodity commodity) {
    return commodity == Commodity::water ? tr("Water meters") : tr("Electricity meters");
}

PlansPresenter::PlansPresenter(Context& context)
    : ItemList{context, kEvery, kRowsMax}, change_{context.server, context.timers} {}
PlansPresenter::~PlansPresenter() = default;

void PlansPresenter::fetch() {
    fetch_items(method::list_plans, of_property<v1::ListTariffPlansRequest>(),
                &v1::ListTariffPlansResponse::plans);
}

void PlansPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Plan"), 24, false, true}, {tr("For"), 18},
                      {tr("Versions"), 10, true},    {tr("First from"), 13},
                      {tr("Newest from"), 13},       {tr("State"), 24, false, false, true}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        ListRow row{one.plan_id(), {}};
        row.cells = {{clipped(one.name(), 80), Tone::strong},
                     {meters_of(commodity_of(one.commodity()))},
                     {count(one.version_count()), Tone::normal, {}, one.version_count()},
                     {one.first_from().empty() ? std::string{kDash} : clipped(one.first_from(), 12)},
                     {one.last_from().empty() ? std::string{kDash} : clipped(one.last_from(), 12)},
                     one.has_retired_at()       ? Cell{tr("Not assigned any more"), Tone::quiet, "ban"}
                     : one.version_count() == 0 ? Cell{tr("Without a version"), Tone::warn, "alert-triangle"}
                                                : Cell{tr("Can be assigned"), Tone::ok, "circle-check"}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No tariff plans yet. Meters are charged at the price that is set on each.");
}

std::vector<PlanOption> PlansPresenter::options() const {
    std::vector<PlanOption> options;
    for (const auto& one : items_) {
        if (!one.has_retired_at() && one.version_count() > 0) {
            options.push_back({one.plan_id(), clipped(one.name(), 80), commodity_of(one.commodity())});
        }
    }
    return options;
}

bool PlansPresenter::retired(std::int64_t id) const {
    for (const auto& one : items_) {
        if (one.plan_id() == id) {
            return one.has_retired_at();
        }
    }
    return true;
}

void PlansPresenter::retire(std::int64_t id) {
    if (change_.busy() || !may_write() || retired(id)) {
        return;
    }
    v1::RetireTariffPlanRequest request;
    request.set_request_id(new_request_id());
    request.set_property_id(context_.session.property_id());
    request.set_plan_id(id);
    change_.start<v1::RetireTariffPlanRequest, v1::TariffPlan>(
        method::retire_plan, std::move(request), [this](Result<v1::TariffPlan> result) {
            said_ = result ? fill(tr("{plan} is not assigned any more; it stays where it is."),
                                  fmt::arg("plan", clipped(result->name(), 60)))
                           : describe_with_code(result.fault());
            refresh();
            redraw();
        });
}

AssignmentsPresenter::AssignmentsPresenter(Context& context) : ItemList{context, kEvery, kRowsMax} {}
AssignmentsPresenter::~AssignmentsPresenter() = default;

void AssignmentsPresenter::show_past(bool past) {
    if (past_ != past) {
        past_ = past;
        restart();
    }
}

void AssignmentsPresenter::fetch() {
    auto request = of_property<v1::ListTariffAssignmentsRequest>();
    request.set_past_too(past_);
    fetch_items(method::list_assignments, request, &v1::ListTariffAssignmentsResponse::assignments);
}

void AssignmentsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("For"), 20, false, true},          {tr("Plan"), 24}, {tr("From"), 13},
                      {tr("State"), 16, false, false, true}, {tr("By"), 14},   {tr("Made"), 19}};
    screen.total = items_.size();
    for (const auto& one : items_) {
        ListRow row{one.assignment_id(), {}};
        const Cell state = one.state() == "in_force" ? Cell{tr("in force"), Tone::ok, "circle-check"}
                           : one.state() == "coming" ? Cell{tr("coming"), Tone::info, "clock"}
                                                     : Cell{tr("past"), Tone::quiet, "history"};
        row.cells = {
            {target_words(one.target()), Tone::strong},
            {one.plan_id() != 0           ? clipped(one.plan_name(), 80)
             : one.commodity() == "water" ? tr("no water plan of its own")
                                          : tr("no plan of its own")},
            {clipped(one.effective_from(), 12)},
            state,
            {clipped(one.operator_(), 40), Tone::quiet},
            {table_time(to_time_point(one.created_at())), Tone::quiet, {}, one.created_at().seconds()}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No plan is assigned. Meters are charged at the price that is set on each.");
}

DownloadsPresenter::DownloadsPresenter(Context& context)
    : ItemList{context, std::chrono::seconds{15}, kRowsMax} {}
DownloadsPresenter::~DownloadsPresenter() = default;

void DownloadsPresenter::fetch() {
    fetch_items(method::list_downloads, of_property<v1::ListTariffDownloadsRequest>(),
                &v1::ListTariffDownloadsResponse::downloads);
}

void DownloadsPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Unit"), 12},
                      {tr("Plan"), 20},
                      {tr("On meter"), 12, true},
                      {tr("Wanted"), 12, true},
                      {tr("Since"), 16},
                      {tr("State"), 18, false, false, true},
                      {tr("Why"), 24, false, true}};
    screen.total = items_.size();
    const auto now = context_.live.server_now();
    for (const auto& one : items_) {
        ListRow row{one.meter_id(), {}};
        const Cell state = one.state() == "sent"       ? Cell{tr("On its way"), Tone::info, "send"}
                           : one.state() == "given_up" ? Cell{tr("Given up"), Tone::danger, "circle-x"}
                                                       : Cell{tr("Waiting"), Tone::warn, "clock"};
        row.cells = {
            {clipped(one.unit_code().empty() ? one.meter_code() : one.unit_code(), 40), Tone::strong},
            {clipped(one.plan_name(), 60)},
            {one.has_held_price_e4() ? price(one.held_price_e4()) : std::string{kDash},
             Tone::normal,
             {},
             one.has_held_price_e4() ? std::optional{one.held_price_e4()} : std::nullopt},
            {price(one.wanted_price_e4()), Tone::strong, {}, one.wanted_price_e4()},
            {one.has_since() ? moment(to_time_point(one.since()), now) : std::string{kDash},
             Tone::quiet,
             {},
             one.since().seconds()},
            state,
            {one.why().empty() ? std::string{kDash} : clipped(describe_server_text(one.why()), 200),
             Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("Every meter has the price of its plan.");
}

}  // namespace wutong::client
