// The StateBackend over a Storage: registry of stores, and folding of their deltas.
#pragma once

#include <map>
#include <memory>

#include "base/mutex.h"
#include "runtime/state/state_store.h"
#include "runtime/state/tiered_store.h"

namespace thalweg::runtime {

class StoredStateBackend final : public StateBackend {
 public:
  StoredStateBackend(Storage& storage, const StateOptions& options)
      : storage_(storage),
        options_(options),
        budget_(std::make_shared<MemoryBudget>(options.memory_budget_bytes)) {}

  // Erases the rows of stores that were wiped when a crash came.
  Result<void> finish_wipes();

  Result<std::unique_ptr<StateStore>> open(const StoreId& id, StoreKind kind) override;
  std::unique_ptr<StateStore> open_transient(StoreKind kind) override;
  Result<void> wipe_query(const std::string& query) override;
  Result<void> fold(bool everything) override;
  std::size_t memory_bytes() const override { return budget_->used_bytes.load(std::memory_order_relaxed); }

 private:
  struct FoldPass;

  Result<std::uint32_t> id_of(const StoreId& id) THALWEG_REQUIRES(mutex_);
  Result<std::vector<std::shared_ptr<FoldState>>> stores_to_fold(bool everything);
  Result<void> fold_store(FoldState& fold) THALWEG_REQUIRES(fold_mutex_);
  Result<FoldPass> read_deltas(const FoldState& fold) const;
  Result<void> write_rows(FoldState& fold, const FoldPass& pass);
  Result<WriteSet> write_in_pieces(std::vector<WriteSet::Entry> rows);

  Storage& storage_;
  const StateOptions options_;
  const std::shared_ptr<MemoryBudget> budget_;

  Mutex fold_mutex_;  // one fold or wipe at a time; taken before mutex_
  Mutex mutex_;
  std::map<std::uint32_t, std::shared_ptr<FoldState>> folds_ THALWEG_GUARDED_BY(mutex_);
};

}  // namespace thalweg::runtime
