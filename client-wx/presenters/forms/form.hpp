#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/context.hpp"

/// A dialog in which something is made or changed: fields, what is wrong with them, and one button.
namespace wutong::client {

struct FormOption {
    std::string value{}, label{};
};

struct FormField {
    enum class Kind { text, number, password, choice, toggle, several };
    std::string key{};  ///< as the server calls it in its field errors
    Kind kind{Kind::text};
    std::string label{};
    std::string value{};  ///< toggle: "1" or ""; several: values with spaces between
    std::string unit{};   ///< behind the input
    std::string hint{};   ///< below the input, while nothing is wrong
    std::string error{};  ///< below the input, instead of the hint
    std::vector<FormOption> options{};
    bool enabled{true};
    int lines{1};  ///< of a text; more: a list of names, as long as need be
};

struct FormScreen {
    std::string title{};
    std::string intro{};   ///< what this is about, one sentence; may be empty
    std::string submit{};  ///< verb and target: "Add meter A-101"
    std::vector<FormField> fields{};
    std::string failure{};  ///< the whole was refused: what was not done, and what next
    std::string note{};     ///< what is going on while busy
    bool busy{false};
    std::string off_reason{};  ///< not empty: the button is off, and this is why
    int first_fault{-1};       ///< the field that gets the focus
};

/// What all forms share. A concrete form adds its fields, checks what can be seen here, and sends the change.
class Form {
public:
    Form(const Form&) = delete;
    Form& operator=(const Form&) = delete;
    virtual ~Form() = default;

    [[nodiscard]] const FormScreen& screen() const { return screen_; }
    std::function<void()> on_changed;
    /// It was done; the dialog closes. @param said one sentence for a toast
    std::function<void(const std::string& said)> on_saved;

    /// What stands in a field now. Changes nothing else than the field, its error and the button's words.
    void set(std::size_t field, const std::string& value);
    void submit();

protected:
    explicit Form(Context& context);

    /// Marks what is wrong in fields with fail(); nothing is sent then.
    virtual void check() = 0;
    virtual void send() = 0;
    /// The button follows what is typed ("Add meter A-101").
    [[nodiscard]] virtual std::string submit_label() const = 0;
    /// A value has changed: other fields may appear, or be switched off.
    virtual void follow(const std::string& /*key*/) {}

    FormField& add(FormField field);
    [[nodiscard]] FormField* find(const std::string& key);
    [[nodiscard]] const FormField* find(const std::string& key) const;
    [[nodiscard]] std::string value(const std::string& key) const;  ///< without spaces around it
    void fail(const std::string& key, const std::string& text);

    void need(const std::string& key);
    /// A whole number, in full-width digits too.
    std::optional<std::int64_t> whole(const std::string& key, std::int64_t least, std::int64_t most,
                                      bool needed);
    /// @return ten-thousandths
    std::optional<std::int64_t> amount(const std::string& key, bool needed);

    template <class Request, class Answer>
    void change(const Unary<Request, Answer>& method, Request request,
                std::function<std::string(const Answer&)> said) {
        began();
        change_.start<Request, Answer>(method, std::move(request),
                                       [this, said = std::move(said)](Result<Answer> result) {
                                           if (result) {
                                               saved(said(*result));
                                           } else {
                                               refused(result.fault());
                                           }
                                       });
    }
    void began();
    void saved(const std::string& said);
    void refused(const Fault& fault);
    void tell();

    Context& context_;
    FormScreen screen_;
    Change change_;
};

}  // namespace wutong::client
