(script) @local.scope
(object) @local.scope

((sentence . word: (path . (name) @_let .) . word: (path . (name) @local.definition.var .))
  (#eq? @_let "let"))
((sentence . word: (path . (name) @_verb .) . word: (path . (name) @local.definition.type .))
  (#any-of? @_verb "model" "enum" "view"))
((sentence . word: (path . (name) @_abstract .) . word: (path . (name) @_model .) . word: (path . (name) @local.definition.type .))
  (#eq? @_abstract "abstract") (#eq? @_model "model"))
(pair key: (name) @local.definition.field)

(path . (name) @local.reference)
