// The JSON entities of /ksql: "@type" first, then statementText, own fields, last warnings. Keys keep
// their order because some clients compare prefixes of the text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "planner/catalog/catalog.h"
#include "runtime/engine.h"
#include "server/api/context.h"
#include "server/api/error_body.h"

namespace thalweg::server {

using Json = nlohmann::ordered_json;

// Starts an entity; finish with with_warnings.
Json entity(std::string_view type, const std::string& statement_text);
Json with_warnings(Json entity);

Json schema_json(const planner::SqlType& type);  // {"type":"INTEGER","fields":null,"memberSchema":null}
// `marks` as in ResultHead; what is not KEY has no "type".
Json schema_fields_json(const planner::Schema& schema, const std::vector<std::string>& marks);
Json source_fields_json(const planner::DataSource& source);

Json current_status(const runtime::CommandOutcome& outcome, const std::string& statement_text);
Json warning_entity(const std::string& message, const std::string& statement_text);

// ---- listings (listings.cc) -----------------------------------------------------------------------
Json list_sources(const ApiContext& context, ast::SourceKind kind, const std::string& statement_text);
Json list_topics(ApiContext& context, bool all, bool extended, const std::string& statement_text);
Json list_queries(const ApiContext& context, bool extended, const std::string& statement_text);
Json list_properties(const ApiContext& context, const planner::PropertyMap& session,
                     const std::string& statement_text);
Json list_functions(const ApiContext& context, const std::string& statement_text);
Json list_types(const ApiContext& context, const std::string& statement_text);
Json list_variables(const std::map<std::string, std::string>& variables, const std::string& statement_text);
Json query_entry(const runtime::QueryDescription& query);  // an element of "queries"

// ---- descriptions (descriptions.cc) ----------------------------------------------------------------
Json source_description(ApiContext& context, const planner::DataSource& source, bool extended);
Json describe_source(ApiContext& context, const planner::DataSource& source, bool extended,
                     const std::string& statement_text);
Json describe_sources(ApiContext& context, ast::SourceKind kind, bool extended,
                      const std::string& statement_text);
Json query_description(const ApiContext& context, const runtime::QueryDescription& query, bool planned_only);
Json pull_query_description(const ApiContext& context, const runtime::Engine::PullExplanation& explained,
                            const std::string& statement_text);
std::optional<Json> describe_function(const ApiContext& context, const std::string& name,
                                      const std::string& statement_text);

// One line, no spaces; invalid UTF-8 is replaced.
std::string dump(const Json& json);

}  // namespace thalweg::server
