#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/item_list.hpp"

namespace wutong::v1 {
class Operator;
}

namespace wutong::client {

/// Who may sign in, with which roles, and whether they can at the moment.
class OperatorsPresenter : public ItemList<v1::Operator> {
public:
    struct Chosen {
        std::int64_t id{0};
        std::string name{};
        bool enabled{false};
        bool locked{false};
        bool self{false};
    };

    explicit OperatorsPresenter(Context& context);
    ~OperatorsPresenter() override;

    [[nodiscard]] bool may_change() const;
    void select(std::int64_t id);
    [[nodiscard]] const Chosen& chosen() const { return chosen_; }
    [[nodiscard]] const std::string& failure() const { return failure_; }
    [[nodiscard]] bool busy() const { return change_.busy(); }

    [[nodiscard]] std::unique_ptr<Form> new_form();
    [[nodiscard]] std::unique_ptr<Form> edit_form(std::int64_t id);
    [[nodiscard]] std::unique_ptr<Form> password_form(std::int64_t id);
    /// Harmless enough to be done at once; a toast offers Undo.
    void enable(bool on);
    void unlock();

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    [[nodiscard]] const v1::Operator* find(std::int64_t id) const;
    void set_enabled(std::int64_t id, const std::string& name, bool on, bool offer_undo);

    Chosen chosen_;
    std::string failure_;
    Change change_;
};

/// What each role may do.
class RolesPresenter : public ListPresenter {
public:
    explicit RolesPresenter(Context& context);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Item {
        std::string code{};
        std::vector<std::string> permissions{};
    };
    std::vector<Item> items_;
};

}  // namespace wutong::client
