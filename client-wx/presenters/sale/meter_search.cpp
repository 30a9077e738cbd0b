#include "client-wx/presenters/sale/meter_search.hpp"

#include <algorithm>
#include <utility>

#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

constexpr int kNoMatch = 1000;

int rank_of(const std::string& field, const std::string& typed) {
    if (field.empty()) {
        return kNoMatch;
    }
    const auto at = field.find(typed);
    if (at == std::string::npos) {
        return kNoMatch;
    }
    if (field.size() == typed.size()) {
        return 0;
    }
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    // "312" of "c312": the whole number, not a part of "1312".
    if (field.compare(field.size() - typed.size(), typed.size(), typed) == 0 && is_digit(typed.front()) &&
        !is_digit(field[field.size() - typed.size() - 1])) {
        return 1;
    }
    return at == 0 ? 2 : 3;
}

int rank_of(const LiveMeter& meter, const std::string& typed) {
    int best = rank_of(search_form(unit_or_code(meter)), typed);
    if (best <= 1) {
        return best;
    }
    const auto look = [&](const std::string& field, int behind) {
        const int rank = rank_of(search_form(field), typed);
        best = std::min(best, rank == kNoMatch ? kNoMatch : rank + behind);
    };
    look(meter.account_number, 4);
    look(meter.code, 4);
    look(meter.serial_number, 4);
    look(meter.customer, 8);
    look(meter.unit_name, 8);
    return best;
}

}  // namespace

std::string search_form(std::string_view text) {
    std::string form;
    form.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        auto byte = static_cast<unsigned char>(text[i]);
        // U+FF01…U+FF5E are U+0021…U+007E at full width: EF BC 81 … EF BD 9E.
        if (byte == 0xEF && i + 2 < text.size()) {
            const auto second = static_cast<unsigned char>(text[i + 1]);
            const auto third = static_cast<unsigned char>(text[i + 2]);
            const int code = ((second & 0x3F) << 6) | (third & 0x3F);
            if ((second == 0xBC && third >= 0x81) || (second == 0xBD && third <= 0x9E)) {
                byte = static_cast<unsigned char>(code - 0xF00 + 0x20);
                i += 2;
            }
        }
        if (byte >= 'A' && byte <= 'Z') {
            byte = static_cast<unsigned char>(byte - 'A' + 'a');
        }
        if (byte == ' ' || byte == '-' || byte == '_' || byte == '/' || byte == '.') {
            continue;
        }
        form += static_cast<char>(byte);
    }
    return form;
}

const std::string& unit_or_code(const LiveMeter& meter) {
    return meter.unit_code.empty() ? meter.code : meter.unit_code;
}

const std::string& shop_of(const LiveMeter& meter) {
    return meter.customer.empty() ? meter.unit_name : meter.customer;
}

std::string shop_and_kind(const LiveMeter& meter) {
    const auto& shop = shop_of(meter);
    if (meter.commodity != core::Commodity::water) {
        return shop;
    }
    return shop + (shop.empty() ? "" : "  ·  ") + tr("water");
}

std::vector<std::size_t> find_meters(const std::vector<LiveMeter>& meters, std::string_view typed,
                                     std::size_t most, std::size_t* found) {
    const auto form = search_form(typed.substr(0, 100));
    std::vector<std::pair<int, std::size_t>> ranked;
    if (!form.empty()) {
        for (std::size_t i = 0; i < meters.size(); ++i) {
            if (!meters[i].prepaid()) {
                continue;
            }
            const int rank = rank_of(meters[i], form);
            if (rank < kNoMatch) {
                ranked.emplace_back(rank * 2 + (meters[i].account_id == 0 ? 1 : 0), i);
            }
        }
    }
    if (found != nullptr) {
        *found = ranked.size();
    }
    const auto shown = std::min(most, ranked.size());
    std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(shown), ranked.end());
    std::vector<std::size_t> indices;
    for (std::size_t i = 0; i < shown; ++i) {
        indices.push_back(ranked[i].second);
    }
    return indices;
}

std::vector<const LiveMeter*> find_unit_meters(const std::vector<LiveMeter>& meters, std::string_view typed) {
    constexpr std::size_t kLookedAt = 20;
    std::vector<const LiveMeter*> found;
    for (const auto i : find_meters(meters, typed, kLookedAt)) {
        const auto& one = meters[i];
        if (found.empty() || (!one.unit_code.empty() && one.unit_code == found.front()->unit_code &&
                              one.building == found.front()->building)) {
            found.push_back(&one);
        }
    }
    return found;
}

const LiveMeter* find_meter(const std::vector<LiveMeter>& meters, std::string_view typed,
                            core::Commodity commodity) {
    const auto found = find_unit_meters(meters, typed);
    const auto of_it = std::find_if(found.begin(), found.end(), [commodity](const LiveMeter* one) {
        return one->commodity == commodity;
    });
    return of_it == found.end() ? nullptr : *of_it;
}

}  // namespace wutong::client
