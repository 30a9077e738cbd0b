#include "client-wx/presenters/forms/form.hpp"

#include "client-wx/text/faults.hpp"
#include "client-wx/text/fill.hpp"
#include "client-wx/text/format.hpp"
#include "client-wx/text/server_text.hpp"
#include "client-wx/text/translate.hpp"

namespace wutong::client {

namespace {

std::string trimmed(const std::string& text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    const auto last = text.find_last_not_of(" \t\r\n");
    return first == std::string::npos ? std::string{} : text.substr(first, last - first + 1);
}

/// "meter.code" and "values[price_e4]" are the fields "code" and "price_e4" of our form.
std::string last_name(const std::string& field) {
    const auto open = field.rfind('[');
    if (open != std::string::npos && field.ends_with(']')) {
        return field.substr(open + 1, field.size() - open - 2);
    }
    const auto dot = field.rfind('.');
    return dot == std::string::npos ? field : field.substr(dot + 1);
}

}  // namespace

Form::Form(Context& context) : context_{context}, change_{context.server, context.timers} {
    change_.on_waiting = [this] {
        screen_.note =
            tr("The server cannot be reached. What you typed stays here and is sent again by itself.");
        tell();
    };
}

FormField& Form::add(FormField field) {
    screen_.fields.push_back(std::move(field));
    screen_.submit = submit_label();
    return screen_.fields.back();
}

FormField* Form::find(const std::string& key) {
    for (auto& field : screen_.fields) {
        if (field.key == key) {
            return &field;
        }
    }
    return nullptr;
}

const FormField* Form::find(const std::string& key) const {
    for (const auto& field : screen_.fields) {
        if (field.key == key) {
            return &field;
        }
    }
    return nullptr;
}

std::string Form::value(const std::string& key) const {
    const auto* field = find(key);
    if (field == nullptr) {
        return {};
    }
    // Spaces are part of a password.
    return field->kind == FormField::Kind::password ? field->value : trimmed(field->value);
}

void Form::fail(const std::string& key, const std::string& text) {
    if (auto* field = find(key); field != nullptr && field->error.empty()) {
        field->error = text;
    }
}

void Form::need(const std::string& key) {
    if (value(key).empty()) {
        fail(key, tr("Fill this in."));
    }
}

std::optional<std::int64_t> Form::whole(const std::string& key, std::int64_t least, std::int64_t most,
                                        bool needed) {
    auto text = value(key);
    if (text.empty()) {
        if (needed) {
            need(key);
        }
        return std::nullopt;
    }
    const bool negative = text.starts_with('-');
    auto number = parse_count(negative ? text.substr(1) : text);
    if (number && negative) {
        number = -*number;
    }
    if (!number || *number < least || *number > most) {
        fail(key, fill(tr("Write a whole number from {} to {}."), count(least), count(most)));
        return std::nullopt;
    }
    return number;
}

std::optional<std::int64_t> Form::amount(const std::string& key, bool needed) {
    const auto text = value(key);
    if (text.empty()) {
        if (needed) {
            need(key);
        }
        return std::nullopt;
    }
    const auto e4 = parse_price(text);
    if (!e4) {
        fail(key, tr("Write an amount such as 12.50, with at most four decimals."));
    }
    return e4;
}

void Form::set(std::size_t field, const std::string& value) {
    if (field >= screen_.fields.size() || screen_.fields[field].value == value) {
        return;
    }
    auto& changed = screen_.fields[field];
    changed.value = value;
    changed.error.clear();
    const auto key = changed.key;
    follow(key);
    screen_.submit = submit_label();
    tell();
}

void Form::submit() {
    if (change_.busy() || !screen_.off_reason.empty()) {
        return;
    }
    screen_.failure.clear();
    screen_.first_fault = -1;
    for (auto& field : screen_.fields) {
        field.error.clear();
    }
    check();
    for (std::size_t i = 0; i < screen_.fields.size(); ++i) {
        if (!screen_.fields[i].error.empty()) {
            screen_.first_fault = static_cast<int>(i);
            tell();
            return;
        }
    }
    send();
}

void Form::began() {
    screen_.busy = true;
    screen_.note.clear();
    tell();
}

void Form::saved(const std::string& said) {
    screen_.busy = false;
    screen_.note.clear();
    if (on_saved) {
        const auto close = on_saved;  // which may destroy this form
        close(said);
        return;
    }
    tell();
}

void Form::refused(const Fault& fault) {
    screen_.busy = false;
    screen_.note.clear();
    std::string elsewhere;
    for (const auto& wrong : fault.fields) {
        const auto key = last_name(wrong.name);
        const auto text = describe_server_text(wrong.text);
        if (find(key) != nullptr) {
            fail(key, text);
        } else {
            elsewhere += (elsewhere.empty() ? "" : "\n") + wrong.name + ": " + text;
        }
    }
    for (std::size_t i = screen_.fields.size(); i-- > 0;) {
        if (!screen_.fields[i].error.empty()) {
            screen_.first_fault = static_cast<int>(i);
        }
    }
    if (fault.fields.empty()) {
        screen_.failure = describe_with_code(fault);
    } else {
        screen_.failure = elsewhere;
    }
    tell();
}

void Form::tell() {
    if (on_changed) {
        on_changed();
    }
}

}  // namespace wutong::client
