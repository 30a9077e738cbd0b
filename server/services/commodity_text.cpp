#include "server/services/commodity_text.hpp"

#include <stdexcept>

#include "server/refused.hpp"

namespace wutong::server {

core::Commodity commodity_named(const std::string& text, const std::string& field) {
    try {
        return text.empty() ? core::Commodity::electricity : core::parse_commodity(text);
    } catch (const std::invalid_argument& error) {
        throw invalid(field, error.what());
    }
}

}  // namespace wutong::server
