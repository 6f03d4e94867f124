// Drives the real VS Code: `node drive.mjs URL FOLDER SHOTS`, with a server of it at URL and the scripts in FOLDER. Screenshots go to SHOTS.
// NODE_PATH has playwright-core. It ends with 1 where something isn't so.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT ?? 'playwright-core');
const [url, folder, shots] = process.argv.slice(2);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.setDefaultTimeout(120_000);
let failed = false;
let shot = 0;

const on = (name) => readFileSync(path.join(folder, name), 'utf8');
async function check(what, holds) {
  let found = true;
  const began = Date.now();
  try {
    found = (await holds()) !== false;
  } catch (error) {
    found = false;
    console.log(String(error.message).split('\n').slice(0, 3).join('\n'));
  }
  console.log(`${found ? 'ok  ' : 'NOT '} ${what} (${Date.now() - began} ms)`);
  shot += 1;
  // A busy machine may not get to it.
  await page.screenshot({ path: path.join(shots, `${String(shot).padStart(2, '0')}-${what.replace(/[^a-z]+/gi, '-')}.png`) }).catch(() => console.log('     no picture'));
  failed ||= !found;
  return found;
}
/** Without this nothing else can be so. */
async function need(what, holds) {
  if (await check(what, holds)) return;
  await browser.close();
  process.exit(1);
}
async function until(holds) {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await holds()) return true;
    await page.waitForTimeout(200);
  }
  return false;
}
const text = async () => (await page.locator('.editor-instance .view-lines').first().innerText()).replaceAll('\u00a0', ' ');
const command = async (name) => {
  await page.keyboard.press('F1');
  await page.waitForSelector('.quick-input-widget input');
  await page.keyboard.type(name);
  await page.waitForTimeout(800);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(500);
};
const goto = async (place) => {
  await page.keyboard.press('Control+g');
  await page.waitForSelector('.quick-input-widget input');
  await page.keyboard.type(place);
  await page.keyboard.press('Enter');
  await page.waitForTimeout(400);
};
const open = async (name) => {
  await page.locator(`.explorer-folders-view .monaco-list-row:has-text("${name}")`).dblclick();
  await page.waitForSelector(`.tab.active:has-text("${name}")`);
  await page.waitForSelector('.monaco-editor .view-line');
};

page.setDefaultNavigationTimeout(240_000);
if (process.env.LIVE) setInterval(() => page.screenshot({ path: path.join(shots, 'now.png'), timeout: 5000 }).catch(() => {}), 6000).unref();
await page.goto(`${url}/?folder=${folder}`, { waitUntil: 'domcontentloaded' });
await page.waitForSelector('.monaco-workbench', { timeout: 180_000 });
await page.waitForSelector('.explorer-folders-view .monaco-list-row', { timeout: 120_000 });
await open('invoices.schema');

if (process.env.UNTRUSTED) {
  await check('an untrusted folder is coloured', () => until(async () => (await page.locator('.view-line span[class*=mtk]').count()) > 4));
  await need('and reported', () => page.waitForSelector('.squiggly-error'));
  await check('its own relata path is not run', () => !existsSync(path.join(folder, 'run')));
  await check('and no script is', async () => {
    await open('shops.schema');
    await command('Relata: Run the Script');
    await page.keyboard.press('Escape');
    await page.waitForTimeout(1500);
    return !existsSync(path.join(folder, 'run.db'));
  });
} else {
  await need('a mistake is underlined', () => page.waitForSelector('.squiggly-error', { timeout: 120_000 }));
  await page.keyboard.press('Control+Shift+m');
  await check('and listed', async () => {
    await page.waitForSelector('.markers-panel .monaco-list-row:has-text("there is no model")');
    return (await page.locator('.markers-panel').innerText()).includes('E0204');
  });
  await page.keyboard.press('Control+Shift+m');
  await page.locator('.monaco-editor .view-lines').first().click();
  await goto('4:20');
  await check('its quick fix mends it', async () => {
    await page.keyboard.press('Control+.');
    await page.waitForSelector('.action-widget .action-item:has-text("User"), .action-widget .monaco-list-row:has-text("User")');
    await page.waitForTimeout(500);
    await page.keyboard.press('Enter');
    return until(async () => (await text()).includes('belongsTo User'));
  });
  await check('then nothing is underlined', () => until(async () => (await page.locator('.squiggly-error').count()) === 0));
  await goto('4:20');
  await check('hover tells of a model', async () => {
    await command('Show or Focus Hover');
    return until(async () => (await page.locator('.monaco-hover:visible').allInnerTexts()).join().includes('CREATE TABLE'));
  });
  await page.keyboard.press('Escape');
  await check('lenses are there', () => until(async () => (await page.locator('.codelens-decoration').allInnerTexts()).join().includes('SQL')));
  await check('a name is completed', async () => {
    await goto('5:1');
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\nInvoice belongsTo Us', { delay: 60 });
    await page.waitForTimeout(300);
    if (!(await page.locator('.suggest-widget.visible').count())) await page.keyboard.press('Control+Space');
    await page.waitForSelector('.suggest-widget.visible .monaco-list-row:has-text("User")');
    await page.keyboard.press('Enter');
    return until(async () => (await text()).includes('Invoice belongsTo User'));
  });
  await check('saving formats', async () => {
    await page.keyboard.type('   < as:payer >', { delay: 60 });
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+s');
    return until(async () => on('invoices.schema').includes('Invoice belongsTo User < as: payer >'));
  });
  await goto('4:20');
  await check('F12 jumps into another file', async () => {
    await page.keyboard.press('F12');
    await page.waitForSelector('.tab.active:has-text("users.schema")');
  });
  await check('F2 renames across files', async () => {
    await page.waitForTimeout(1500);
    await page.keyboard.press('F2');
    const box = page.locator('.rename-box input:visible');
    await box.fill('Person');
    await box.press('Enter');
    await page.waitForTimeout(1500);
    await command('File: Save All');
    return until(async () => on('users.schema').includes('model Person') && on('invoices.schema').includes('belongsTo Person'));
  });
  await check('the next line of a documentation begins with slashes', async () => {
    await goto('1:99');
    await page.keyboard.press('End');
    await page.keyboard.type('\nAnd more.');
    const found = await until(async () => (await text()).includes('/// And more.'));
    await page.keyboard.press('Control+z');
    await page.keyboard.press('Control+z');
    return found;
  });
  await check('the SQL is shown beside a script', async () => {
    await command('Relata: Show SQL');
    await page.waitForSelector('.tab:has-text("users.sql")');
    return until(async () => (await page.locator('.view-lines').allInnerTexts()).join().includes('CREATE'));
  });
  await check('a code is explained', async () => {
    await command('Relata: Explain');
    await page.waitForTimeout(500);
    await page.keyboard.press('Control+a');
    await page.keyboard.type('E0204');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.tab:has-text("E0204")');
  });
  await check('a model of a script that is not imported comes with its import', async () => {
    await open('invoices.schema');
    await page.locator('.monaco-editor .view-lines').first().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('\nInvoice belongsTo Sho', { delay: 60 });
    await page.waitForTimeout(300);
    if (!(await page.locator('.suggest-widget.visible').count())) await page.keyboard.press('Control+Space');
    await page.waitForSelector('.suggest-widget.visible .monaco-list-row:has-text("Shop")');
    await page.keyboard.press('Enter');
    const found = await until(async () => (await text()).includes('import "shops.schema"'));
    await page.keyboard.press('Control+s');
    return found;
  });
  for (const answer of ['Cancel', 'Run']) {
    await check(`a script is run on a database when its user says so: ${answer}`, async () => {
      await open('shops.schema');
      await command('Relata: Run the Script');
      const dialog = page.locator('.notification-toast:has-text("run.db"), .monaco-dialog-box:has-text("run.db")').first();
      await dialog.waitFor();
      if (existsSync(path.join(folder, 'run.db'))) return false;
      await (answer === 'Run' ? dialog.locator('.monaco-button:has-text("Run")').first().click() : page.keyboard.press('Escape'));
      if (answer === 'Run') return until(() => existsSync(path.join(folder, 'run.db')));
      const close = dialog.locator('.codicon-notifications-clear');
      if (await close.count()) await close.first().click();
      await page.waitForTimeout(1500);
      return !existsSync(path.join(folder, 'run.db'));
    });
  }
  const shown = async () => (await page.locator('.view-lines').allInnerTexts()).join('\n').replaceAll('\u00a0', ' ');
  const type = async (what) => {
    await page.locator('.tab:has-text("shops.schema")').first().click();
    await goto('2:27');
    await page.keyboard.type(what, { delay: 40 });
    await page.keyboard.press('Escape');
  };
  for (const [name, tab, before, typed, after] of [
    ['SQL', 'shops.sql', 'CREATE TABLE', ' town: STRING', '`town`'],
    ['the Plan', 'shops.plan.txt', 'town', ' street: STRING,', 'street'],
  ]) {
    await check(`${name} beside a script follows the typing`, async () => {
      await open('shops.schema');
      await command(`Relata: Show ${name}`);
      await page.waitForSelector(`.tab:has-text("${tab}")`);
      const first = await until(async () => (await shown()).includes(before));
      const had = (await page.locator('.editor-group-container').last().innerText()).replaceAll('\u00a0', ' ').includes(after);
      await type(typed);
      return first && !had && until(async () => (await page.locator('.editor-group-container').last().innerText()).replaceAll('\u00a0', ' ').includes(after));
    });
  }
  await command('File: Revert File');
  await check('a base and what extends it are a hierarchy', async () => {
    await goto('2:8');
    await command('Types: Show Type Hierarchy');
    return until(async () => (await page.locator('.part.sidebar').allInnerTexts()).join().includes('Shop'));
  });
  await command('View: Show Explorer');
  await page.waitForSelector('.explorer-folders-view .monaco-list-row');
  await check('how long its activation took is told', async () => {
    await command('Developer: Show Running Extensions');
    const row = page.locator('.runtime-extensions-editor .extension:has-text("Relata")').first();
    await row.waitFor();
    console.log(`     ${(await row.innerText()).replaceAll('\n', ' ').slice(0, 160)}`);
  });
  await check('the outline is there', async () => {
    await open('invoices.schema');
    await command('Explorer: Focus on Outline View');
    return until(async () => (await page.locator('.outline-pane, .outline-tree').allInnerTexts()).join().includes('Invoice'));
  });
  await check('the status item is there', () => until(async () => (await page.locator('.statusbar-item').allInnerTexts()).join().includes('Relata')));
  await check('sql in backquotes is coloured as SQL', async () => {
    await open('raw.schema');
    const kinds = () => page.evaluate(() => [...document.querySelectorAll('.view-line span span')].filter((it) => /SELECT|FROM/.test(it.textContent)).map((it) => it.className));
    return until(async () => (await kinds()).some((it) => /mtk/.test(it)));
  });
  await check('schema blocks in Markdown are coloured', async () => {
    await open('notes.md');
    const kinds = () => page.evaluate(() => [...document.querySelectorAll('.view-line span span')].filter((it) => /^\s*model/.test(it.textContent) || /belongsTo/.test(it.textContent)).map((it) => `${it.className} ${it.textContent}`));
    return until(async () => (await kinds()).some((it) => /^mtk(?!1 )\d+ (model|belongsTo)$/.test(it)));
  });
}
if (process.env.PICTURE) {
  // What docs/editors.md shows.
  writeFileSync(path.join(folder, 'first.schema'), 'model User { name: STRING }\nUzer hasMany User < as: friends >\n');
  await command('View: Close All Editors');
  await command('Notifications: Clear All Notifications');
  await open('first.schema');
  await page.waitForSelector('.squiggly-error');
  await page.locator('.monaco-editor .view-lines').first().click();
  if (await page.locator('.part.panel:visible').count()) await command('View: Toggle Panel Visibility');
  await page.setViewportSize({ width: 900, height: 420 });
  await page.mouse.move(750, 330);
  await page.waitForTimeout(2500);
  await page.screenshot({ path: process.env.PICTURE });
}
await browser.close();
process.exit(failed ? 1 : 0);
