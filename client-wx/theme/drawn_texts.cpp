#include "client-wx/theme/drawn_texts.hpp"

#include <unordered_map>
#include <utility>

namespace wutong::client {
namespace {

constexpr std::size_t kTextsMax = 2000;

bool& recording() {
    static bool on = false;
    return on;
}

// Windows that are gone leave a few entries behind; a new one at the same place forgets them when it paints.
std::unordered_map<const wxWindow*, std::vector<DrawnText>>& kept() {
    static std::unordered_map<const wxWindow*, std::vector<DrawnText>> all;
    return all;
}

}  // namespace

void record_drawn_texts(bool record) {
    recording() = record;
    kept().clear();
}

bool recording_drawn_texts() {
    return recording();
}

const std::vector<DrawnText>& drawn_texts(const wxWindow& window) {
    static const std::vector<DrawnText> none;
    const auto found = kept().find(&window);
    return found == kept().end() ? none : found->second;
}

void forget_drawn_texts(const wxWindow& window) {
    if (recording()) {
        kept()[&window].clear();
    }
}

void note_drawn_text(const wxWindow& window, DrawnText text) {
    if (!recording()) {
        return;
    }
    if (auto& texts = kept()[&window]; texts.size() < kTextsMax) {
        texts.push_back(std::move(text));
    }
}

}  // namespace wutong::client
