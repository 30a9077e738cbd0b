#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "client-wx/presenters/lists/list_presenter.hpp"

namespace wutong::v1 {
class CommandBatch;
}

namespace wutong::client {

/// What was ordered from meters: one row for each order, whether for one meter or for ten thousand.
class BatchesPresenter : public ListPresenter {
public:
    static constexpr std::chrono::milliseconds kEvery{2000};
    static constexpr std::size_t kRowsMax = 500;

    enum class Show { under_way, recent };
    struct Extra {
        Show show{Show::recent};
        std::string chosen{};            ///< batch id; empty: none
        std::optional<int> under_way{};  ///< commands, as the server counts them
    };

    explicit BatchesPresenter(Context& context);

    [[nodiscard]] const Extra& extra() const { return extra_; }
    void show(Show what);
    /// Rows are numbered within this list. @return "" when there is no such row
    [[nodiscard]] std::string batch_of(std::int64_t row) const;
    [[nodiscard]] std::int64_t row_of(const std::string& batch) const;  ///< 0: not there

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Item {
        std::string batch_id{}, kind{}, arguments{}, state{}, who{};
        std::chrono::system_clock::time_point created_at{};
        std::optional<std::chrono::system_clock::time_point> finished_at{};
        int total{0}, waiting{0}, running{0}, done{0}, failed{0}, cancelled{0}, skipped{0};
    };
    [[nodiscard]] static Item item_of(const v1::CommandBatch& batch);
    [[nodiscard]] std::int64_t row_number(const std::string& batch);

    std::vector<Item> items_;
    std::vector<std::string> numbers_;  ///< row number − 1 → batch id; kept, so that a selection stays
    Extra extra_;
};

}  // namespace wutong::client
