#include "collector/metrics/metrics.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/exposer.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "collector/transports/dial_in_hub.hpp"

namespace wutong::collector {

namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;

constexpr std::array kOutcomes{"answered", "refused", "silent", "garbled", "away"};
constexpr std::size_t kLanes = 6;

template <class Builder>
auto& family(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
    return builder.Name(name).Help(help).Register(registry);
}

double seconds(std::chrono::nanoseconds duration) {
    return std::chrono::duration<double>(duration).count();
}

}  // namespace

struct Metrics::Parts {
    std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
    Family<Counter>& exchanges = family(prometheus::BuildCounter(), *registry,
                                        "wutong_collector_exchanges_total", "Exchanges on a bus by outcome");
    Family<Histogram>& latency =
        family(prometheus::BuildHistogram(), *registry, "wutong_collector_exchange_seconds",
               "Time of an exchange, from the request to its answer or time-out");
    Family<Counter>& polls = family(prometheus::BuildCounter(), *registry, "wutong_collector_polls_total",
                                    "Polls of meters by outcome");
    Family<Gauge>& waiting = family(prometheus::BuildGauge(), *registry, "wutong_collector_waiting",
                                    "Commands and deliveries that wait for a channel, by lane");
    Family<Gauge>& round = family(prometheus::BuildGauge(), *registry, "wutong_collector_round_seconds",
                                  "Bus time of the last whole round of state polls");
    Family<Gauge>& freshness =
        family(prometheus::BuildGauge(), *registry, "wutong_collector_oldest_state_seconds",
               "Age of the oldest state of a meter that is not lost");
    Family<Gauge>& meters =
        family(prometheus::BuildGauge(), *registry, "wutong_collector_meters", "Meters by condition");
    Family<Gauge>& open = family(prometheus::BuildGauge(), *registry, "wutong_collector_channel_open",
                                 "1 while the channel can be used");
    Family<Gauge>& standby =
        family(prometheus::BuildGauge(), *registry, "wutong_collector_channel_on_standby",
               "1 while the channel uses its second path");
    Family<Counter>& deliveries =
        family(prometheus::BuildCounter(), *registry, "wutong_collector_deliveries_total",
               "Runs of credit deliveries by outcome");
    Family<Counter>& commands = family(prometheus::BuildCounter(), *registry,
                                       "wutong_collector_commands_total", "Commands by kind and outcome");
    Gauge& database_up = family(prometheus::BuildGauge(), *registry, "wutong_collector_database_up",
                                "1 while the database answers")
                             .Add({});
    Gauge& database_waiting = family(prometheus::BuildGauge(), *registry, "wutong_collector_database_waiting",
                                     "Requests that wait for a database thread")
                                  .Add({});
    Gauge& spool_depth = family(prometheus::BuildGauge(), *registry, "wutong_collector_spool_readings",
                                "Readings that wait for the database on disk")
                             .Add({});
    Counter& spool_dropped =
        family(prometheus::BuildCounter(), *registry, "wutong_collector_spool_dropped_total",
               "Readings given up because the spool was full")
            .Add({});
    Counter& spool_failures =
        family(prometheus::BuildCounter(), *registry, "wutong_collector_spool_failures_total",
               "Times that the spool could not be written")
            .Add({});
    Family<Counter>& readings = family(prometheus::BuildCounter(), *registry,
                                       "wutong_collector_readings_total", "Readings by what became of them");
    Gauge& leases = family(prometheus::BuildGauge(), *registry, "wutong_collector_channels_leased",
                           "Channels that this collector serves")
                        .Add({});
    Counter& handed_over =
        family(prometheus::BuildCounter(), *registry, "wutong_collector_channels_handed_over_total",
               "Channels given to another collector, so that each has its share")
            .Add({});
    Family<Gauge>& dial_in_links =
        family(prometheus::BuildGauge(), *registry, "wutong_collector_dial_in_links",
               "Links that gateways hold open, by whether they have said who they are");
    Family<Counter>& dial_in_events =
        family(prometheus::BuildCounter(), *registry, "wutong_collector_dial_in_events_total",
               "What happened on links that gateways opened");
    std::unique_ptr<prometheus::Exposer> exposer;
};

namespace {

/// Removes what it made: a channel that is gone must not be reported for ever.
template <class Metric>
class Owned {
public:
    Owned(Family<Metric>& from, Metric& metric) : from_{&from}, metric_{&metric} {}
    Owned(Owned&& other) noexcept : from_{other.from_}, metric_{std::exchange(other.metric_, nullptr)} {}
    Owned& operator=(Owned&&) = delete;
    ~Owned() {
        if (metric_ != nullptr) {
            from_->Remove(metric_);
        }
    }
    Metric* operator->() const { return metric_; }

private:
    Family<Metric>* from_;
    Metric* metric_;
};

template <class Metric>
Owned<Metric> own(Family<Metric>& from, const Labels& labels) {
    return {from, from.Add(labels)};
}

Labels with(Labels labels, const char* name, const std::string& value) {
    labels.emplace(name, value);
    return labels;
}

}  // namespace

namespace {

class PrometheusChannel final : public ChannelMetrics {
public:
    template <class Parts>
    PrometheusChannel(Parts& parts, const Labels& labels)
        : latency_{parts.latency,
                   parts.latency.Add(labels, Histogram::BucketBoundaries{0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5,
                                                                         1.0, 2.0, 5.0})},
          polls_answered_{own(parts.polls, with(labels, "outcome", "answered"))},
          polls_failed_{own(parts.polls, with(labels, "outcome", "failed"))},
          round_{own(parts.round, labels)},
          freshness_{own(parts.freshness, labels)},
          all_{own(parts.meters, with(labels, "condition", "all"))},
          quarantined_{own(parts.meters, with(labels, "condition", "quarantined"))},
          lost_{own(parts.meters, with(labels, "condition", "lost"))},
          open_{own(parts.open, labels)},
          standby_{own(parts.standby, labels)} {
        for (const char* outcome : kOutcomes) {
            exchanges_.push_back(own(parts.exchanges, with(labels, "outcome", outcome)));
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            waiting_.push_back(
                own(parts.waiting, with(labels, "lane", core::to_string(static_cast<core::Lane>(lane)))));
        }
    }

    void exchange(const char* outcome, std::chrono::nanoseconds took) override {
        for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
            if (std::string_view{outcome} == kOutcomes[i]) {
                exchanges_[i]->Increment();
            }
        }
        latency_->Observe(seconds(took));
    }
    void poll(bool answered) override { (answered ? polls_answered_ : polls_failed_)->Increment(); }
    void waiting(core::Lane lane, std::size_t count) override {
        waiting_[static_cast<std::size_t>(lane)]->Set(static_cast<double>(count));
    }
    void round(std::chrono::milliseconds bus_time) override { round_->Set(seconds(bus_time)); }
    void freshness(std::chrono::seconds age) override { freshness_->Set(static_cast<double>(age.count())); }
    void meters(std::size_t all, std::size_t quarantined, std::size_t lost) override {
        all_->Set(static_cast<double>(all));
        quarantined_->Set(static_cast<double>(quarantined));
        lost_->Set(static_cast<double>(lost));
    }
    void open(bool is_open) override { open_->Set(is_open ? 1 : 0); }
    void on_standby(bool is_on_standby) override { standby_->Set(is_on_standby ? 1 : 0); }

private:
    std::vector<Owned<Counter>> exchanges_;
    Owned<Histogram> latency_;
    Owned<Counter> polls_answered_;
    Owned<Counter> polls_failed_;
    std::vector<Owned<Gauge>> waiting_;
    Owned<Gauge> round_;
    Owned<Gauge> freshness_;
    Owned<Gauge> all_;
    Owned<Gauge> quarantined_;
    Owned<Gauge> lost_;
    Owned<Gauge> open_;
    Owned<Gauge> standby_;
};

}  // namespace

Metrics::Metrics() : parts_{std::make_unique<Parts>()} {}
Metrics::~Metrics() = default;

void Metrics::listen(const std::string& address) {
    try {
        parts_->exposer = std::make_unique<prometheus::Exposer>(address, 1);
    } catch (const std::exception& error) {
        throw MetricsPortTaken{
            fmt::format("the metrics can't be offered on {}: {}; most likely another wutong-collector runs "
                        "here: stop it, or give this one "
                        "another name and another port under [metrics] listen",
                        address, error.what())};
    }
    parts_->exposer->RegisterCollectable(parts_->registry);
}

std::unique_ptr<ChannelMetrics> Metrics::channel(const std::string& property, const std::string& code) {
    return std::make_unique<PrometheusChannel>(*parts_, Labels{{"property", property}, {"channel", code}});
}

void Metrics::delivery(const char* outcome) {
    parts_->deliveries.Add({{"outcome", outcome}}).Increment();
}
void Metrics::command(const char* kind, const char* outcome) {
    parts_->commands.Add({{"kind", kind}, {"outcome", outcome}}).Increment();
}
void Metrics::database(bool reachable) {
    parts_->database_up.Set(reachable ? 1 : 0);
}
void Metrics::database_waiting(std::size_t count) {
    parts_->database_waiting.Set(static_cast<double>(count));
}
void Metrics::spool(std::int64_t depth, std::int64_t dropped_more) {
    parts_->spool_depth.Set(static_cast<double>(depth));
    parts_->spool_dropped.Increment(static_cast<double>(dropped_more));
}
void Metrics::spool_failed() {
    parts_->spool_failures.Increment();
}
void Metrics::readings(std::size_t added, std::size_t duplicates) {
    parts_->readings.Add({{"outcome", "stored"}}).Increment(static_cast<double>(added));
    parts_->readings.Add({{"outcome", "duplicate"}}).Increment(static_cast<double>(duplicates));
}
void Metrics::lost_in_memory(std::size_t readings) {
    parts_->readings.Add({{"outcome", "dropped"}}).Increment(static_cast<double>(readings));
}
void Metrics::leases(std::size_t count) {
    parts_->leases.Set(static_cast<double>(count));
}

void Metrics::handed_over() {
    parts_->handed_over.Increment();
}

void Metrics::dial_in(const DialInCounts& counts) {
    parts_->dial_in_links.Add({{"named", "yes"}}).Set(static_cast<double>(counts.registered));
    parts_->dial_in_links.Add({{"named", "no"}})
        .Set(static_cast<double>(counts.links - std::min(counts.links, counts.registered)));
    const auto up_to = [this](const char* event, std::uint64_t total) {
        auto& counter = parts_->dial_in_events.Add({{"event", event}});
        counter.Increment(static_cast<double>(total) - counter.Value());
    };
    up_to("accepted", counts.accepted);
    up_to("replaced", counts.replaced);
    up_to("heartbeat", counts.heartbeats);
    up_to("upload", counts.uploads);
    up_to("refused_full", counts.refused_full);
    up_to("refused_address", counts.refused_address);
    up_to("closed_unnamed", counts.closed_unnamed);
    up_to("closed_idle", counts.closed_idle);
    up_to("closed_unclaimed", counts.closed_unclaimed);
    up_to("closed_rude", counts.closed_rude);
}

std::string Metrics::text() const {
    return prometheus::TextSerializer{}.Serialize(parts_->registry->Collect());
}

}  // namespace wutong::collector
