#include "tests/simulation/plants.hpp"

#include <functional>
#include <stdexcept>

namespace wutong::simulation {

namespace {

struct Entry {
    Plant plant;
    bool StorePlants::*of_store = nullptr;
    bool Plants::*of_world = nullptr;
};

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all{
        {{"number-alone", "the purchase number alone is taken as proof"}, nullptr, &Plants::number_alone},
        {{"resend-blindly", "a write without an answer is sent again without a look"},
         nullptr,
         &Plants::resends_blindly},
        {{"late-answer-taken", "the late answer to one question is taken for the answer to the next"},
         nullptr,
         &Plants::late_answer_taken},
        {{"send-before-store", "a write is sent although it could not be written down first"},
         nullptr,
         &Plants::sends_before_storing},
        {{"claim-forgets-epoch",
          "work that was claimed under an older lease is written down under the new one"},
         nullptr,
         &Plants::claim_forgets_epoch},
        {{"sell-again", "a sale whose outcome is unknown is made again under a new request id"},
         nullptr,
         &Plants::sells_again},
        {{"book-twice", "a delivery is booked again when its commit was unknown"}, &StorePlants::books_twice},
        {{"release-forgotten", "the money of a refused delivery is not released"},
         &StorePlants::release_forgotten},
        {{"content-not-compared", "a request id with other content gets the first answer"},
         &StorePlants::content_not_compared},
        {{"fence-ignored", "a collector that has lost the channel may still write things down"},
         &StorePlants::fence_ignored},
        {{"queue-not-in-order", "two deliveries of one meter are handed out at once"},
         &StorePlants::queue_not_in_order},
        {{"readings-not-watched", "what somebody else or a late frame writes to a meter is not told"},
         &StorePlants::readings_not_watched},
        {{"use-booked-twice", "the same energy is booked as used again"}, &StorePlants::use_booked_twice},
    };
    return all;
}

}  // namespace

const std::vector<Plant>& all_plants() {
    static const std::vector<Plant> all = [] {
        std::vector<Plant> plants;
        for (const auto& entry : entries()) {
            plants.push_back(entry.plant);
        }
        return plants;
    }();
    return all;
}

Plants plant(const std::string& name) {
    std::string known;
    for (const auto& entry : entries()) {
        if (name == entry.plant.name) {
            Plants plants;
            if (entry.of_store != nullptr) {
                plants.store.*entry.of_store = true;
            } else {
                plants.*entry.of_world = true;
            }
            return plants;
        }
        known += std::string(known.empty() ? "" : ", ") + entry.plant.name;
    }
    throw std::invalid_argument("there is no plant \"" + name + "\"; known are " + known);
}

}  // namespace wutong::simulation
