#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::client {

/// Who did what, newest first: of the property, or of the installation (sign-ins, operators).
class LogPresenter : public ListPresenter {
public:
    /// How many are fetched at a time; "Show older" fetches as many again.
    static constexpr std::size_t kStep = 500;

    enum class Period { today, week, month, all };
    struct Extra {
        bool installation{false};
        Period period{Period::week};
        std::string action{};  ///< "": all
        std::string text{};
        std::vector<std::pair<std::string, std::string>> actions{};  ///< code and words; first: all
        bool more{false};
    };
    struct Details {
        bool there{false};
        std::string title{}, who{}, when{}, target{};
        std::vector<std::pair<std::string, std::string>> facts{};
    };

    explicit LogPresenter(Context& context);

    [[nodiscard]] const Extra& extra() const { return extra_; }
    void show_installation(bool installation);
    void choose_period(Period period);
    void choose_action(const std::string& action);
    void search(const std::string& text);
    void clear_filter();
    void show_older();
    [[nodiscard]] Details details(std::int64_t id) const;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Item {
        std::int64_t id{0};
        std::chrono::system_clock::time_point at{};
        std::string who{}, action{}, target{}, details{};
    };
    void fetch_page(const std::string& token, std::size_t until);

    std::vector<Item> items_;
    Extra extra_;
    std::string next_token_;
    std::size_t wanted_{kStep};
};

}  // namespace wutong::client
