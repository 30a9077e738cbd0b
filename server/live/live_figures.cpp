// The part of LiveHub that counts and averages.
#include "storage/live_figures.hpp"

#include <google/protobuf/util/message_differencer.h>

#include <utility>

#include "server/live/live_hub.hpp"
#include "server/live/live_shapes.hpp"
#include "server/live/live_stream.hpp"

namespace wutong::server {

bool LiveHub::refresh_use() {
    bool any = false;
    for (const auto property : watched()) {
        const auto known = use_.find(property);
        if (known != use_.end() && Clock::now() - known->second.read_at < kRefreshUse) {
            continue;
        }
        const auto spans = database_.transact(
            storage::Scope::of({property}), "daily_use",
            [&](storage::Transaction& tx) { return storage::register_spans(tx, property, clock_()); });
        Use use{Clock::now(), {}};
        for (const auto& [meter, span] : spans) {
            if (const auto per_day = use_of(span)) {
                use.per_day.emplace(meter, *per_day);
            }
        }
        use_[property] = std::move(use);
        any = true;
    }
    return any;
}

void LiveHub::refresh_summaries() {
    const auto figures =
        database_.transact(storage::Scope::all(), "live_figures",
                           [](storage::Transaction& tx) { return storage::property_figures(tx); });
    std::set<core::PropertyId> different;
    for (const auto property : watched()) {
        v1::LiveSummary summary;
        if (const auto found = figures.find(property); found != figures.end()) {
            fill(found->second, summary);
        }
        const std::lock_guard lock{mutex_};
        for (const auto& [id, known] : walls_[property]) {
            count(*known.shown, summary);
        }
        auto& shown = summaries_[property];
        if (!shown || !google::protobuf::util::MessageDifferencer::Equals(*shown, summary)) {
            shown = std::make_shared<const v1::LiveSummary>(std::move(summary));
            different.insert(property);
        }
    }
    for (const auto& stream : streams()) {
        if (different.contains(stream->property())) {
            stream->owe_summary();
        }
    }
}

}  // namespace wutong::server
