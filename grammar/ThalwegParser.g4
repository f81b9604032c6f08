// Shapes of the dialect, without embedded code. One entry rule per door of parser/parser.h.
//
// Expressions are layered, not left-recursive: nearly every decision then needs one token, which keeps
// parsing fast and messages exact. The layers from loose to tight:
//   OR, AND, NOT, one comparison, ||, + -, * / %, sign, AT TIME ZONE, [] and ->, primary
parser grammar ThalwegParser;

options { tokenVocab = ThalwegLexer; }

singleStatement: statement SEMI EOF;
singleClientStatement: runScript SEMI EOF;
singleTestStatement: testStatement SEMI EOF;
singleExpression: expression EOF;
singleColumnList: columnDefinition (COMMA columnDefinition)* EOF;
singleType: type EOF;

statement
    : query
    | createSource
    | insert
    | dropSource
    | alterSource
    | createType
    | dropType
    | lifecycle
    | listing
    | describe
    | explain
    | printTopic
    | setting
    | variable
    | createConnector
    | dropConnector
    | assertTopic
    | assertSchema
    ;

// ---- definitions --------------------------------------------------------------------------------

createSource
    : CREATE orReplace? SOURCE sourceKind ifNotExists? identifier columnList? withClause?
    | CREATE orReplace? sourceKind ifNotExists? identifier
      (columnList withClause? | withClause? (AS query)?)
    ;

dropSource: DROP sourceKind ifExists? identifier (DELETE TOPIC)?;
alterSource: ALTER sourceKind identifier addColumn (COMMA addColumn)*;
addColumn: ADD COLUMN? identifier type;
createType: CREATE TYPE ifNotExists? identifier AS type;
dropType: DROP TYPE ifExists? identifier;

sourceKind: STREAM | TABLE;
orReplace: OR REPLACE;
ifNotExists: IF NOT EXISTS;
ifExists: IF EXISTS;

columnList: LPAREN (columnDefinition (COMMA columnDefinition)*)? RPAREN;
columnDefinition: identifier type columnRole?;
columnRole: PRIMARY KEY | KEY | HEADERS | HEADER LPAREN STRING_VALUE RPAREN;

withClause: WITH LPAREN property (COMMA property)* RPAREN;
property: (identifier | STRING_VALUE) EQ propertyValue;
propertyValue: MINUS? number | STRING_VALUE | TRUE | FALSE | NULL_;

insert
    : INSERT INTO identifier (withClause? query | columnNames? VALUES valuesRow (COMMA valuesRow)*)
    ;
columnNames: LPAREN identifier (COMMA identifier)* RPAREN;
valuesRow: LPAREN expression (COMMA expression)* RPAREN;

// ---- queries ------------------------------------------------------------------------------------

query
    : SELECT selectItem (COMMA selectItem)* FROM relation join* (WINDOW window)? (WHERE expression)?
      groupBy? partitionBy? (HAVING expression)? (EMIT (CHANGES | FINAL))? (LIMIT limit)?
    ;
selectItem
    : ASTERISK
    | identifier DOT ASTERISK
    | expression (STRUCT_STAR | AS? identifier)?
    ;
relation: identifier (AS? identifier)?;
join: (INNER | (LEFT | RIGHT | FULL) OUTER?)? JOIN relation within? ON expression;
within: WITHIN (LPAREN duration COMMA duration RPAREN | duration) (GRACE PERIOD duration)?;
groupBy: GROUP BY groupingList;
partitionBy: PARTITION BY groupingList;
groupingList
    : LPAREN (valueExpression (COMMA valueExpression)*)? RPAREN
    | valueExpression (COMMA valueExpression)*
    ;

window
    : identifier? TUMBLING LPAREN SIZE windowSize retention? grace? RPAREN
    | identifier? HOPPING LPAREN SIZE windowSize COMMA ADVANCE BY windowSize retention? grace? RPAREN
    | identifier? SESSION LPAREN duration retention? grace? RPAREN
    ;
windowSize: INTEGER_VALUE (timeUnit | ROWS);
retention: COMMA RETENTION duration;
grace: COMMA GRACE PERIOD duration;
duration: INTEGER_VALUE timeUnit;
timeUnit
    : DAY | DAYS | HOUR | HOURS | MINUTE | MINUTES | SECOND | SECONDS | MILLISECOND | MILLISECONDS
    ;
limit: MINUS? number;

// ---- the rest -----------------------------------------------------------------------------------

lifecycle: (TERMINATE | PAUSE | RESUME) (ALL | identifier);

listing
    : (LIST | SHOW)
      ( (STREAMS | TABLES | QUERIES) EXTENDED?
      | ALL? TOPICS EXTENDED?
      | PROPERTIES
      | FUNCTIONS
      | TYPES
      | VARIABLES
      | (SOURCE | SINK)? CONNECTORS
      | CONNECTOR PLUGINS
      )
    ;

describe
    : DESCRIBE (STREAMS | TABLES) EXTENDED?
    | DESCRIBE FUNCTION identifier
    | DESCRIBE CONNECTOR identifier
    | DESCRIBE identifier EXTENDED?
    ;

explain: EXPLAIN (statement | identifier);
printTopic
    : PRINT resourceName (FROM BEGINNING)? ((INTERVAL | SAMPLE) limit)? (LIMIT limit)?
    ;
setting
    : SET STRING_VALUE EQ STRING_VALUE
    | UNSET STRING_VALUE
    | ALTER SYSTEM STRING_VALUE EQ STRING_VALUE
    ;
variable
    : DEFINE variableName EQ STRING_VALUE
    | UNDEFINE variableName
    ;
variableName: identifier | reserved;

createConnector: CREATE (SOURCE | SINK) CONNECTOR ifNotExists? identifier withClause;
dropConnector: DROP CONNECTOR ifExists? identifier;

assertTopic: ASSERT notExists? TOPIC resourceName withClause? timeout?;
assertSchema: ASSERT notExists? SCHEMA (SUBJECT resourceName)? (ID INTEGER_VALUE)? timeout?;
notExists: NOT EXISTS;
timeout: TIMEOUT duration;
resourceName: identifier | STRING_VALUE;

runScript: RUN SCRIPT STRING_VALUE;
testStatement
    : ASSERT VALUES identifier columnNames? VALUES valuesRow
    | ASSERT NULL_ VALUES identifier columnNames? KEY valuesRow
    | ASSERT sourceKind identifier columnList? withClause?
    ;

// ---- expressions --------------------------------------------------------------------------------

expression: conjunction (OR conjunction)*;
conjunction: negation (AND negation)*;
negation: NOT negation | predicate;
predicate: valueExpression predicateTail?;
predicateTail
    : (EQ | NEQ | LT | LTE | GT | GTE) valueExpression
    | IS NOT? (NULL_ | DISTINCT FROM valueExpression)
    | NOT? ( BETWEEN valueExpression AND valueExpression
           | IN LPAREN expression (COMMA expression)* RPAREN
           | LIKE valueExpression (ESCAPE STRING_VALUE)?
           )
    ;

valueExpression: sum (CONCAT sum)*;
sum: product ((PLUS | MINUS) product)*;
product: signedExpression ((ASTERISK | SLASH | PERCENT) signedExpression)*;
signedExpression: (PLUS | MINUS) signedExpression | zonedExpression;
zonedExpression: postfixExpression (AT TIME ZONE STRING_VALUE)*;
// A column named ARRAY needs quotes before a bracket: there, the word begins a constructor.
postfixExpression: primary postfix* | ARRAY arrayTail?;
arrayTail: (arrayItems | DOT identifier | STRUCT_FIELD identifier) postfix*;
postfix: LBRACKET valueExpression RBRACKET | STRUCT_FIELD identifier;

primary
    : number
    | STRING_VALUE
    | TRUE
    | FALSE
    | NULL_
    | DECIMAL STRING_VALUE
    | LPAREN expression RPAREN
    | plainIdentifier (DOT identifier | callArguments)?
    | MAP (mapEntries | DOT identifier)?
    | STRUCT (structFields | DOT identifier)?
    | CASE operand=expression? whenClause+ (ELSE otherwise=expression)? END
    | CAST LPAREN expression AS type RPAREN
    ;
number: INTEGER_VALUE | DECIMAL_VALUE | DOUBLE_VALUE;
whenClause: WHEN expression THEN expression;
arrayItems: LBRACKET (expression (COMMA expression)*)? RBRACKET;
mapEntries: LPAREN (mapEntry (COMMA mapEntry)*)? RPAREN;
mapEntry: expression ASSIGN expression;
structFields: LPAREN (structField (COMMA structField)*)? RPAREN;
structField: identifier ASSIGN expression;

callArguments: LPAREN (ASTERISK | argument (COMMA argument)* (COMMA lambda)*)? RPAREN;
argument: expression | argumentUnit;
argumentUnit: DAYS | HOURS | MINUTES | MONTHS | YEARS | SECONDS | MILLISECOND | MILLISECONDS;
lambda
    : identifier LAMBDA_ARROW expression
    | LPAREN identifier (COMMA identifier)* RPAREN LAMBDA_ARROW expression
    ;

// ---- types --------------------------------------------------------------------------------------

type: elementType ARRAY*;
elementType
    : ARRAY LT type GT
    | MAP LT type COMMA type GT
    | STRUCT LT typeField (COMMA typeField)* GT
    | (plainIdentifier | DECIMAL) (LPAREN typeParameter (COMMA typeParameter)* RPAREN)?
    ;
typeField: identifier type;
typeParameter: INTEGER_VALUE | STRING;

// ---- names --------------------------------------------------------------------------------------

identifier: plainIdentifier | ARRAY | MAP | STRUCT;
// A name that cannot be the start of a constructor or of a nested type.
plainIdentifier
    : IDENTIFIER
    | DIGIT_IDENTIFIER
    | QUOTED_IDENTIFIER
    | BACKQUOTED_IDENTIFIER
    | nonReserved
    ;
nonReserved
    : ADD | ALTER | ANALYZE | ASSERT | CHANGES | COLUMN | COLUMNS | DATE | DAY | DEFINE | EMIT | ESCAPE
    | EXPLAIN | FINAL | FUNCTION | FUNCTIONS | GRACE | HEADER | HEADERS | HOUR | ID | IF | INTEGER
    | INTERVAL | KEY | MINUTE | MONTH | PARTITION | PARTITIONS | PERIOD | PLUGINS | PRIMARY | REPLACE
    | RESET | ROWS | SCHEMA | SECOND | SESSION | SET | SHOW | SINK | SOURCE | STRING | SUBJECT | SYSTEM
    | TABLES | TIME | TIMEOUT | TIMESTAMP | TYPE | TYPES | UNDEFINE | VARIABLES | YEAR | ZONE
    ;
reserved
    : ADVANCE | ALL | AND | AS | AT | BEGINNING | BETWEEN | BY | CASE | CAST | CATALOG | CONNECTOR
    | CONNECTORS | CREATE | DAYS | DECIMAL | DELETE | DESCRIBE | DISTINCT | DROP | ELSE | END | EXISTS
    | EXPORT | EXTENDED | FALSE | FROM | FULL | GROUP | HAVING | HOPPING | HOURS | IN | INNER | INSERT
    | INTO | IS | JOIN | LEFT | LIKE | LIMIT | LIST | LOAD | MATERIALIZED | MILLISECOND | MILLISECONDS
    | MINUTES | MONTHS | NAMESPACE | NOT | NULL_ | ON | OR | OUTER | PAUSE | PRINT | PROPERTIES | QUERIES
    | QUERY | RENAME | RESUME | RETENTION | RIGHT | RUN | SAMPLE | SCRIPT | SECONDS | SELECT | SIZE
    | STREAM | STREAMS | TABLE | TERMINATE | THEN | TO | TOPIC | TOPICS | TRUE | TUMBLING | UNSET
    | VALUES | VIEW | WHEN | WHERE | WINDOW | WITH | WITHIN | YEARS
    ;
