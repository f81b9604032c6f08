// Which statement it is, and the statements that define nothing.
#include "parser/tree_builder.h"

namespace thalweg::parser {

TreeBuilder::Node TreeBuilder::statement(Grammar::StatementContext* tree) {
  auto* form = child<antlr4::ParserRuleContext>(tree->children[0]);
  switch (form->getRuleIndex()) {
    case Grammar::RuleQuery: {
      THALWEG_TRY(auto built, query(child<Grammar::QueryContext>(form)));
      return ast::StatementNode{std::move(built)};
    }
    case Grammar::RuleCreateSource: return create_source(child<Grammar::CreateSourceContext>(form));
    case Grammar::RuleInsert: return insert(child<Grammar::InsertContext>(form));
    case Grammar::RuleDropSource: return drop_source(child<Grammar::DropSourceContext>(form));
    case Grammar::RuleAlterSource: return alter_source(child<Grammar::AlterSourceContext>(form));
    case Grammar::RuleCreateType: return create_type(child<Grammar::CreateTypeContext>(form));
    case Grammar::RuleDropType: return drop_type(child<Grammar::DropTypeContext>(form));
    case Grammar::RuleLifecycle: return lifecycle(child<Grammar::LifecycleContext>(form));
    case Grammar::RuleListing: return listing(child<Grammar::ListingContext>(form));
    case Grammar::RuleDescribe: return describe(child<Grammar::DescribeContext>(form));
    case Grammar::RuleExplain: return explain(child<Grammar::ExplainContext>(form));
    case Grammar::RulePrintTopic: return print_topic(child<Grammar::PrintTopicContext>(form));
    case Grammar::RuleSetting: return setting(child<Grammar::SettingContext>(form));
    case Grammar::RuleVariable: return variable(child<Grammar::VariableContext>(form));
    case Grammar::RuleCreateConnector: return create_connector(child<Grammar::CreateConnectorContext>(form));
    case Grammar::RuleDropConnector: return drop_connector(child<Grammar::DropConnectorContext>(form));
    case Grammar::RuleAssertTopic: return assert_topic(child<Grammar::AssertTopicContext>(form));
    case Grammar::RuleAssertSchema: return assert_schema(child<Grammar::AssertSchemaContext>(form));
    default: return Error(ErrorCode::kInternal, "the grammar knows a statement that is never built");
  }
}

TreeBuilder::Node TreeBuilder::run_script(Grammar::RunScriptContext* tree) {
  return ast::StatementNode{ast::RunScript{string_value(tree->STRING_VALUE())}};
}

TreeBuilder::Node TreeBuilder::lifecycle(Grammar::LifecycleContext* tree) const {
  const auto action = tree->TERMINATE() != nullptr ? ast::LifecycleAction::kTerminate
                      : tree->PAUSE() != nullptr   ? ast::LifecycleAction::kPause
                                                   : ast::LifecycleAction::kResume;
  if (tree->ALL() != nullptr) return ast::StatementNode{ast::Lifecycle{action, std::nullopt, at(tree)}};
  return ast::StatementNode{ast::Lifecycle{action, name(tree->identifier()), at(tree->identifier())}};
}

TreeBuilder::Node TreeBuilder::listing(Grammar::ListingContext* tree) const {
  const auto what = [tree] {
    if (tree->STREAMS() != nullptr) return ast::Listing::kStreams;
    if (tree->TABLES() != nullptr) return ast::Listing::kTables;
    if (tree->TOPICS() != nullptr)
      return tree->ALL() != nullptr ? ast::Listing::kAllTopics : ast::Listing::kTopics;
    if (tree->QUERIES() != nullptr) return ast::Listing::kQueries;
    if (tree->PROPERTIES() != nullptr) return ast::Listing::kProperties;
    if (tree->FUNCTIONS() != nullptr) return ast::Listing::kFunctions;
    if (tree->TYPES() != nullptr) return ast::Listing::kTypes;
    if (tree->VARIABLES() != nullptr) return ast::Listing::kVariables;
    if (tree->PLUGINS() != nullptr) return ast::Listing::kConnectorPlugins;
    if (tree->SOURCE() != nullptr) return ast::Listing::kSourceConnectors;
    return tree->SINK() != nullptr ? ast::Listing::kSinkConnectors : ast::Listing::kConnectors;
  };
  return ast::StatementNode{ast::List{what(), tree->EXTENDED() != nullptr}};
}

TreeBuilder::Node TreeBuilder::describe(Grammar::DescribeContext* tree) const {
  const bool extended = tree->EXTENDED() != nullptr;
  if (tree->identifier() == nullptr) {
    const auto kind = tree->STREAMS() != nullptr ? ast::SourceKind::kStream : ast::SourceKind::kTable;
    return ast::StatementNode{ast::DescribeAll{kind, extended}};
  }
  const auto where = at(tree->identifier());
  if (tree->FUNCTION() != nullptr)
    return ast::StatementNode{ast::DescribeFunction{name(tree->identifier()), where}};
  if (tree->CONNECTOR() != nullptr) {
    return ast::StatementNode{ast::DescribeConnector{name_as_written(tree->identifier())}};
  }
  THALWEG_TRY(auto source, source_name(tree->identifier()));
  return ast::StatementNode{ast::DescribeSource{std::move(source), extended, where}};
}

TreeBuilder::Node TreeBuilder::explain(Grammar::ExplainContext* tree) {
  if (tree->identifier() != nullptr)
    return ast::StatementNode{ast::Explain{nullptr, name(tree->identifier())}};
  auto* inner = tree->statement();
  THALWEG_TRY(auto node, statement(inner));
  auto built = std::make_shared<ast::Statement>();
  built->node = std::move(node);
  built->span.begin = at(inner);
  const antlr4::misc::Interval extent(static_cast<ssize_t>(inner->start->getStartIndex()),
                                      static_cast<ssize_t>(inner->stop->getStopIndex()));
  built->text = inner->start->getInputStream()->getText(extent);
  return ast::StatementNode{ast::Explain{std::move(built), std::nullopt}};
}

TreeBuilder::Node TreeBuilder::print_topic(Grammar::PrintTopicContext* tree) const {
  ast::Print result{
      resource_name(tree->resourceName()), tree->BEGINNING() != nullptr, {}, {}, at(tree->resourceName())};
  const bool every = tree->INTERVAL() != nullptr || tree->SAMPLE() != nullptr;
  if (every) { THALWEG_TRY(result.interval, limit(tree->limit(0), "INTERVAL")); }
  if (tree->LIMIT() != nullptr) { THALWEG_TRY(result.limit, limit(tree->limit(every ? 1 : 0), "LIMIT")); }
  return ast::StatementNode{std::move(result)};
}

TreeBuilder::Node TreeBuilder::setting(Grammar::SettingContext* tree) const {
  auto key = string_value(tree->STRING_VALUE(0));
  if (tree->UNSET() != nullptr) return ast::StatementNode{ast::UnsetProperty{std::move(key)}};
  auto content = string_value(tree->STRING_VALUE(1));
  if (tree->SET() != nullptr) return ast::StatementNode{ast::SetProperty{std::move(key), std::move(content)}};
  return ast::StatementNode{ast::AlterSystem{std::move(key), std::move(content)}};
}

TreeBuilder::Node TreeBuilder::variable(Grammar::VariableContext* tree) const {
  auto key = name_as_written(tree->variableName());
  if (tree->UNDEFINE() != nullptr) return ast::StatementNode{ast::UndefineVariable{std::move(key)}};
  return ast::StatementNode{ast::DefineVariable{std::move(key), string_value(tree->STRING_VALUE())}};
}

TreeBuilder::Node TreeBuilder::create_connector(Grammar::CreateConnectorContext* tree) const {
  THALWEG_TRY(auto with, properties(tree->withClause(), false));
  return ast::StatementNode{ast::CreateConnector{tree->SOURCE() != nullptr, tree->ifNotExists() != nullptr,
                                                 name_as_written(tree->identifier()), std::move(with)}};
}

TreeBuilder::Node TreeBuilder::drop_connector(Grammar::DropConnectorContext* tree) const {
  return ast::StatementNode{
      ast::DropConnector{tree->ifExists() != nullptr, name_as_written(tree->identifier())}};
}

TreeBuilder::Node TreeBuilder::assert_topic(Grammar::AssertTopicContext* tree) const {
  ast::AssertTopic result{tree->notExists() == nullptr, resource_name(tree->resourceName()), {}, {}};
  THALWEG_TRY(result.properties, properties(tree->withClause(), true));
  if (tree->timeout() != nullptr) { THALWEG_TRY(result.timeout, duration(tree->timeout()->duration())); }
  return ast::StatementNode{std::move(result)};
}

TreeBuilder::Node TreeBuilder::assert_schema(Grammar::AssertSchemaContext* tree) const {
  ast::AssertSchema result{tree->notExists() == nullptr, {}, {}, {}};
  if (tree->resourceName() != nullptr) result.subject = resource_name(tree->resourceName());
  if (auto* id = tree->INTEGER_VALUE()) {
    THALWEG_TRY(result.id, integer(id->getSymbol(), false, at(id->getSymbol())));
  }
  if (!result.subject && !result.id) return error("ASSERT SCHEMA needs a SUBJECT or an ID", at(tree));
  if (tree->timeout() != nullptr) { THALWEG_TRY(result.timeout, duration(tree->timeout()->duration())); }
  return ast::StatementNode{std::move(result)};
}

}  // namespace thalweg::parser
