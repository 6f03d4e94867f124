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

if vim.env.PARSER then
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
