local M = {}

--- What Neovim is to know of the language server. `vim.lsp.config('relata', { .. })` changes it.
function M.config()
  return {
    name = 'relata',
    cmd = { 'relata', 'lsp' },
    filetypes = { 'relata' },
    root_markers = { '.git' },
    init_options = { dialect = 'sqlite' },
    commands = {
      ['relata.showReferences'] = function(command, context)
        local client = vim.lsp.get_client_by_id(context.client_id)
        local items = vim.lsp.util.locations_to_items(command.arguments[3], client and client.offset_encoding or 'utf-16')
        vim.fn.setqflist({}, ' ', { title = command.title, items = items })
        vim.cmd('copen')
      end,
      ['relata.sql'] = function(command, context)
        M.show_answer(command, context.client_id, 'sql')
      end,
      ['relata.explain'] = function(command, context)
        M.show_answer(command, context.client_id, 'markdown')
      end,
    },
  }
end

--- Shows in a split what a command of the server yields.
function M.show_answer(command, client_id, filetype)
  local client = assert(vim.lsp.get_client_by_id(client_id), 'the language server isn’t running')
  local params = { command = command.command, arguments = command.arguments }
  local function shown(failure, text)
    if failure or text == nil then
      vim.notify(failure and failure.message or 'no answer', vim.log.levels.ERROR)
      return
    end
    vim.cmd('vnew')
    vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, '\n', { plain = true }))
    vim.bo.buftype, vim.bo.bufhidden, vim.bo.modifiable, vim.bo.filetype = 'nofile', 'wipe', false, filetype
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request('workspace/executeCommand', params, shown)
  else
    client.request('workspace/executeCommand', params, shown)
  end
end

local function running(bufnr)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local client = get({ name = 'relata', bufnr = bufnr })[1]
  return assert(client, 'the language server isn’t running')
end

--- `:RelataSql`: the tables of the script at hand, as SQL.
function M.sql()
  local uri = vim.uri_from_bufnr(0)
  M.show_answer({ command = 'relata.sql', arguments = { uri } }, running(0).id, 'sql')
end

--- `:RelataExplain E0202`: the page of a code or a verb.
function M.explain(topic)
  M.show_answer({ command = 'relata.explain', arguments = { topic } }, running(0).id, 'markdown')
end

--- Starts the server for scripts, in any Neovim from 0.8 on; `changes` are merged into `config()`.
function M.setup(changes)
  local config = vim.tbl_deep_extend('force', M.config(), changes or {})
  if vim.lsp.enable then
    vim.lsp.config('relata', config)
    vim.lsp.enable('relata')
    return
  end
  local function start(bufnr)
    local file = vim.api.nvim_buf_get_name(bufnr)
    local found = vim.fs.find(config.root_markers, { path = vim.fs.dirname(file), upward = true })[1]
    config.root_dir = found and vim.fs.dirname(found) or vim.fs.dirname(file)
    vim.lsp.start(config)
  end
  vim.api.nvim_create_autocmd('FileType', {
    pattern = config.filetypes,
    callback = function(event)
      start(event.buf)
    end,
  })
end

--- How far a line is indented: as the one before, and one step more behind an open bracket.
function M.indent(line)
  local before = vim.fn.prevnonblank(line - 1)
  local indent = before == 0 and 0 or vim.fn.indent(before)
  local step = vim.fn.shiftwidth()
  local text = vim.fn.getline(before):gsub('%s*//.*$', '')
  if text:match('[%[{(<]%s*$') then
    indent = indent + step
  end
  if vim.fn.getline(line):match('^%s*[%]})>]') then
    indent = indent - step
  end
  return math.max(indent, 0)
end

return M
