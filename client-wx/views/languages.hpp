#pragma once

#include "client-wx/api/listeners.hpp"
#include "client-wx/presenters/preferences.hpp"

/// The language of every visible text, chosen at start and switched while the program runs. The Chinese
/// catalog is carried inside of the program.
namespace wutong::client {

/// Installs the translator of text/translate.hpp. @param language system: Chinese where the desktop is
/// Chinese
void use_language(Language language);
/// english or chinese
[[nodiscard]] Language language_in_use();
/// Told after a switch: whoever holds texts asks for them again.
[[nodiscard]] Subscription on_language_change(std::function<void()> changed);

}  // namespace wutong::client
