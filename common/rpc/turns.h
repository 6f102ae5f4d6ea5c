// A queue in which those who come for the same thing take turns with all others, so that a crowd
// keeps only itself waiting: start-time fair queueing with equal weights (Goyal, Vin, Cheng 1996).
// Every fourth turn is the longest waiting one's, whoever it is: a crowd is slow, and is not
// starved.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>

namespace yilian::rpc {

// An item without a key takes its turn at once. Not thread-safe.
template <typename Item>
class TurnQueue {
 public:
  using Key = uint64_t;  // what is wanted; 0: nothing in particular

  void Push(Key key, Item item) {
    const int64_t start = StartOf(key);
    if (key != 0) {
      Crowd& crowd = crowds_[key];
      crowd.next_start = start + 1;
      ++crowd.waiting;
    }
    starts_.emplace(next_number_, start);
    items_.emplace(Place{start, next_number_++}, Entry{key, std::move(item)});
  }

  // The item whose turn it is. Not of an empty queue.
  Item Pop() {
    const auto oldest = starts_.begin();
    const bool by_age = ++turns_ % kByAge == 0;
    const auto first = by_age ? items_.find(Place{oldest->second, oldest->first}) : items_.begin();
    // An older one's turn, taken early, does not make the others late.
    if (!by_age) now_ = first->first.start;
    Entry entry = std::move(first->second);
    starts_.erase(first->first.number);
    items_.erase(first);
    // A crowd whose last one has had a turn is as new as anybody.
    if (const auto crowd = crowds_.find(entry.key);
        crowd != crowds_.end() && --crowd->second.waiting == 0) {
      crowds_.erase(crowd);
    }
    return std::move(entry.item);
  }

  bool empty() const { return items_.empty(); }
  size_t size() const { return items_.size(); }
  // How many of `key` wait.
  size_t size(Key key) const {
    const auto found = crowds_.find(key);
    return found == crowds_.end() ? 0 : found->second.waiting;
  }
  // How many would be taken before an item that comes now.
  size_t Ahead(Key key) const {
    if (crowds_.empty()) return items_.size();
    const int64_t start = StartOf(key);
    return static_cast<size_t>(std::count_if(
        items_.begin(), items_.end(), [&](const auto& item) { return item.first.start <= start; }));
  }

 private:
  static constexpr int64_t kByAge = 4;

  struct Place {
    int64_t start;
    int64_t number;  // in the order they came
    auto operator<=>(const Place&) const = default;
  };
  struct Entry {
    Key key;
    Item item;
  };
  struct Crowd {
    int64_t next_start = 0;
    size_t waiting = 0;
  };

  int64_t StartOf(Key key) const {
    const auto found = crowds_.find(key);
    return found == crowds_.end() ? now_ : std::max(now_, found->second.next_start);
  }

  std::map<Place, Entry> items_;
  std::map<int64_t, int64_t> starts_;  // of the items, by number: the oldest first
  std::unordered_map<Key, Crowd> crowds_;
  int64_t now_ = 0;  // where the item that was taken last started
  int64_t next_number_ = 0;
  int64_t turns_ = 0;
};

}  // namespace yilian::rpc
