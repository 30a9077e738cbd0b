#include "client-wx/presenters/commands/batches_presenter.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "client-wx/api/methods.hpp"
#include "client-wx/presenters/commands/command_words.hpp"
#include "client-wx/presenters/proto_time.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/translate.hpp"
#include "wutong/v1/control_service.pb.h"

namespace wutong::client {

BatchesPresenter::BatchesPresenter(Context& context) : ListPresenter{context, kEvery, kRowsMax} {}

BatchesPresenter::Item BatchesPresenter::item_of(const v1::CommandBatch& batch) {
    return {batch.batch_id(),
            batch.kind(),
            batch.arguments_json(),
            batch.state(),
            batch.operator_(),
            to_time_point(batch.created_at()),
            optional_time(batch.has_finished_at(), batch.finished_at()),
            batch.total(),
            batch.waiting(),
            batch.running(),
            batch.done(),
            batch.failed() + batch.expired(),
            batch.cancelled(),
            batch.skipped()};
}

void BatchesPresenter::fetch() {
    v1::ListBatchesRequest request;
    request.set_property_id(context_.session.property_id());
    request.set_unfinished_only(extra_.show == Show::under_way);
    auto fresh = std::make_shared<std::vector<Item>>();
    fetch_pages(method::list_batches, request, [this, fresh](const v1::ListBatchesResponse& answer, bool) {
        for (const auto& batch : answer.batches()) {
            fresh->push_back(item_of(batch));
        }
        const auto rows = fresh->size();
        if (answer.next_page_token().empty() || rows >= kRowsMax) {
            items_ = std::move(*fresh);
        }
        return rows;
    });
}

void BatchesPresenter::forget() {
    items_.clear();
    numbers_.clear();
}

std::int64_t BatchesPresenter::row_number(const std::string& batch) {
    const auto found = std::find(numbers_.begin(), numbers_.end(), batch);
    if (found == numbers_.end()) {
        numbers_.push_back(batch);
        return static_cast<std::int64_t>(numbers_.size());
    }
    return found - numbers_.begin() + 1;
}

std::string BatchesPresenter::batch_of(std::int64_t row) const {
    return row < 1 || row > static_cast<std::int64_t>(numbers_.size())
               ? std::string{}
               : numbers_[static_cast<std::size_t>(row - 1)];
}

std::int64_t BatchesPresenter::row_of(const std::string& batch) const {
    const auto found = std::find(numbers_.begin(), numbers_.end(), batch);
    return found == numbers_.end() ? 0 : found - numbers_.begin() + 1;
}

void BatchesPresenter::show(Show what) {
    if (extra_.show != what) {
        extra_.show = what;
        items_.clear();
        restart();
    }
}

namespace {

Cell state_cell(const std::string& state, int failed) {
    if (state == "running") {
        return {tr("Under way"), Tone::info, "loader-2"};
    }
    if (state == "paused") {
        return {tr("Paused"), Tone::warn, "player-pause"};
    }
    if (state == "stopped") {
        return {tr("Stopped"), Tone::quiet, "ban"};
    }
    return failed > 0 ? Cell{tr("Finished with failures"), Tone::danger, "circle-x"}
                      : Cell{tr("Finished"), Tone::ok, "circle-check"};
}

Cell number_cell(int number, Tone tone) {
    return {number == 0 ? std::string{kDash} : count(number), number == 0 ? Tone::quiet : tone, {}, number};
}

}  // namespace

void BatchesPresenter::write(ListScreen& screen) {
    screen.columns = {{tr("Command"), 20, false, true, true},
                      {tr("State"), 18, false, false, true},
                      {tr("Confirmed"), 10, true},
                      {tr("Failed"), 6, true},
                      {tr("By"), 10},
                      {tr("Ordered"), 14}};
    screen.total = items_.size();
    for (const auto& item : items_) {
        ListRow row{row_number(item.batch_id), {}, item.state != "finished" && item.state != "stopped"};
        row.cells = {{command_words(item.kind, item.arguments), Tone::strong, command_icon(item.kind)},
                     state_cell(item.state, item.failed),
                     {fill(tr("{} of {}"), count(item.done), count(item.total)), Tone::normal, {}, item.done},
                     number_cell(item.failed, Tone::danger),
                     {item.who.empty() ? tr("the system") : item.who},
                     {moment(item.created_at, context_.live.server_now()),
                      Tone::normal,
                      {},
                      item.created_at.time_since_epoch().count()}};
        screen.rows.push_back(std::move(row));
    }
    screen.empty =
        extra_.show == Show::under_way
            ? tr("Nothing is under way. Commands are sent from the wall of meters or from a meter's page.")
            : tr("No commands were sent yet. They are sent from the wall of meters or from a meter's page.");
    const auto& summary = context_.live.summary();
    extra_.under_way = summary ? std::optional{summary->unfinished_commands} : std::nullopt;
}

}  // namespace wutong::client
