; What is general comes first: where several patterns match, the last one counts.

(name) @variable

[(line_comment) (block_comment)] @comment
(doc_comment) @comment.documentation
(shebang) @keyword.directive

(string) @string
(raw) @string.special
(blob) @string.special
(number) @number
(constant) @constant.builtin
((constant) @boolean (#any-of? @boolean "true" "false"))

(path (name) (name) @property)
(pair key: (_) @property)
(option name: (name) @property)
(call name: (name) @function.call)

; A capital letter begins a model's name.
((path . (name) @type) (#match? @type "^`?[A-Z]"))

((path . (name) @type.builtin)
  (#any-of? @type.builtin
    "STRING" "CHAR" "TEXT" "CITEXT" "INTEGER" "TINYINT" "SMALLINT" "MEDIUMINT" "BIGINT" "FLOAT" "REAL" "DOUBLE" "DECIMAL" "NUMERIC"
    "BOOLEAN" "DATE" "DATEONLY" "TIME" "UUID" "BLOB" "ENUM" "JSON" "JSONB" "VIRTUAL" "ARRAY" "RANGE" "HSTORE" "GEOMETRY" "GEOGRAPHY"
    "CIDR" "INET" "MACADDR" "TSVECTOR"))
((call name: (name) @type.builtin)
  (#any-of? @type.builtin
    "STRING" "CHAR" "TEXT" "CITEXT" "INTEGER" "TINYINT" "SMALLINT" "MEDIUMINT" "BIGINT" "FLOAT" "REAL" "DOUBLE" "DECIMAL" "NUMERIC"
    "BOOLEAN" "DATE" "DATEONLY" "TIME" "UUID" "BLOB" "ENUM" "JSON" "JSONB" "VIRTUAL" "ARRAY" "RANGE" "HSTORE" "GEOMETRY" "GEOGRAPHY"
    "CIDR" "INET" "MACADDR" "TSVECTOR"))

; Verbs: those that begin a sentence, those behind a subject, and those that an association makes.
((sentence . word: (path . (name) @keyword .))
  (#any-of? @keyword
    "model" "abstract" "enum" "view" "defaults" "import" "once" "index" "unique" "check" "scope" "drop" "sync" "let" "print" "assert"
    "transaction" "rollback"))
((sentence word: (path . (name) @keyword .))
  (#any-of? @keyword "model" "extends"))
((sentence . word: (path) . word: (path . (name) @keyword .))
  (#any-of? @keyword
    "hasOne" "hasMany" "belongsTo" "belongsToMany" "findAll" "findOne" "findByPk" "findAndCountAll" "findOrCreate" "count" "sum" "min"
    "max" "avg" "create" "bulkCreate" "upsert" "update" "increment" "decrement" "destroy" "restore" "truncate" "load" "reload" "sync"
    "drop"))
((sentence . word: (path) . word: (path . (name) @keyword .))
  (#match? @keyword "^(get|set|add|remove|has|count|create)[A-Z]"))

((sentence . word: (path . (name) @_scope .) . word: (path . (name) @function .))
  (#eq? @_scope "scope"))
((sentence . word: (path . (name) @_enum .) argument: (object (sentence word: (path . (name) @constant .))))
  (#eq? @_enum "enum"))

; Words of expressions and lists.
(operator) @operator
((operator) @keyword.operator (#match? @keyword.operator "^[a-z]"))
(null_test) @keyword.operator
(quantified quantifier: _ @keyword.operator)
(group "distinct" @keyword.operator)
(case ["case" "when" "then" "else" "end"] @keyword.conditional)
((item word: (name) @keyword.operator)
  (#any-of? @keyword.operator "as" "asc" "desc" "nulls" "first" "last" "collate"))
((group word: (path . (name) @keyword.operator .))
  (#any-of? @keyword.operator "as" "asc" "desc" "nulls" "first" "last" "collate"))
(star) @operator
(sentence "=" @operator)

["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(options ["<" ">"] @punctuation.bracket)
["," ";" ":" "."] @punctuation.delimiter
