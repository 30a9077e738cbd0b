#include "collector/commands/meter_reader.hpp"

#include <algorithm>

namespace wutong::collector {

std::optional<std::int64_t> MeterReadout::value(core::Quantity quantity) const {
    const auto found = values.find(quantity);
    return found == values.end() ? std::nullopt : std::optional{found->second};
}

MeterReadout read_groups(MeterBus& bus, const core::MeterProfile& profile,
                         const std::vector<core::Block::Group>& groups) {
    MeterReadout readout;
    const auto spans = core::plan_reads(profile, groups);
    if (spans.empty()) {
        readout.kind = BusReply::Kind::refused;
        readout.reason = "profile " + profile.id + " has no registers of this kind";
        return readout;
    }
    for (const auto& span : spans) {
        const protocols::ReadRequest request{static_cast<std::uint8_t>(span.function), span.address,
                                             span.count};
        BusReply reply = bus.exchange(request, Repeat::allowed);
        readout.kind = reply.kind;
        readout.at = bus.now();
        if (!reply.answered()) {
            readout.values.clear();
            readout.reason = std::move(reply.reason);
            return readout;
        }
        core::decode(profile, span, reply.words, readout.values);
    }
    return readout;
}

protocols::Request probe_request(const core::MeterProfile& profile) {
    // The first field of the smallest kind of block: an address that the model surely answers.
    const auto block =
        std::min_element(profile.blocks.begin(), profile.blocks.end(),
                         [](const core::Block& a, const core::Block& b) { return a.group < b.group; });
    if (block == profile.blocks.end()) {
        return protocols::ReadRequest{protocols::kReadHolding, 0, 1};
    }
    // Two registers, since some models refuse to tell half of a 32-bit value.
    const auto count = std::min<std::uint16_t>(block->count, 2);
    return protocols::ReadRequest{static_cast<std::uint8_t>(block->function), block->address, count};
}

}  // namespace wutong::collector
