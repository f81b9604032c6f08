#include "runtime/functions/library.h"

#include <algorithm>
#include <cctype>

#include "runtime/functions/families.h"

namespace thalweg::runtime {
namespace {

std::string folded(std::string_view name) {
  std::string upper(name);
  std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
  return upper;
}

void check(const FunctionBlock& block) {
  THALWEG_ASSERT(!block.name.empty() && !block.category.empty() && !block.doc.empty());
  THALWEG_ASSERT(!block.overloads.empty());
  for (const Overload& overload : block.overloads) {
    THALWEG_ASSERT(static_cast<bool>(overload.scalar) == (block.kind == planner::FunctionKind::kScalar));
    THALWEG_ASSERT(static_cast<bool>(overload.table) == (block.kind == planner::FunctionKind::kTable));
    THALWEG_ASSERT(static_cast<bool>(overload.aggregate) ==
                   (block.kind == planner::FunctionKind::kAggregate));
  }
}

// Parameters without a name of their own take the block's, by position.
void name_parameters(FunctionBlock& block) {
  for (Overload& overload : block.overloads) {
    auto& parameters = overload.signature.parameters;
    for (std::size_t i = 0; i < parameters.size(); ++i) {
      if (parameters[i].name.empty() && i < block.arguments.size()) parameters[i].name = block.arguments[i];
    }
  }
}

planner::FunctionDescription describe_block(const FunctionBlock& block) {
  planner::FunctionDescription description{.name = block.name,
                                           .kind = block.kind,
                                           .category = block.category,
                                           .author = block.author,
                                           .doc = block.doc,
                                           .examples = block.examples};
  for (const Overload& overload : block.overloads) {
    description.overloads.push_back(overload.signature);
    description.undoable.push_back(overload.undoable);
    description.structured_state.push_back(overload.structured_state);
  }
  return description;
}

}  // namespace

void FunctionLibrary::add(FunctionBlock block) {
  check(block);
  name_parameters(block);
  THALWEG_ASSERT(catalog_.add(describe_block(block)).has_value());
  std::string key = folded(block.name);
  by_name_.insert_or_assign(std::move(key), std::make_shared<const FunctionBlock>(std::move(block)));
}

const FunctionBlock* FunctionLibrary::find(std::string_view name) const {
  const auto found = by_name_.find(folded(name));
  return found == by_name_.end() ? nullptr : found->second.get();
}

const Overload* FunctionLibrary::find(std::string_view name, std::int32_t overload) const {
  const FunctionBlock* block = find(name);
  if (block == nullptr || overload < 0 || static_cast<std::size_t>(overload) >= block->overloads.size()) {
    return nullptr;
  }
  return &block->overloads[static_cast<std::size_t>(overload)];
}

std::vector<const FunctionBlock*> FunctionLibrary::all() const {
  std::vector<const FunctionBlock*> blocks;
  blocks.reserve(by_name_.size());
  for (const auto& [name, block] : by_name_) blocks.push_back(block.get());
  return blocks;
}

std::shared_ptr<const FunctionLibrary> standard_library() {
  static const std::shared_ptr<const FunctionLibrary> library = [] {
    auto all = std::make_shared<FunctionLibrary>();
    add_conditional_functions(*all);
    add_math_functions(*all);
    add_rounding_functions(*all);
    add_extremum_functions(*all);
    add_text_functions(*all);
    add_text_search_functions(*all);
    add_text_composition_functions(*all);
    add_masking_functions(*all);
    add_bytes_functions(*all);
    add_encoding_functions(*all);
    add_regex_functions(*all);
    add_array_functions(*all);
    add_array_set_functions(*all);
    add_map_functions(*all);
    add_lambda_functions(*all);
    add_json_functions(*all);
    add_json_text_functions(*all);
    add_url_functions(*all);
    add_date_functions(*all);
    add_time_format_functions(*all);
    add_geo_functions(*all);
    add_counting_aggregates(*all);
    add_extremum_aggregates(*all);
    add_statistics_aggregates(*all);
    add_collection_aggregates(*all);
    add_top_aggregates(*all);
    add_offset_aggregates(*all);
    add_distinct_count_aggregates(*all);
    add_table_functions(*all);
    return all;
  }();
  return library;
}

}  // namespace thalweg::runtime
