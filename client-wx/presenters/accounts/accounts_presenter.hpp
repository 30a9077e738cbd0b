#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::client {

/// The list of accounts: found by anything that people know of them, with what their meters hold now.
class AccountsPresenter final : public ListPresenter {
public:
    enum class Show { open, closing, closed, all };

    explicit AccountsPresenter(Context& context);

    void search(const std::string& text);
    void show(Show what);
    [[nodiscard]] Show shown() const { return show_; }
    [[nodiscard]] const std::string& searched() const { return text_; }
    void clear_filter();

private:
    struct Item {
        std::int64_t account_id{0};
        std::string number, customer, phone, state, units;
        std::vector<std::int64_t> meters;
        std::optional<std::int64_t> read_e4;  ///< sum of what its meters held when the list was loaded
        std::optional<std::chrono::system_clock::time_point> opened_at;
    };

    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override { items_.clear(); }

    std::vector<Item> items_;
    std::string text_;
    Show show_{Show::open};
    Timer search_soon_;
    Timer redraw_soon_;
    Subscription live_;
};

}  // namespace wutong::client
