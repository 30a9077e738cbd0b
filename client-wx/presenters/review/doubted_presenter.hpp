#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client-wx/presenters/forms/form.hpp"
#include "client-wx/presenters/lists/item_list.hpp"

namespace wutong::v1 {
class DoubtedReading;
}

/// Registers that showed what can't be: nothing is charged by them until somebody has said what they are.
namespace wutong::client {

class DoubtedPresenter : public ItemList<v1::DoubtedReading> {
public:
    static constexpr std::chrono::milliseconds kEvery{15'000};

    explicit DoubtedPresenter(Context& context);
    ~DoubtedPresenter() override;

    /// What was decided already, too.
    void show_all(bool all);
    [[nodiscard]] bool all() const { return all_; }
    /// @return null when it is decided already (a toast says so), or gone
    [[nodiscard]] std::unique_ptr<Form> decide_form(std::int64_t doubt);
    void open_meter(std::int64_t doubt);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;

private:
    [[nodiscard]] const v1::DoubtedReading* find(std::int64_t doubt) const;

    bool all_{false};
};

/// "Jumped", "Began anew at its end", …
[[nodiscard]] std::string doubt_words(const std::string& verdict);
/// What a decision means, as a choice: "It is right: charge what lies between"
[[nodiscard]] std::string decision_words(const std::string& decision);

}  // namespace wutong::client
