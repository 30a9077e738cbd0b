#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"
#include "tests/support/scripted_server.hpp"

/// What tests of forms and lists ask again and again.
namespace wutong::client::test {

/// Where a form has a field.
inline std::size_t field(const Form& form, const std::string& key) {
    const auto& fields = form.screen().fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (fields[i].key == key) {
            return i;
        }
    }
    throw std::logic_error("no field " + key);
}

/// Answers the oldest waiting call of a list. @param add where the answer takes an item
template <class Request, class Answer, class Item>
void say_items(ScriptedServer& server, const Unary<Request, Answer>& method, Item* (Answer::*add)(),
               const std::vector<Item>& items) {
    Answer answer;
    for (const auto& item : items) {
        *(answer.*add)() = item;
    }
    server.answer(method, answer);
}

}  // namespace wutong::client::test
