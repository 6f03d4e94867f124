-- What is checked in a headless Neovim: `CHECKED` is the folder of the scripts. It ends with 1 where something isn't so.
local folder = vim.env.CHECKED
local failed = false

local function check(what, holds, found)
  print((holds and 'ok   ' or 'NOT  ') .. what .. (holds and '' or ': ' .. vim.inspect(found)))
  failed = failed or not holds
end

local function finish()
  vim.cmd(failed and 'cquit 1' or 'qall!')
end

local function ask(method, params)
  local answers = vim.lsp.buf_request_sync(0, method, params, 20000) or {}
  for _, it in pairs(answers) do
    if it.error then
      return nil, it.error.message
    end
    return it.result
  end
end

local function at(line, character, more)
  local params = { textDocument = { uri = vim.uri_from_bufnr(0) }, position = { line = line, character = character } }
  for key, value in pairs(more or {}) do
    params[key] = value
  end
  return params
end

local function texts(bufnr)
  return table.concat(vim.api.nvim_buf_get_lines(bufnr or 0, 0, -1, false), '\n')
end

vim.cmd('filetype plugin indent on')
local M = require('relata')
if vim.fn.has('nvim-0.11') == 1 and vim.env.SETUP == nil then
  vim.lsp.enable('relata')
elseif vim.lsp.start then
  M.setup()
end

vim.cmd('edit ' .. folder .. '/invoices.schema')
check('the file type is relata', vim.bo.filetype == 'relata', vim.bo.filetype)
check('comments begin with //', vim.bo.commentstring == '// %s', vim.bo.commentstring)
if not vim.lsp.start then
  -- before 0.8
  local config = M.config()
  config.root_dir = folder
  vim.lsp.buf_attach_client(0, vim.lsp.start_client(config))
end

vim.wait(20000, function()
  return #vim.diagnostic.get(0) > 0
end, 50)
local problems = vim.diagnostic.get(0)
local problem = problems[1] or {}
check('a mistake is reported', problem.code == 'E0204', problems)
check('at its place', problem.lnum == 3 and problem.col == 18, problem)

local range = { start = { line = 3, character = 18 }, ['end'] = { line = 3, character = 22 } }
local actions = ask('textDocument/codeAction', {
  textDocument = { uri = vim.uri_from_bufnr(0) },
  range = range,
  context = { diagnostics = {} },
}) or {}
local fix
for _, it in ipairs(actions) do
  if it.kind == 'quickfix' and it.title:find('User') then
    fix = it
  end
end
check('a quick fix is offered', fix ~= nil, actions)
if fix then
  vim.lsp.util.apply_workspace_edit(fix.edit, 'utf-8')
  check('and mends it', texts():find('belongsTo User ', 1, true) ~= nil, texts())
end
vim.wait(20000, function()
  return #vim.diagnostic.get(0) == 0
end, 50)
check('nothing is wrong any more', #vim.diagnostic.get(0) == 0, vim.diagnostic.get(0))

local items = ask('textDocument/completion', at(3, 18)) or {}
items = items.items or items
local labels = {}
for _, it in ipairs(items) do
  labels[it.label] = true
end
check('User is completed', labels.User, vim.tbl_keys(labels))

local hover = ask('textDocument/hover', at(3, 19)) or {}
check('hover tells what User is', vim.inspect(hover):find('`Users`', 1, true) ~= nil, hover)

local definition = ask('textDocument/definition', at(3, 19)) or {}
local target = definition[1] or definition
check('its definition is in the other file', tostring(target.uri or target.targetUri):find('users.schema', 1, true) ~= nil, definition)

local edit, refused = ask('textDocument/rename', at(3, 19, { newName = 'Person' }))
check('it is renamed', edit ~= nil, refused)
if edit then
  vim.lsp.util.apply_workspace_edit(edit, 'utf-8')
  check('in this file', texts():find('belongsTo Person', 1, true) ~= nil, texts())
  local other = vim.fn.bufadd(folder .. '/users.schema')
  vim.fn.bufload(other)
  check('and in the other', texts(other):find('model Person', 1, true) ~= nil, texts(other))
end

vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'model   Extra{ a:INTEGER }' })
local format = vim.lsp.buf.format or function()
  vim.lsp.buf.formatting_sync({}, 20000)
end
format({ timeout_ms = 20000 })
check('the script is formatted', texts():find('model Extra { a: INTEGER }', 1, true) ~= nil, texts())

-- Models of scripts that aren't imported, bases, settings, and scripts that are run.
local last = vim.api.nvim_buf_line_count(0)
vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'Invoice belongsTo Sh' })
local offered
for _, it in ipairs((ask('textDocument/completion', at(last, 20)) or {}).items or {}) do
  offered = it.label == 'Shop' and it or offered
end
check('a model that is not imported is offered with its import', offered and (offered.additionalTextEdits or {})[1].newText:find('import "shops.schema"', 1, true) ~= nil, offered)
vim.cmd('silent noautocmd edit! ' .. folder .. '/shops.schema')
vim.bo.filetype = 'relata'
if not vim.lsp.start then
  vim.lsp.buf_attach_client(0, vim.tbl_keys(vim.lsp.buf_get_clients(vim.fn.bufnr('invoices.schema')))[1])
end
vim.wait(5000, function()
  return ask('textDocument/documentSymbol', { textDocument = { uri = vim.uri_from_bufnr(0) } }) ~= nil
end, 100)
local shop = (ask('textDocument/prepareTypeHierarchy', at(1, 8)) or {})[1] or {}
check('a model is prepared for its hierarchy', shop.name == 'Shop', shop)
local bases = ask('typeHierarchy/supertypes', { item = shop }) or {}
check('and leads to its base', (bases[1] or {}).name == 'Named', bases)
local function tell(settings)
  for _, client in pairs(vim.lsp.get_clients and vim.lsp.get_clients() or vim.lsp.get_active_clients()) do
    local params = { settings = { relata = settings } }
    if vim.fn.has('nvim-0.11') == 1 then
      client:notify('workspace/didChangeConfiguration', params)
    else
      client.notify('workspace/didChangeConfiguration', params)
    end
  end
end
local lenses = { textDocument = { uri = vim.uri_from_bufnr(0) } }
check('lenses are there', #(ask('textDocument/codeLens', lenses) or {}) > 0, lenses)
tell({ codeLens = false })
check('and gone by the setting', #(ask('textDocument/codeLens', lenses) or {}) == 0, lenses)
local run = { command = 'relata.run', arguments = { vim.uri_from_bufnr(0) } }
local printed, why = ask('workspace/executeCommand', run)
check('a script is run in memory', tostring(printed):find('Corner', 1, true) ~= nil, printed or why)
tell({ database = 'run.db' })
for _, answer in ipairs({ vim.NIL, { title = 'Run' } }) do
  local asked
  vim.lsp.handlers['window/showMessageRequest'] = function(_, params)
    asked = params.message
    return answer
  end
  ask('workspace/executeCommand', run)
  check('on a database it is asked for', tostring(asked):find('run.db', 1, true) ~= nil, asked)
  local ran = vim.fn.filereadable(folder .. '/run.db') == 1
  check(answer == vim.NIL and 'without a word nothing is run' or 'with a word it is run', ran == (answer ~= vim.NIL), ran)
end

if vim.env.PARSER then
  vim.cmd('silent noautocmd edit! ' .. folder .. '/invoices.schema')
  vim.treesitter.language.add('relata', { path = vim.env.PARSER })
  vim.treesitter.start(0, 'relata')
  local query = vim.treesitter.query.get('relata', 'highlights')
  local tree = vim.treesitter.get_parser(0, 'relata'):parse()[1]
  local seen = {}
  for id, node in query:iter_captures(tree:root(), 0) do
    seen[query.captures[id] .. ' ' .. vim.treesitter.get_node_text(node, 0)] = true
  end
  check('verbs are coloured', seen['keyword belongsTo'], vim.tbl_keys(seen))
  check('models are coloured', seen['type Invoice'], vim.tbl_keys(seen))
  check('types are coloured', seen['type.builtin INTEGER'], vim.tbl_keys(seen))
  for _, it in ipairs({ 'folds', 'indents', 'injections', 'locals' }) do
    check(it .. ' can be read', pcall(vim.treesitter.query.get, 'relata', it) and vim.treesitter.query.get('relata', it) ~= nil, it)
  end
end
finish()
