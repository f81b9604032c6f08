// Folding: the last row of each key in the pending deltas goes into sorted storage, then the deltas go.
// Rows are absolute, so a crash between the writes only means that the next fold writes them again.
#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/state/state_backend.h"
#include "runtime/state/state_format.h"

namespace thalweg::runtime {
namespace {

// Deltas held in memory at once; sorting and writing their rows takes about five times as much.
constexpr std::size_t kPassBytesMax = 48ull << 20;
constexpr std::uint64_t kFoldPatienceMax = 64ull << 20;  // also bounds what a restart reads per store
constexpr std::size_t kIngestRowsMin = 20'000;
constexpr std::size_t kWriteBytes = 256ull << 10;  // small, so that commits do not wait long behind one

// A row of a delta. Carries the first bytes of its key, so that sorting seldom has to go to the key itself.
struct Change {
  std::array<std::uint64_t, 2> first;  // as big-endian numbers, short keys padded with zeros
  std::string_view key;
  std::optional<std::string_view> row;
  std::uint32_t delta;
  // Of one key the newest goes first.
  bool operator<(const Change& other) const {
    if (first != other.first) return first < other.first;
    return key != other.key ? key < other.key : delta > other.delta;
  }
};

std::array<std::uint64_t, 2> first_bytes(std::string_view key) {
  std::array<std::uint64_t, 2> first{};
  std::memcpy(first.data(), key.data(), std::min(key.size(), sizeof(first)));
  for (std::uint64_t& word : first) word = __builtin_bswap64(word);
  return first;
}

}  // namespace

struct StoredStateBackend::FoldPass {
  std::vector<std::string> blobs;
  std::vector<std::uint64_t> sequences;
  std::vector<std::uint64_t> expiries;  // per delta: windows before this went with it or a later one
  std::size_t size_bytes = 0;
  std::int64_t row_count = 0;
  std::vector<Change> changes;  // by key, each once
};

Result<void> StoredStateBackend::fold(bool everything) {
  MutexLock folding(fold_mutex_);
  THALWEG_TRY(const auto stores, stores_to_fold(everything));
  for (const auto& store : stores) THALWEG_CHECK(fold_store(*store));
  return {};
}

Result<std::vector<std::shared_ptr<FoldState>>> StoredStateBackend::stores_to_fold(bool everything) {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<FoldState>> stores;
  if (everything) {
    const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kState);
    for (cursor->seek(kStorePrefix); cursor->valid() && cursor->key().starts_with(kStorePrefix);
         cursor->next()) {
      const std::uint32_t id = read_u32_be(cursor->value());
      std::shared_ptr<FoldState>& known = folds_[id];
      if (known == nullptr) known = std::make_shared<FoldState>(id);
      stores.push_back(known);
    }
    THALWEG_CHECK(cursor->status());
    return stores;
  }
  // Rows in pending deltas cannot be evicted, so small deltas go too when memory is short.
  const bool memory_short = memory_bytes() > options_.memory_budget_bytes;
  for (const auto& [id, fold] : folds_) {
    const std::uint64_t pending = fold->pending_bytes.load(std::memory_order_relaxed);
    // A big store waits for more: each fold leaves a file that has to be merged with all of its rows.
    const std::uint64_t patience =
        std::min(kFoldPatienceMax, fold->memory_bytes.load(std::memory_order_relaxed) / 8);
    const std::uint64_t enough = std::max<std::uint64_t>(options_.fold_after_bytes, patience);
    if (pending > enough || (memory_short && pending > 0)) stores.push_back(fold);
  }
  return stores;
}

Result<void> StoredStateBackend::fold_store(FoldState& fold) {
  for (;;) {
    auto pass = read_deltas(fold);
    if (!pass) {
      return Error{pass.error().code, "state store " + std::to_string(fold.id) + ": " + pass.error().message};
    }
    if (pass->blobs.empty()) return {};
    THALWEG_CHECK(write_rows(fold, *pass));
    fold.folded_sequence.store(pass->sequences.back(), std::memory_order_release);
    std::uint64_t pending = fold.pending_bytes.load(std::memory_order_relaxed);
    while (!fold.pending_bytes.compare_exchange_weak(
        pending, pending - std::min(pending, std::uint64_t{pass->size_bytes}), std::memory_order_relaxed)) {}
    if (pass->size_bytes < kPassBytesMax) return {};
  }
}

Result<StoredStateBackend::FoldPass> StoredStateBackend::read_deltas(const FoldState& fold) const {
  FoldPass pass;
  const std::string prefix = delta_prefix(fold.id);
  const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kState);
  for (cursor->seek(prefix);
       cursor->valid() && cursor->key().starts_with(prefix) && pass.size_bytes < kPassBytesMax;
       cursor->next()) {
    pass.sequences.push_back(read_u64_be(cursor->key().substr(prefix.size())));
    pass.blobs.emplace_back(cursor->value());
    pass.size_bytes += cursor->value().size();
  }
  THALWEG_CHECK(cursor->status());
  for (std::size_t d = 0; d < pass.blobs.size(); ++d) {
    THALWEG_TRY(DeltaReader delta, DeltaReader::open(pass.blobs[d]));
    pass.expiries.push_back(delta.expired_before());
    pass.row_count = delta.row_count();
    while (const auto entry = delta.next())
      pass.changes.push_back(
          {first_bytes(entry->key), entry->key, entry->row, static_cast<std::uint32_t>(d)});
  }
  std::sort(pass.changes.begin(), pass.changes.end());
  const auto same_key = [](const Change& a, const Change& b) { return a.key == b.key; };
  pass.changes.erase(std::unique(pass.changes.begin(), pass.changes.end(), same_key), pass.changes.end());
  for (std::size_t d = pass.expiries.size(); d-- > 1;) {
    pass.expiries[d - 1] = std::max(pass.expiries[d - 1], pass.expiries[d]);
  }
  return pass;
}

Result<void> StoredStateBackend::write_rows(FoldState& fold, const FoldPass& pass) {
  const std::uint64_t expired = pass.expiries.front();
  if (expired > fold.erased_before) {
    THALWEG_CHECK(storage_.erase_range(Space::kState, row_key(fold.id, window_bound(fold.erased_before)),
                                       row_key(fold.id, window_bound(expired))));
    fold.erased_before = expired;
  }
  std::vector<WriteSet::Entry> rows;
  rows.reserve(pass.changes.size());
  for (const Change& change : pass.changes) {
    const bool last = change.delta + 1 == pass.expiries.size();
    const std::uint64_t expired_later = last ? 0 : pass.expiries[change.delta + 1];
    if (expired_later != 0 && RowTable::prefix_of(change.key) < expired_later) continue;
    rows.push_back({Space::kState, !change.row, row_key(fold.id, change.key),
                    change.row ? encode_row(change.key, *change.row) : std::string()});
    // A row that came after its window had gone: the next expiry has to begin below it.
    if (change.row && fold.erased_before != 0) {
      fold.erased_before = std::min(fold.erased_before, RowTable::prefix_of(change.key));
    }
  }
  WriteSet writes;
  if (rows.size() >= kIngestRowsMin) {
    THALWEG_CHECK(storage_.ingest(Space::kState, rows));
  } else {
    THALWEG_TRY(writes, write_in_pieces(std::move(rows)));
  }
  for (const std::uint64_t sequence : pass.sequences) {
    writes.erase(Space::kState, delta_key(fold.id, sequence));
  }
  writes.put(Space::kState, count_key(fold.id),
             std::string(reinterpret_cast<const char*>(&pass.row_count), sizeof(pass.row_count)));
  return storage_.write(writes, Durability::kAsync);
}

// Writes all but the last piece, which it returns.
Result<WriteSet> StoredStateBackend::write_in_pieces(std::vector<WriteSet::Entry> rows) {
  WriteSet writes;
  for (WriteSet::Entry& row : rows) {
    if (row.erase) {
      writes.erase(row.space, std::move(row.key));
    } else {
      writes.put(row.space, std::move(row.key), std::move(row.value));
    }
    if (writes.size_bytes() < kWriteBytes) continue;
    THALWEG_CHECK(storage_.write(writes, Durability::kAsync));
    writes.clear();
  }
  return writes;
}

}  // namespace thalweg::runtime
