// Line ends that mean something, nested comments and the SQL of sql`..`.
//
// The rules allow a line's end only where it ends a sentence or a member, so a line's end within ( ), [ ] and < > never gets here. It ends
// nothing either where the next line begins with `<` or `{`, over blank lines and comments.
#include "tree_sitter/parser.h"

enum { LINE_END, GOES_ON, SAME_LINE, BEFORE_BODY, BLOCK_COMMENT, SQL, NEVER, RECOVERING };

void *tree_sitter_relata_external_scanner_create(void) { return NULL; }
void tree_sitter_relata_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_relata_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_relata_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

static void next(TSLexer *lexer) { lexer->advance(lexer, false); }

// Behind `/*`, to behind its `*/`; false where there is none.
static bool comment(TSLexer *lexer) {
  unsigned depth = 1;
  while (!lexer->eof(lexer)) {
    if (lexer->lookahead == '/') {
      next(lexer);
      if (lexer->lookahead == '*') {
        next(lexer);
        depth++;
      }
    } else if (lexer->lookahead == '*') {
      next(lexer);
      if (lexer->lookahead == '/') {
        next(lexer);
        if (--depth == 0) return true;
      }
    } else {
      next(lexer);
    }
  }
  return false;
}

// Whether what follows, comments aside, is `<` or `{`.
static bool goes_on(TSLexer *lexer) {
  for (;;) {
    switch (lexer->lookahead) {
      case ' ': case '\t': case '\r': case '\n':
        next(lexer);
        break;
      case '/':
        next(lexer);
        if (lexer->lookahead == '/') {
          while (!lexer->eof(lexer) && lexer->lookahead != '\n') next(lexer);
        } else if (lexer->lookahead == '*') {
          next(lexer);
          if (!comment(lexer)) return false;
        } else {
          return false;
        }
        break;
      case '<': case '{':
        return true;
      default:
        return false;
    }
  }
}

// Up to the backquote that ends raw SQL; one that is written twice doesn't.
static bool sql(TSLexer *lexer) {
  bool any = false;
  while (!lexer->eof(lexer)) {
    if (lexer->lookahead == '`') {
      next(lexer);
      if (lexer->lookahead != '`') break;
    }
    next(lexer);
    lexer->mark_end(lexer);
    any = true;
  }
  lexer->result_symbol = SQL;
  return any;
}

bool tree_sitter_relata_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  bool recovering = valid[RECOVERING];
  if (valid[SQL] && !recovering) return sql(lexer);
  bool line = false;
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t' || lexer->lookahead == '\r' || lexer->lookahead == '\n') {
    line |= lexer->lookahead == '\n';
    lexer->advance(lexer, true);
  }
  lexer->mark_end(lexer);
  if (line && valid[LINE_END]) {
    bool is_comment = lexer->lookahead == '/';
    if (!goes_on(lexer)) {
      lexer->result_symbol = LINE_END;
      return true;
    }
    lexer->result_symbol = GOES_ON;
    return is_comment;
  }
  if (lexer->lookahead == '/') {
    next(lexer);
    if (lexer->lookahead == '/') return false;
    if (lexer->lookahead == '*') {
      next(lexer);
      if (!comment(lexer)) return false;
      lexer->mark_end(lexer);
      lexer->result_symbol = BLOCK_COMMENT;
      return true;
    }
  }
  if (line || recovering || lexer->eof(lexer)) return false;
  lexer->result_symbol = valid[SAME_LINE] ? SAME_LINE : BEFORE_BODY;
  return valid[SAME_LINE] || (valid[BEFORE_BODY] && lexer->lookahead == '{');
}
