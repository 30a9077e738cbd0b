#include "client-wx/presenters/energy/archive_list.hpp"

#include <fmt/format.h>

#include "client-wx/api/history_methods.hpp"
#include "client-wx/api/methods.hpp"
#include "client-wx/api/request_id.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/history_service.pb.h"
#include "wutong/v1/site_service.pb.h"

namespace wutong::client {

namespace {

constexpr std::chrono::seconds kEvery{10};

std::string megabytes(std::int64_t bytes) {
    return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

Cell number_cell(bool there, std::int64_t value, const std::string& words) {
    return there ? Cell{words, Tone::normal, {}, value} : Cell{kDash, Tone::quiet};
}

std::string round_words(const v1::Archive& archive) {
    if (archive.has_wanted_at() &&
        (!archive.has_begun_at() || archive.wanted_at().seconds() > archive.begun_at().seconds())) {
        return tr("A round begins in a moment.");
    }
    if (!archive.has_begun_at()) {
        return tr("No round was made yet.");
    }
    if (!archive.has_finished_at()) {
        return fill(tr("A round goes on since {at}: {n} readings moved so far."),
                    fmt::arg("at", moment(to_time_point(archive.begun_at()))),
                    fmt::arg("n", count(archive.moved_readings())));
    }
    return fill(tr("Last round {at}: {n} readings moved, {m} rows forgotten."),
                fmt::arg("at", moment(to_time_point(archive.finished_at()))),
                fmt::arg("n", count(archive.moved_readings())), fmt::arg("m", count(archive.forgotten())));
}

}  // namespace

ArchivePresenter::ArchivePresenter(Context& context)
    : ItemList{context, kEvery}, change_{context.server, context.timers} {}
ArchivePresenter::~ArchivePresenter() = default;

void ArchivePresenter::forget() {
    ItemList::forget();
    summary_.clear();
    held_ = in_trouble_ = false;
}

void ArchivePresenter::fetch() {
    fetch_whole(method::get_archive, of_property<v1::GetArchiveRequest>(), &v1::Archive::months, {},
                [this](const v1::Archive& archive) { take(archive); });
}

void ArchivePresenter::take(const v1::Archive& archive) {
    held_ = archive.held();
    in_trouble_ = !archive.error().empty();
    summary_ =
        fill(tr_n("The archive takes {size}. Readings stay {n} month at hand before they go there.",
                  "The archive takes {size}. Readings stay {n} months at hand before they go there.",
                  static_cast<unsigned>(archive.hot_months())),
             fmt::arg("size", megabytes(archive.archive_bytes())), fmt::arg("n", archive.hot_months())) +
        " " + round_words(archive);
    if (held_) {
        summary_ += " " + tr("It is held for this property: nothing is moved or forgotten.");
    }
    if (in_trouble_) {
        summary_ +=
            " " + fill(tr("It met an error: {}"), describe_server_text(clipped(archive.error(), 300)));
    }
}

void ArchivePresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Month"), 10},
                      {tr("Where"), 20, false, true, true},
                      {tr("Readings at hand"), 16, true},
                      {tr("They take"), 12, true},
                      {tr("Readings archived"), 16, true},
                      {tr("Of meters"), 12, true},
                      {tr("They took"), 12, true},
                      {tr("Archived"), 19}};
    screen.total = items_.size();
    std::int64_t number = 0;
    for (const auto& one : items_) {
        const bool archived = one.moved_readings() > 0;
        const Cell where = !one.hot() ? Cell{tr("In the archive"), Tone::ok, "stack-2"}
                           : archived ? Cell{tr("Partly archived"), Tone::info, "transfer"}
                                      : Cell{tr("At hand"), Tone::normal, "database"};
        ListRow row{++number, {}};
        row.cells = {{clipped(one.month(), 10), Tone::strong},
                     where,
                     number_cell(one.hot(), one.hot_readings(), "~" + count(one.hot_readings())),
                     number_cell(one.hot(), one.hot_bytes(), megabytes(one.hot_bytes())),
                     number_cell(archived, one.moved_readings(), count(one.moved_readings())),
                     number_cell(archived, one.moved_meters(), count(one.moved_meters())),
                     number_cell(archived, one.bytes_before(), megabytes(one.bytes_before())),
                     one.has_finished_at() ? Cell{table_time(to_time_point(one.finished_at())),
                                                  Tone::quiet,
                                                  {},
                                                  one.finished_at().seconds()}
                                           : Cell{kDash, Tone::quiet}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty = tr("No meter was read yet.");
}

void ArchivePresenter::start() {
    if (change_.busy() || !may_change()) {
        return;
    }
    auto request = of_property<v1::RunArchiveRequest>();
    request.set_request_id(new_request_id());
    change_.start<v1::RunArchiveRequest, v1::Archive>(
        method::run_archive, std::move(request), [this](Result<v1::Archive> result) {
            context_.navigator.toast(result ? tr("A round of the archive begins.")
                                            : describe_with_code(result.fault()));
            refresh();
            redraw();
        });
    redraw();
}

void ArchivePresenter::hold(bool held) {
    if (change_.busy() || !may_change()) {
        return;
    }
    auto request = of_property<v1::SetParametersRequest>();
    request.set_request_id(new_request_id());
    (*request.mutable_values())["history_hold"] = held ? "1" : "0";
    change_.start<v1::SetParametersRequest, v1::Parameters>(
        method::set_parameters, std::move(request), [this, held](Result<v1::Parameters> result) {
            context_.navigator.toast(!result ? describe_with_code(result.fault())
                                     : held  ? tr("The archive is held for this property.")
                                             : tr("The archive goes on."));
            refresh();
            redraw();
        });
    redraw();
}

}  // namespace wutong::client
