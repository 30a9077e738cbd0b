#include "server/services/channel_load_shapes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/bus_model.hpp"
#include "server/profiles.hpp"

namespace wutong::server {

namespace {

using Group = core::Block::Group;

struct Load {
    std::vector<core::BusMeters> kinds;
    std::string unknown;  ///< a profile whose sizes are not known
};

Load load_of(const storage::ChannelLoadRow& row, const Profiles& profiles) {
    Load load;
    for (const auto& [id, count] : row.meters) {
        const auto* profile = profiles.find(id);
        core::BusMeters meters;
        meters.count = count;
        if (profile != nullptr) {
            meters.state = core::exchanges_of(*profile, {Group::state});
            meters.reading = core::exchanges_of(*profile, {Group::state, Group::reading});
        }
        if (meters.state.empty()) {
            load.unknown = id;
            continue;
        }
        load.kinds.push_back(std::move(meters));
    }
    return load;
}

}  // namespace

void fill_load(const storage::ChannelLoadRow& row, const Profiles& profiles, std::chrono::seconds freshness,
               core::Timestamp now, v1::ChannelLoad& out) {
    out.set_channel_id(row.channel.value);
    out.set_code(row.code);
    out.set_transport(row.transport);
    out.set_baud(row.baud);
    int living = 0;
    for (const auto& [profile, count] : row.meters) {
        living += count;
    }
    out.set_meters(living + row.lost);
    out.set_lost(row.lost);
    if (row.round) {
        out.set_measured_round_ms(row.round->count());
    }
    if (row.oldest) {
        const auto age = std::chrono::duration_cast<std::chrono::seconds>(now - *row.oldest);
        out.set_oldest_s(std::max<std::int64_t>(0, age.count()));
    }
    core::BusLine line;
    line.baud = row.baud;
    line.bits_per_character = row.bits_per_character;
    core::BusRules rules;
    rules.freshness = freshness;
    rules.reading_every = row.reading_every;
    rules.dead = row.lost;
    const auto load = load_of(row, profiles);
    std::vector<std::string> remarks;
    if (!load.unknown.empty()) {
        remarks.push_back(fmt::format("what profile {} costs is not known here", load.unknown));
    } else if (!load.kinds.empty()) {
        const auto times = core::bus_times(line, load.kinds, rules);
        out.set_computed_round_ms(times.round.count());
        if (load.kinds.size() == 1) {
            out.set_meters_max(core::meters_per_bus(line, load.kinds[0], rules));
        }
        if (!times.fits) {
            out.set_too_slow(true);
            remarks.push_back(times.freshness.count() == 0
                                  ? std::string{"the bus is full"}
                                  : fmt::format("the bus can keep {} s at best", times.freshness.count()));
        }
    }
    if (out.has_oldest_s() && out.oldest_s() > freshness.count()) {
        out.set_too_slow(true);
        remarks.push_back(fmt::format("the oldest state is {} s old", out.oldest_s()));
    }
    if (row.lost > 0) {
        remarks.push_back(fmt::format("{} without an answer", row.lost));
    }
    out.set_remark(fmt::format("{}", fmt::join(remarks, "; ")));
}

}  // namespace wutong::server
