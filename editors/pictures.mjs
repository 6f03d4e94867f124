// A picture of a terminal: `node pictures.mjs PICTURE.png < screen`, where the screen is what `tmux capture-pane -e -p` says of it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { chromium } = createRequire(import.meta.url)(process.env.PLAYWRIGHT ?? 'playwright-core');
const [picture] = process.argv.slice(2);

const NAMED = ['#000000', '#cd3131', '#0dbc79', '#e5e510', '#2472c8', '#bc3fbc', '#11a8cd', '#e5e5e5', '#666666', '#f14c4c', '#23d18b', '#f5f543', '#3b8eea', '#d670d6', '#29b8db', '#ffffff'];

/** A colour of 256. */
function colour(number) {
  if (number < 16) return NAMED[number];
  if (number > 231) return `rgb(${Array(3).fill(8 + 10 * (number - 232))})`;
  const part = (it) => (it === 0 ? 0 : 55 + 40 * it);
  const at = number - 16;
  return `rgb(${[Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6].map(part)})`;
}

let style = {};

/** Takes what one escape sequence says of what follows. */
function apply(codes) {
  const all = codes.split(';');
  while (all.length > 0) {
    const [code, kind] = all.shift().split(':');
    const number = Number(code || 0);
    if (number === 0) style = {};
    else if (number === 1) style.weight = 'bold';
    else if (number === 3) style.slant = 'italic';
    else if (number === 4) style.line = kind !== '0';
    else if (number === 7) style.turned = true;
    else if (number === 22) delete style.weight;
    else if (number === 23) delete style.slant;
    else if (number === 24) delete style.line;
    else if (number === 27) delete style.turned;
    else if (number === 39) delete style.fore;
    else if (number === 49) delete style.back;
    else if (number >= 30 && number <= 37) style.fore = NAMED[number - 30];
    else if (number >= 40 && number <= 47) style.back = NAMED[number - 40];
    else if (number >= 90 && number <= 97) style.fore = NAMED[number - 82];
    else if (number >= 100 && number <= 107) style.back = NAMED[number - 92];
    else if ([38, 48, 58].includes(number)) {
      const how = all.shift();
      const found = how === '5' ? colour(Number(all.shift())) : `rgb(${all.splice(0, 3)})`;
      if (number !== 58) style[number === 38 ? 'fore' : 'back'] = found;
    }
  }
}

const plain = (it) => it.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
function shown(text) {
  const [fore, back] = style.turned ? [style.back ?? '#1e1e1e', style.fore ?? '#d4d4d4'] : [style.fore ?? 'inherit', style.back ?? 'inherit'];
  const line = style.line ? 'text-decoration: underline wavy #f14c4c 1px; text-underline-offset: 3px;' : '';
  return `<span style="color: ${fore}; background: ${back}; font-weight: ${style.weight ?? 'normal'}; font-style: ${style.slant ?? 'normal'}; ${line}">${plain(text)}</span>`;
}

const screen = readFileSync(0, 'utf8').trimEnd();
const parts = screen.split(/\x1b\[([\d;:]*)m/);
const html = parts.map((it, place) => (place % 2 === 0 ? shown(it) : apply(it) ?? '')).join('');
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
const page = await browser.newPage({ viewport: { width: 760, height: 400 } });
page.setDefaultTimeout(120_000);
await page.setContent(`<body style="margin: 0"><pre style="margin: 0; padding: 8px; width: max-content; background: #1e1e1e; color: #d4d4d4; font: 14px/1.35 'DejaVu Sans Mono', monospace">${html}</pre>`);
await page.locator('pre').screenshot({ path: picture });
await browser.close();
