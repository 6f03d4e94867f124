((sql) @injection.content
  (#set! injection.language "sql"))
