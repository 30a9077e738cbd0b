#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>

#include "core/command.hpp"

namespace wutong::collector {

struct DialInCounts;

/// The metrics' port can't be had, most likely because another collector runs on this machine.
class MetricsPortTaken : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Numbers of one channel; used by its strand only.
class ChannelMetrics {
public:
    ChannelMetrics() = default;
    ChannelMetrics(const ChannelMetrics&) = delete;
    ChannelMetrics& operator=(const ChannelMetrics&) = delete;
    virtual ~ChannelMetrics() = default;  ///< takes the channel's series out of the registry
    /// @param outcome answered, refused, silent, garbled or away
    virtual void exchange(const char* outcome, std::chrono::nanoseconds took) = 0;
    virtual void poll(bool answered) = 0;
    virtual void waiting(core::Lane lane, std::size_t count) = 0;
    virtual void round(std::chrono::milliseconds bus_time) = 0;
    /// Age of the oldest state among the meters that are not lost.
    virtual void freshness(std::chrono::seconds age) = 0;
    virtual void meters(std::size_t all, std::size_t quarantined, std::size_t lost) = 0;
    virtual void open(bool is_open) = 0;
    virtual void on_standby(bool is_on_standby) = 0;
};

/// Everything the collector tells Prometheus. Safe from any thread.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// @param address "127.0.0.1:9464" @throws MetricsPortTaken
    void listen(const std::string& address);

    [[nodiscard]] std::unique_ptr<ChannelMetrics> channel(const std::string& property,
                                                          const std::string& code);

    void delivery(const char* outcome);  ///< delivered, refused, quarantined, later or abandoned
    void command(const char* kind, const char* outcome);
    void database(bool reachable);
    void database_waiting(std::size_t count);
    void spool(std::int64_t depth, std::int64_t dropped_more);
    void spool_failed();
    void readings(std::size_t added, std::size_t duplicates);
    void lost_in_memory(std::size_t readings);
    void leases(std::size_t count);
    void handed_over();
    void dial_in(const DialInCounts& counts);

    /// As Prometheus sees it; for tests.
    [[nodiscard]] std::string text() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace wutong::collector
