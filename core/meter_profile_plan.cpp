#include <algorithm>

#include "core/meter_items.hpp"
#include "core/meter_profile.hpp"

namespace wutong::core {

namespace {

bool contains(const std::vector<Block::Group>& groups, Block::Group group) {
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

bool has_group(const MeterProfile& profile, Block::Group group) {
    return std::any_of(profile.blocks.begin(), profile.blocks.end(),
                       [group](const Block& block) { return block.group == group; });
}

std::vector<Block::Group> with_stand_ins(const MeterProfile& profile, std::vector<Block::Group> wanted) {
    if (contains(wanted, Block::Group::reading) && !has_group(profile, Block::Group::reading)) {
        wanted.push_back(Block::Group::state);
    }
    if (contains(wanted, Block::Group::state) && !has_group(profile, Block::Group::state)) {
        wanted.push_back(Block::Group::reading);
    }
    return wanted;
}

}  // namespace

std::vector<const Block*> plan_items(const MeterProfile& profile, const std::vector<Block::Group>& groups) {
    const auto wanted = with_stand_ins(profile, groups);
    std::vector<const Block*> items;
    for (const Block& block : profile.blocks) {
        if (contains(wanted, block.group)) {
            items.push_back(&block);
        }
    }
    return items;
}

std::vector<RegisterSpan> plan_reads(const MeterProfile& profile, const std::vector<Block::Group>& groups) {
    const auto wanted = with_stand_ins(profile, groups);
    std::vector<RegisterSpan> blocks;
    for (const Block& block : profile.blocks) {
        if (contains(wanted, block.group)) {
            blocks.push_back({block.function, block.address, block.count});
        }
    }
    std::sort(blocks.begin(), blocks.end(), [](const RegisterSpan& a, const RegisterSpan& b) {
        return a.function != b.function ? a.function < b.function : a.address < b.address;
    });

    // Blocks stay whole, so taking as many as fit from the left gives the fewest reads.
    std::vector<RegisterSpan> spans;
    for (const RegisterSpan& block : blocks) {
        if (!spans.empty() && spans.back().function == block.function) {
            RegisterSpan& last = spans.back();
            const int last_end = last.address + last.count;
            const int gap = block.address - last_end;
            const int merged_end = std::max(last_end, block.address + block.count);
            const int merged_count = merged_end - last.address;
            if (gap <= profile.gap_max && merged_count <= profile.registers_max) {
                last.count = static_cast<std::uint16_t>(merged_count);
                continue;
            }
        }
        spans.push_back(block);
    }
    return spans;
}

}  // namespace wutong::core
