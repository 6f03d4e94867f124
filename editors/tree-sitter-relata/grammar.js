/// <reference types="tree-sitter-cli/dsl" />
// The sentences of grammar/*.pest, for editors. That grammar is the language's; this one follows it, and `agree/` holds the two side by side.
//
// Where a line's end means something, the external scanner says so (src/scanner.c). What reads well by the rules below but is no sentence yet has
// `_never` behind it, a token that never comes: so it is an error here as there.

// `(a, b,)`
const listed = (item) => optional(seq(item, repeat(seq(',', item)), optional(',')));

const SIGNS = ['=', '!=', '<=', '<', '>=', '>', '||', '+', '-', '*', '/', '%'];
const WORDS = ['and', 'or', 'like', 'glob', 'between', 'startsWith', 'endsWith', 'contains', 'matches'];
// Words that need backquotes as names in an expression, by where they can't stand.
const NO_OPERAND = [...WORDS, 'is', 'in', 'when', 'then', 'else', 'end'];
const NO_WORD = ['any', 'all', 'none', 'case', 'when', 'then', 'else', 'end', 'true', 'false', 'null'];

const PLAIN = /[\p{XID_Start}_][\p{XID_Continue}]*/u;
const QUOTED = /`(``)*[^`\n]+(``[^`\n]*)*`/;

module.exports = grammar({
  name: 'relata',

  externals: ($) => [$._line_end, $._goes_on, $._same_line, $._before_body, $.block_comment, $.sql, $._never, $._recovering],
  extras: ($) => [/[ \t\r\n]/, $._goes_on, $.doc_comment, $.line_comment, $.block_comment],
  word: ($) => $._plain,
  conflicts: ($) => [
    [$.quantified, $.name],
    [$._members, $.name],
  ],

  rules: {
    script: ($) => seq(
      optional($.shebang),
      repeat(';'),
      optional(seq($.sentence, repeat(seq($._between, $.sentence)), optional($._between))),
    ),
    _between: ($) => choice(seq($._line_end, repeat(';')), repeat1(';')),

    shebang: (_) => token(/#![^\n]*/),
    doc_comment: (_) => token(/\/\/\/([^\/\n][^\n]*)?/),
    line_comment: (_) => token(choice(/\/\/([^\/\n][^\n]*)?/, /\/\/\/\/[^\n]*/)),

    // Sentences

    sentence: ($) => choice(
      seq($._words, optional(choice(
        field('options', $.options),
        seq('=', $._same_line, field('assigned', $.sentence)),
        seq(optional(seq(field('title', $.string), $._before_body)), field('argument', $.object), optional(field('options', $.options))),
        seq(field('argument', $._argument), optional(field('options', $.options))),
      ))),
      seq(field('argument', choice($._bracket, $.string, $.number, $._raw)), optional(field('options', $.options))),
    ),
    _words: ($) => repeat1(field('word', $.path)),
    _argument: ($) => choice($.group, $.list, $.string, $.number, $._raw),

    path: ($) => seq($.name, repeat(choice($._step, $.index))),
    _step: ($) => seq(token.immediate('.'), alias(choice($._step_plain, $._step_quoted), $.name)),
    index: (_) => token.immediate(/\[[0-9]+\]/),

    object: ($) => seq(
      '{',
      optional(seq($._member, repeat(seq($._separator, $._member)), optional($._separator))),
      '}',
    ),
    _separator: ($) => choice(',', ';', seq($._line_end, optional(','))),
    _member: ($) => choice($.pair, $.sentence),
    pair: ($) => seq(
      field('key', $._key), ':', $._same_line,
      choice(field('options', $.options), seq(field('value', $._value), optional(field('options', $.options)))),
    ),
    _key: ($) => choice($.name, $.string),

    options: ($) => seq('<', listed($.option), '>'),
    option: ($) => seq(field('name', $.name), optional(seq(':', $._phrase))),

    list: ($) => seq('[', listed($.item), ']'),
    item: ($) => $._phrase,
    _phrase: ($) => seq(field('value', $._value), repeat(field('word', $.name)), optional(field('options', $.options))),

    // Values

    _value: ($) => choice($._named, $.constant, $.string, $.number, $._raw, $._bracket),
    _bracket: ($) => choice($.object, $.list, $.group),
    _named: ($) => choice($.path, $.call),
    call: ($) => seq(field('name', $.name), field('arguments', alias($._called, $.group)), repeat($._step)),

    // `count` and `distinct` are words of an expression only where another one follows.
    name: ($) => choice($._plain, $._quoted, 'count', 'distinct'),
    _plain: (_) => PLAIN,
    _quoted: (_) => QUOTED,
    _step_plain: (_) => token.immediate(PLAIN),
    _step_quoted: (_) => token.immediate(QUOTED),

    number: ($) => choice($._digits, seq($._no_number, $._never)),
    _digits: (_) => token(/-?[0-9](_*[0-9])*(\.[0-9](_*[0-9])*)?([eE][+-]?[0-9](_*[0-9])*)?/),
    // As long as digits they are digits: the first rule counts.
    _no_number: (_) => token(/-?[0-9][\p{XID_Continue}.]*/u),
    string: (_) => token(choice(
      /"""("{0,2}([^"\\]|\\([ntr0"'\\]|u\{[0-9a-fA-F]{1,6}\})))*"""/,
      /"([^"\\\n]|\\([ntr0"'\\]|u\{[0-9a-fA-F]{1,6}\}))*"/,
      /'([^'\\\n]|\\([ntr0"'\\]|u\{[0-9a-fA-F]{1,6}\}))*'/,
    )),
    constant: (_) => choice('true', 'false', 'null'),
    _raw: ($) => choice($.raw, $.blob, seq($._no_blob, $._never)),
    raw: ($) => seq('sql`', optional($.sql), token.immediate('`')),
    blob: (_) => token(/x"([0-9a-fA-F]{2})*"/),
    _no_blob: (_) => token(/x"[^"\n]*"/),

    // Expressions: what stands in round brackets. `<` and `>` are operators here.

    group: ($) => seq('(', optional($._members), ')'),
    _called: ($) => seq(token.immediate('('), optional($._members), ')'),
    _members: ($) => seq(optional(prec.dynamic(1, 'distinct')), $._entry, repeat(seq(',', $._entry)), optional(',')),
    _entry: ($) => choice(
      $.star,
      seq($.expression, optional(seq(repeat1(field('word', choice($._named, $._raw, $._no_word))), optional(field('options', $.options))))),
    ),
    _no_word: ($) => seq(choice(...NO_WORD), $._never),
    star: (_) => '*',

    // One flat run: which operator binds tighter is nothing that an editor shows.
    expression: ($) => seq($._prefixed, repeat(choice($.null_test, $._operation))),
    _prefixed: ($) => seq(repeat(alias(choice('-', 'not'), $.operator)), $._operand),
    _operation: ($) => choice(
      seq(alias(choice(...SIGNS, ...WORDS), $.operator), $._prefixed),
      seq(alias(seq('not', choice('like', 'glob', 'between')), $.operator), $._prefixed),
      seq(alias(choice('in', seq('not', 'in')), $.operator), repeat(alias(choice('-', 'not'), $.operator)), $._operand_but_group),
    ),
    null_test: (_) => seq('is', optional('not'), 'null'),

    _operand: ($) => choice($._operand_but_group, $.group),
    _operand_but_group: ($) => choice(
      $.case, $.quantified, $.constant, $._named, $._raw, $.string, $.number, $.set,
      seq(choice(...NO_OPERAND), $._never),
    ),
    set: ($) => seq('[', listed($.expression), ']'),
    quantified: ($) => seq(field('quantifier', choice('any', 'all', 'none', 'count')), $.path, $.group),
    case: ($) => seq(
      'case', optional($.expression),
      repeat1(seq('when', $.expression, 'then', $.expression)),
      optional(seq('else', $.expression)),
      'end',
    ),
  },
});
