#include "server/money_parts.hpp"

#include "server/metrics/metrics.hpp"
#include "server/services/money_shapes.hpp"
#include "storage/commands.hpp"
#include "storage/credit_deliveries.hpp"
#include "storage/watched.hpp"

namespace wutong::server {

namespace {

Watches<v1::Delivery>::Source delivery_source() {
    return {storage::delivery_marks,
            [](storage::Transaction& tx, core::PropertyId property, const std::vector<std::int64_t>& ids) {
                std::map<std::int64_t, v1::Delivery> found;
                for (const auto id : ids) {
                    if (const auto stored = storage::find_delivery(tx, property, core::DeliveryId{id})) {
                        fill(*stored, found[id]);
                    }
                }
                return found;
            }};
}

Watches<v1::Command>::Source command_source() {
    return {storage::command_marks,
            [](storage::Transaction& tx, core::PropertyId property, const std::vector<std::int64_t>& ids) {
                std::map<std::int64_t, v1::Command> found;
                for (const auto& stored : storage::find_commands(tx, property, ids)) {
                    fill(stored, found[stored.id.value]);
                }
                return found;
            }};
}

}  // namespace

MoneyParts::MoneyParts(storage::Database& database, const core::Clock& clock, Metrics& metrics,
                       const Worker::OnError& on_error, const std::function<void()>& work_queued)
    : deliveries_{"watch_deliveries", database, delivery_source(), on_error},
      commands_{"watch_commands", database, command_source(), on_error},
      verifier_{database, on_error},
      jobs_{database, clock, metrics, on_error},
      held_{database, clock, metrics, on_error, work_queued} {
    metrics.add("wutong_server_watched_deliveries", "Calls that watch a delivery", Metrics::Kind::gauge,
                [this] { return static_cast<double>(deliveries_.watchers()); });
    metrics.add("wutong_server_watched_commands", "Calls that watch commands", Metrics::Kind::gauge,
                [this] { return static_cast<double>(commands_.watchers()); });
}

void MoneyParts::start() {
    deliveries_.start();
    commands_.start();
    verifier_.start();
    jobs_.start();
    held_.start();
}

void MoneyParts::stop() {
    deliveries_.stop();
    commands_.stop();
    verifier_.stop();
    jobs_.stop();
    held_.stop();
}

}  // namespace wutong::server
