#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/lists/list_presenter.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class BalanceProof;
}

namespace wutong::client {

/// What the last proof has said of all meters together.
struct ProofSummary {
    bool there{false};
    std::string ledger, meters, difference, unexplained, taken;
    bool alarming{false};
};

/// Ledger against meter, meter by meter, and what the difference is made of.
class BalancesPresenter : public ListPresenter {
public:
    explicit BalancesPresenter(Context& context);
    ~BalancesPresenter() override;

    void show_unexplained_only(bool only);
    [[nodiscard]] bool unexplained_only() const { return unexplained_only_; }
    void search(const std::string& text);
    void clear_filter();
    [[nodiscard]] const ProofSummary& proof() const { return proof_; }
    /// "12 of 240 meters have a part that nothing explains"
    [[nodiscard]] std::string status() const;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
    ProofSummary proof_;
    bool unexplained_only_{false};
    std::string text_;
};

/// The proofs that were taken, the newest first; and one taken now.
class ProofsPresenter : public ListPresenter {
public:
    explicit ProofsPresenter(Context& context);
    ~ProofsPresenter() override;

    [[nodiscard]] bool may_prove() const { return context_.session.may("ledger.prove"); }
    [[nodiscard]] bool proving() const { return change_.busy(); }
    void prove();
    [[nodiscard]] const std::string& said() const { return said_; }  ///< what the last one found, or why not

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override;

private:
    struct Items;
    std::unique_ptr<Items> items_;
    Change change_;
    std::string said_;
};

/// Deliveries whose outcome nobody could prove: they wait for operators.
class QuestionsPresenter : public ListPresenter {
public:
    explicit QuestionsPresenter(Context& context);

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
    void forget() override { items_.clear(); }

private:
    struct Item {
        std::int64_t id{0};
        std::string unit{}, customer{}, kind{}, receipt{}, who{}, reason{};
        std::int64_t amount_e4{0};
        std::chrono::system_clock::time_point queued_at{};
    };
    std::vector<Item> items_;
};

/// One meter: its causes, and what stands behind each.
struct BalanceScreen {
    bool loading{true};
    std::string failure;
    std::string title;  ///< "C-312  ·  Noodle House"
    std::vector<std::pair<std::string, std::string>> facts;
    std::vector<std::vector<TableCell>> evidence;
    bool unexplained{false};
};

class BalancePresenter {
public:
    BalancePresenter(Context& context, std::int64_t meter_id, std::function<void()> changed);
    [[nodiscard]] const BalanceScreen& screen() const { return screen_; }

private:
    Context& context_;
    std::function<void()> changed_;
    BalanceScreen screen_;
    Call call_;
};

/// in_flight | use_not_booked | price_change | rounding | foreign_write | unexplained | ledger
[[nodiscard]] std::string cause_name(const std::string& cause);

}  // namespace wutong::client
