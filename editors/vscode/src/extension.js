// Relata in VS Code: starts `relata lsp` and shows what it says.
'use strict';

const { LanguageStatusSeverity, Uri, commands, env, languages, window, workspace } = require('vscode');
const pages = require('./pages');
const program = require('./program');

/** The client's library, which is loaded once VS Code waits no more. */
const library = () => require('vscode-languageclient/node');

const INSTALL = 'cargo install --path .';
const TOLD = 'relata.told';

let client;
let printed;

async function activate(context) {
  const log = window.createOutputChannel('Relata', { log: true });
  const status = languages.createLanguageStatusItem('relata', { language: 'relata' });
  status.name = 'Relata';
  status.command = { title: 'Log', command: 'relata.log' };
  const refresh = pages.register(context, ask);

  const restart = async () => {
    await stop();
    await start(context, log, status);
    refresh();
  };
  context.subscriptions.push(
    log,
    status,
    commands.registerCommand('relata.log', () => log.show(true)),
    commands.registerCommand('relata.restart', restart),
    commands.registerCommand('relata.showReferences', showReferences),
    workspace.onDidGrantWorkspaceTrust(restart),
    workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration('relata.path')) await restart();
      if (event.affectsConfiguration('relata')) refresh();
    }),
  );
  // VS Code waits for what is activated: the server begins behind that.
  setImmediate(() => void start(context, log, status).then(refresh));
}

async function start(context, log, status) {
  const { file, missing } = program.find(workspace.getConfiguration('relata').get('path', ''), context.extensionPath);
  if (file === undefined) {
    show(status, `Relata: \`${missing}\` isn't there`, LanguageStatusSeverity.Warning);
    log.warn(`${missing} isn't there. Install it with \`${INSTALL}\`, or set relata.path.`);
    await tellOnce(context, missing);
    return;
  }
  log.info(`${file} lsp`);
  const { LanguageClient, State, TransportKind } = library();
  const server = { command: file, args: ['lsp'], transport: TransportKind.stdio };
  const own = new LanguageClient('relata', 'Relata', server, {
    documentSelector: [
      { scheme: 'file', language: 'relata' },
      { scheme: 'untitled', language: 'relata' },
    ],
    outputChannel: log,
    initializationOptions: settings(),
    synchronize: { configurationSection: 'relata' },
    middleware: { ...middleware },
  });
  client = own;
  own.onDidChangeState(({ newState }) => {
    const running = newState === State.Running;
    void commands.executeCommand('setContext', 'relata.running', running);
    const version = own.initializeResult?.serverInfo?.version ?? '';
    if (running) show(status, `Relata ${version}`, LanguageStatusSeverity.Information, file);
    else show(status, newState === State.Starting ? 'Relata is starting' : 'Relata has stopped', LanguageStatusSeverity.Information, file);
  });
  try {
    await own.start();
  } catch (error) {
    show(status, 'Relata: the language server can’t be started', LanguageStatusSeverity.Error, file);
    log.error(`${file}: ${error.message}`);
  }
}

function settings() {
  const all = workspace.getConfiguration('relata');
  return { dialect: all.get('dialect'), database: all.get('database'), roots: all.get('roots'), format: all.get('format') };
}

async function stop() {
  const own = client;
  client = undefined;
  try {
    await own?.dispose();
  } catch {
    // it is gone already
  }
}

function show(status, text, severity, detail) {
  status.text = text;
  status.severity = severity;
  status.detail = detail;
}

/** Without a program, how to get one: once, not each time. */
async function tellOnce(context, missing) {
  if (context.globalState.get(TOLD)) return;
  await context.globalState.update(TOLD, true);
  const said = `Scripts are only coloured: \`${missing}\` isn't there. Install it with \`${INSTALL}\`, or say in relata.path where it is.`;
  void window.showWarningMessage(said, 'Copy the Command', 'Open Settings').then((chosen) => {
    if (chosen === 'Copy the Command') return env.clipboard.writeText(INSTALL);
    if (chosen === 'Open Settings') return commands.executeCommand('workbench.action.openSettings', 'relata.path');
    return undefined;
  });
}

/** Has the server carry out a command. */
async function ask(command, ...given) {
  if (client?.state !== library().State.Running) throw new Error('the language server isn’t running');
  return client.sendRequest('workspace/executeCommand', { command, arguments: given });
}

/** Runs a script and shows what it prints. On a database the server asks first, by a message. */
async function runScript(script) {
  const uri = script ?? window.activeTextEditor?.document.uri.toString();
  if (uri === undefined) return;
  if (!workspace.isTrusted) {
    void window.showWarningMessage('In a folder that isn’t trusted no script is run.');
    return;
  }
  await workspace.saveAll(false);
  printed ??= window.createOutputChannel('Relata: run');
  printed.clear();
  printed.show(true);
  try {
    printed.append(await ask('relata.run', uri));
  } catch (error) {
    printed.appendLine(error.message);
  }
}

function isWanted(setting, document) {
  return workspace.getConfiguration('relata', document).get(setting, true);
}

const middleware = {
  // What the server's commands yield is shown here.
  async executeCommand(command, given, next) {
    if (command === 'relata.sql' || command === 'relata.plan') return pages.showBeside(command, given[0]);
    if (command === 'relata.explain') return pages.showPage(given[0]);
    if (command === 'relata.run') return runScript(given[0]);
    return next(command, given);
  },
  provideCodeLenses(document, token, next) {
    return isWanted('codeLens', document) ? next(document, token) : [];
  },
  provideInlayHints(document, range, token, next) {
    return isWanted('inlayHints', document) ? next(document, range, token) : [];
  },
  handleDiagnostics(uri, found, next) {
    found.forEach(linked);
    next(uri, found);
  },
  async provideDiagnostics(document, before, token, next) {
    const report = await next(document, before, token);
    report?.items?.forEach(linked);
    return report;
  },
  async provideWorkspaceDiagnostics(before, token, reporter, next) {
    return next(before, token, (part) => {
      part?.items.forEach((it) => it.items?.forEach(linked));
      reporter(part);
    });
  },
};

/** Lets a code lead to its page. */
function linked(problem) {
  const { code } = problem;
  if (typeof code !== 'string') return;
  const topic = encodeURIComponent(JSON.stringify([code]));
  problem.code = { value: code, target: Uri.parse(`command:relata.explain?${topic}`) };
}

async function showReferences(uri, position, locations) {
  const from = client?.protocol2CodeConverter;
  if (from === undefined) return;
  const all = locations.map((it) => from.asLocation(it));
  await commands.executeCommand('editor.action.showReferences', Uri.parse(uri), from.asPosition(position), all);
}

module.exports = { activate, deactivate: stop };
