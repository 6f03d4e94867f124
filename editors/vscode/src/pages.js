// Read-only documents beside a script: its SQL, which follows the typing, and the pages of codes and verbs.
'use strict';

const { EventEmitter, Uri, ViewColumn, commands, languages, window, workspace } = require('vscode');

const SQL = 'relata-sql';
const PAGE = 'relata-page';
/** After so many milliseconds without typing the SQL is made anew. */
const PAUSE = 300;

/** What the server is asked: `ask(command, ...arguments)`. */
function register(context, ask) {
  const changed = new EventEmitter();
  const known = new Map();
  const provider = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      if (uri.scheme === PAGE) return ask('relata.explain', topicOf(uri));
      try {
        known.set(uri.query, await ask('relata.sql', uri.query));
        return known.get(uri.query);
      } catch (error) {
        // While something is typed the script is seldom whole.
        return `-- ${error.message}\n\n${known.get(uri.query) ?? ''}`;
      }
    },
  };
  let timer;
  const follow = (event) => {
    if (event.document.languageId !== 'relata') return;
    clearTimeout(timer);
    timer = setTimeout(() => refresh(), PAUSE);
  };
  const refresh = () => workspace.textDocuments.filter((it) => it.uri.scheme === SQL).forEach((it) => changed.fire(it.uri));
  context.subscriptions.push(
    changed,
    workspace.registerTextDocumentContentProvider(SQL, provider),
    workspace.registerTextDocumentContentProvider(PAGE, provider),
    workspace.onDidChangeTextDocument(follow),
    workspace.onDidCloseTextDocument((it) => known.delete(it.uri.query)),
    { dispose: () => clearTimeout(timer) },
  );
  return { refresh };
}

/** Shows the SQL of a script beside it. */
async function showSql(script) {
  const uri = script ?? window.activeTextEditor?.document.uri.toString();
  if (uri === undefined) return;
  const name = Uri.parse(uri).path.replace(/\.schema$/, '');
  const document = await workspace.openTextDocument(Uri.from({ scheme: SQL, path: `${name}.sql`, query: uri }));
  await window.showTextDocument(document, { viewColumn: ViewColumn.Beside, preserveFocus: true, preview: true });
}

function topicOf(uri) {
  return uri.path.replace(/^\//, '').replace(/\.md$/, '');
}

/** Shows the page of a code or a verb. */
async function showPage(asked) {
  const topic = asked ?? (await window.showInputBox({
    prompt: 'A code or a verb',
    placeHolder: 'E0202, findAll',
    value: atCursor(),
  }));
  if (!topic) return;
  const uri = Uri.from({ scheme: PAGE, path: `/${topic}.md` });
  const document = await workspace.openTextDocument(uri);
  try {
    await commands.executeCommand('markdown.showPreview', document.uri);
  } catch {
    await window.showTextDocument(document, { preview: true });
  }
}

/** The code of what is wrong at the cursor, else the word that is there. */
function atCursor() {
  const editor = window.activeTextEditor;
  if (editor === undefined) return '';
  const at = editor.selection.active;
  const problem = languages.getDiagnostics(editor.document.uri).find((it) => it.source === 'relata' && it.range.contains(at));
  const code = problem?.code?.value ?? problem?.code;
  if (code !== undefined) return String(code);
  const range = editor.document.getWordRangeAtPosition(at);
  return range === undefined ? '' : editor.document.getText(range);
}

module.exports = { register, showPage, showSql };
