#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client-wx/presenters/change.hpp"
#include "client-wx/presenters/lists/item_list.hpp"
#include "client-wx/text/table_cell.hpp"

namespace wutong::v1 {
class BalanceProof;
class Delivery;
class MeterBalance;
}  // namespace wutong::v1

namespace wutong::client {

/// What the last proof has said of all meters together.
struct ProofSummary {
    bool there{false};
    std::string ledger, meters, difference, unexplained, taken;
    bool alarming{false};
};

/// Ledger against meter, meter by meter, and what the difference is made of.
class BalancesPresenter : public ItemList<v1::MeterBalance> {
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
    ProofSummary proof_;
    bool unexplained_only_{false};
    std::string text_;
};

/// The proofs that were taken, the newest first; and one taken now.
class ProofsPresenter : public ItemList<v1::BalanceProof> {
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

private:
    Change change_;
    std::string said_;
};

/// Deliveries whose outcome nobody could prove: they wait for operators.
class QuestionsPresenter : public ItemList<v1::Delivery> {
public:
    explicit QuestionsPresenter(Context& context);
    ~QuestionsPresenter() override;

protected:
    void fetch() override;
    void write(ListScreen& screen) override;
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
