// Read-only documents beside a script: its SQL and its plan, which follow the typing, and the pages of codes and verbs.
'use strict';

const { EventEmitter, Uri, ViewColumn, commands, languages, window, workspace } = require('vscode');

const PAGE = 'relata-page';
/** What is shown beside a script: the command that yields it, its language by the ending of its name, and how that begins a comment. */
const VIEWS = {
  'relata-sql': { command: 'relata.sql', ending: 'sql', comment: '-- ' },
  'relata-plan': { command: 'relata.plan', ending: 'plan.txt', comment: '' },
};
/** After so many milliseconds without typing a view is made anew. */
const PAUSE = 300;

/** Registers the documents. The server is asked by `ask(command, ...arguments)`; what comes back tells that answers may have changed. */
function register(context, ask) {
  const changed = new EventEmitter();
  const known = new Map();
  const views = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const { command, comment } = VIEWS[uri.scheme];
      const key = uri.toString();
      try {
        known.set(key, await ask(command, uri.query));
        return known.get(key);
      } catch (error) {
        // While something is typed the script is seldom whole.
        return `${comment}${error.message}\n\n${known.get(key) ?? ''}`;
      }
    },
  };
  const page = { provideTextDocumentContent: (uri) => ask('relata.explain', topicOf(uri)) };
  const refresh = () => workspace.textDocuments.filter((it) => it.uri.scheme in VIEWS).forEach((it) => changed.fire(it.uri));
  let timer;
  const follow = (event) => {
    if (event.document.languageId !== 'relata') return;
    clearTimeout(timer);
    timer = setTimeout(refresh, PAUSE);
  };
  context.subscriptions.push(
    changed,
    ...Object.keys(VIEWS).map((it) => workspace.registerTextDocumentContentProvider(it, views)),
    workspace.registerTextDocumentContentProvider(PAGE, page),
    workspace.onDidChangeTextDocument(follow),
    workspace.onDidCloseTextDocument((it) => known.delete(it.uri.toString())),
    { dispose: () => clearTimeout(timer) },
  );
  return refresh;
}

/** Shows what a command says of a script, beside it. */
async function showBeside(command, script) {
  const uri = script ?? window.activeTextEditor?.document.uri.toString();
  const found = Object.entries(VIEWS).find(([, it]) => it.command === command);
  if (uri === undefined || found === undefined) return;
  const [scheme, { ending }] = found;
  const name = Uri.parse(uri).path.replace(/\.schema$/, '');
  const document = await workspace.openTextDocument(Uri.from({ scheme, path: `${name}.${ending}`, query: uri }));
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
  const document = await workspace.openTextDocument(Uri.from({ scheme: PAGE, path: `/${topic}.md` }));
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

module.exports = { register, showBeside, showPage };
