#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::client {

/// Buildings, floors and units as one list that opens and closes, like a tree.
class SitePresenter : public ListPresenter {
public:
    static constexpr std::size_t kUnitsMax = 100'000;

    enum class Kind { none, building, floor, unit };
    struct Chosen {
        Kind kind{Kind::none};
        std::string name{};  ///< for the buttons: "Tower A", "12F"
    };

    explicit SitePresenter(Context& context);

    void select(std::int64_t row);
    [[nodiscard]] const Chosen& chosen() const { return chosen_; }
    [[nodiscard]] bool row_is_open(std::int64_t row) const { return open_rows_.contains(row); }
    void toggle(std::int64_t row);
    /// Right opens, Left closes. @return whether it did something
    bool set_open(std::int64_t row, bool open);
    void search(const std::string& text);
    void clear_filter() { search({}); }

    [[nodiscard]] std::unique_ptr<Form> new_building_form();
    /// For the building of what is chosen; null when nothing is.
    [[nodiscard]] std::unique_ptr<Form> new_floor_form();
    /// For the floor of what is chosen; null when there is none.
    [[nodiscard]] std::unique_ptr<Form> new_unit_form();

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Unit {
        std::int64_t id{0};
        std::string code{}, name{};
    };
    struct Floor {
        std::int64_t id{0};
        int number{0};
        std::string name{};
        std::vector<Unit> units{};
    };
    struct Building {
        std::int64_t id{0};
        std::string code{}, name{};
        std::vector<Floor> floors{};
    };
    struct Found {
        const Building* building{nullptr};
        const Floor* floor{nullptr};
        const Unit* unit{nullptr};
    };
    [[nodiscard]] Found find(std::int64_t row) const;

    std::vector<Building> buildings_;
    std::set<std::int64_t> open_rows_;
    bool opened_once_{false};
    std::int64_t selected_{0};
    Chosen chosen_;
    std::string text_;
};

/// The properties that the operator may see, and which one is looked at.
class PropertiesPresenter : public ListPresenter {
public:
    explicit PropertiesPresenter(Context& context);
    [[nodiscard]] std::unique_ptr<Form> new_form();
    /// Looks at this one from now on, on every page.
    void choose(std::int64_t property);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Item {
        std::int64_t id{0};
        std::string code{}, name{}, time_zone{}, currency{};
    };
    std::vector<Item> items_;
};

}  // namespace wutong::client
