// Which stores exist, which are open, and wiping them.
#include "runtime/state/state_backend.h"

#include <algorithm>
#include <cstring>

#include "runtime/state/state_format.h"

namespace thalweg::runtime {
namespace {

Result<std::uint32_t> decode_id(std::string_view value) {
  if (value.size() != sizeof(std::uint32_t)) {
    return Error{ErrorCode::kCorrupted, "the registry of state stores is damaged"};
  }
  return read_u32_be(value);
}

std::string encode_id(std::uint32_t id) {
  std::string value;
  append_u32_be(value, id);
  return value;
}

}  // namespace

Result<std::unique_ptr<StateBackend>> make_state_backend(Storage& storage, const StateOptions& options) {
  auto backend = std::make_unique<StoredStateBackend>(storage, options);
  THALWEG_CHECK(backend->finish_wipes());
  return std::unique_ptr<StateBackend>(std::move(backend));
}

Result<std::uint32_t> StoredStateBackend::id_of(const StoreId& id) {
  const std::string key = store_key(id);
  THALWEG_TRY(const auto known, storage_.get(Space::kState, key));
  if (known) return decode_id(*known);
  THALWEG_TRY(const auto next, storage_.get(Space::kState, kNextStoreIdKey));
  std::uint32_t number = 1;
  if (next) { THALWEG_TRY(number, decode_id(*next)); }
  WriteSet writes;
  writes.put(Space::kState, key, encode_id(number));
  writes.put(Space::kState, std::string(kNextStoreIdKey), encode_id(number + 1));
  // Not synced: the first durable delta comes later in the same write-ahead log.
  THALWEG_CHECK(storage_.write(writes, Durability::kAsync));
  return number;
}

Result<std::unique_ptr<StateStore>> StoredStateBackend::open(const StoreId& id, StoreKind kind) {
  const std::string name = id.query + "/" + id.store + "-" + std::to_string(id.partition.value);
  std::shared_ptr<FoldState> fold;
  {
    MutexLock lock(mutex_);
    THALWEG_TRY(const std::uint32_t number, id_of(id));
    std::shared_ptr<FoldState>& known = folds_[number];
    if (known == nullptr) known = std::make_shared<FoldState>(number);
    if (known->open.exchange(true))
      return Error{ErrorCode::kInUse, "state store " + name + " is already open"};
    fold = known;
  }
  auto store = std::make_unique<TieredStore>(&storage_, std::move(fold), budget_, name, kind);
  THALWEG_CHECK(store->load());
  return std::unique_ptr<StateStore>(std::move(store));
}

std::unique_ptr<StateStore> StoredStateBackend::open_transient(StoreKind kind) {
  return std::make_unique<TieredStore>(nullptr, nullptr, budget_, "transient", kind);
}

// First the names go, with marks that the rows are to follow; then the rows; then the marks.
Result<void> StoredStateBackend::wipe_query(const std::string& query) {
  MutexLock folding(fold_mutex_);
  WriteSet writes;
  {
    MutexLock lock(mutex_);
    const std::string prefix = query_prefix(query);
    const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kState);
    for (cursor->seek(prefix); cursor->valid() && cursor->key().starts_with(prefix); cursor->next()) {
      THALWEG_TRY(const std::uint32_t id, decode_id(cursor->value()));
      if (const auto known = folds_.find(id); known != folds_.end() && known->second->open.load()) {
        return Error{ErrorCode::kInUse, "a state store of query " + query + " is still open"};
      }
      writes.erase(Space::kState, std::string(cursor->key()));
      writes.put(Space::kState, wiped_key(id), {});
      folds_.erase(id);
    }
    THALWEG_CHECK(cursor->status());
    if (writes.empty()) return {};
    THALWEG_CHECK(storage_.write(writes, Durability::kSync));
  }
  return finish_wipes();
}

Result<void> StoredStateBackend::finish_wipes() {
  const std::unique_ptr<Cursor> cursor = storage_.cursor(Space::kState);
  WriteSet writes;
  for (cursor->seek(kWipedPrefix); cursor->valid() && cursor->key().starts_with(kWipedPrefix);
       cursor->next()) {
    THALWEG_TRY(const std::uint32_t id, decode_id(cursor->key().substr(kWipedPrefix.size())));
    for (const std::string& prefix : {delta_prefix(id), row_prefix(id)}) {
      THALWEG_CHECK(storage_.erase_range(Space::kState, prefix, prefix_end(prefix)));
    }
    writes.erase(Space::kState, count_key(id));
    writes.erase(Space::kState, std::string(cursor->key()));
  }
  THALWEG_CHECK(cursor->status());
  if (writes.empty()) return {};
  return storage_.write(writes, Durability::kAsync);
}

}  // namespace thalweg::runtime
