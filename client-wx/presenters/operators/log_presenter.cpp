#include "client-wx/presenters/operators/log_presenter.hpp"

#include <algorithm>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/operators/log_details.hpp"
#include "client-wx/presenters/operators/operator_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/operator_service.pb.h"

namespace wutong::client {

namespace {

constexpr const char* kActions[] = {
    "sale.sell",         "sale.refund",     "sale.pay_refund", "delivery.settle", "account.open",
    "account.add_meter", "account.close",   "customer.update", "command.send",    "command.cancel",
    "alarm.acknowledge", "parameter.set",   "device.import",   "meter.create",    "meter.update",
    "channel.create",    "channel.update",  "gateway.create",  "building.create", "floor.create",
    "unit.create",       "property.create", "sale.reverse",    "sale.reprint",    "shift.open",
    "shift.close"};
constexpr const char* kInstallationActions[] = {
    "session.sign_in",  "session.sign_out",        "session.sign_in_failed",
    "session.lock_out", "session.change_password", "operator.create",
    "operator.update",  "property.create",         "device.import"};

}  // namespace

LogPresenter::LogPresenter(Context& context) : ListPresenter{context, std::chrono::milliseconds{0}} {}

void LogPresenter::fetch() {
    items_.clear();
    fetch_page({}, wanted_);
}

void LogPresenter::fetch_page(const std::string& token, std::size_t until) {
    v1::ListOperationLogRequest request;
    request.set_property_id(extra_.installation ? 0 : context_.session.property_id());
    request.set_action(extra_.action);
    const auto now = context_.live.server_now();
    if (extra_.period != Period::all) {
        const int days = extra_.period == Period::today ? 0 : extra_.period == Period::week ? -6 : -29;
        *request.mutable_from() = to_proto_time(start_of_day(now, days));
    }
    request.mutable_page()->set_size(kPageSize);
    request.mutable_page()->set_token(token);
    call_ = context_.server.call(
        method::list_operation_log, request,
        std::function<void(Result<v1::ListOperationLogResponse>)>{
            [this, until](Result<v1::ListOperationLogResponse> result) {
                if (!result) {
                    refused(result.fault());
                    return;
                }
                for (const auto& one : result->entries()) {
                    items_.push_back({one.log_id(), to_time_point(one.at()),
                                      one.operator_().empty() ? tr("the system") : one.operator_(),
                                      one.action(), one.target(), one.details_json()});
                }
                next_token_ = result->next_page_token();
                if (!next_token_.empty() && items_.size() < until) {
                    fetch_page(std::string{next_token_}, until);
                    return;
                }
                answered();
            }});
}

void LogPresenter::forget() {
    items_.clear();
    next_token_.clear();
    wanted_ = kStep;
}

void LogPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Time"), 19},
                      {tr("Operator"), 14},
                      {tr("What"), 20},
                      {tr("To whom or what"), 20},
                      {tr("Details"), 24, false, true}};
    extra_.actions = {{"", tr("Everything")}};
    const auto add = [this](const char* action) {
        extra_.actions.emplace_back(action, action_words(action));
    };
    if (extra_.installation) {
        std::for_each(std::begin(kInstallationActions), std::end(kInstallationActions), add);
    } else {
        std::for_each(std::begin(kActions), std::end(kActions), add);
    }
    extra_.more = !next_token_.empty();
    screen.total = items_.size();
    screen.filtered = !extra_.text.empty();
    for (const auto& item : items_) {
        const auto words = action_words(item.action);
        const auto details = one_line(item.details);
        if (!extra_.text.empty() &&
            (item.who + "\n" + words + "\n" + item.target + "\n" + details).find(extra_.text) ==
                std::string::npos) {
            continue;
        }
        ListRow row{item.id, {}};
        const bool bad = item.action == "session.sign_in_failed" || item.action == "session.lock_out";
        row.cells = {{table_time(item.at), Tone::normal, {}, item.id},
                     {item.who, Tone::strong},
                     {words, bad ? Tone::warn : Tone::normal},
                     {item.target.empty() ? kDash : item.target},
                     {details.empty() ? kDash : details, Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = screen.filtered && screen.total > 0
                       ? fill(tr("None of {} entries match."), count(static_cast<std::int64_t>(screen.total)))
                       : tr("Nothing was done in this time.");
}

LogPresenter::Details LogPresenter::details(std::int64_t id) const {
    const auto found =
        std::find_if(items_.begin(), items_.end(), [&](const Item& item) { return item.id == id; });
    if (found == items_.end()) {
        return {};
    }
    Details out{true, action_words(found->action), found->who, table_time(found->at), found->target, {}};
    for (auto& fact : details_of(found->details)) {
        out.facts.push_back(std::move(fact));
    }
    out.facts.emplace_back(tr("Entry"), std::to_string(found->id));
    return out;
}

void LogPresenter::show_installation(bool installation) {
    if (extra_.installation != installation) {
        extra_.installation = installation;
        extra_.action.clear();
        wanted_ = kStep;
        restart();
    }
}

void LogPresenter::choose_period(Period period) {
    if (extra_.period != period) {
        extra_.period = period;
        wanted_ = kStep;
        restart();
    }
}

void LogPresenter::choose_action(const std::string& action) {
    if (extra_.action != action) {
        extra_.action = action;
        wanted_ = kStep;
        restart();
    }
}

void LogPresenter::search(const std::string& text) {
    if (extra_.text != text) {
        extra_.text = text;
        redraw();
    }
}

void LogPresenter::clear_filter() {
    extra_.text.clear();
    if (extra_.action.empty()) {
        redraw();
        return;
    }
    extra_.action.clear();
    restart();
}

void LogPresenter::show_older() {
    if (next_token_.empty()) {
        return;
    }
    wanted_ = items_.size() + kStep;
    fetch_page(std::string{next_token_}, wanted_);
}

}  // namespace wutong::client
