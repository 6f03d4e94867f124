-- Relata's scripts: comments, indentation, and colours by tree-sitter where its parser is installed.
if vim.b.did_ftplugin then
  return
end
vim.b.did_ftplugin = 1

vim.bo.commentstring = '// %s'
-- `///` and `//` go on with the next line.
vim.bo.comments = 's1:/*,mb:*,ex:*/,:///,://'
vim.opt_local.formatoptions:append('cro')
vim.opt_local.formatoptions:remove('t')
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2
vim.bo.suffixesadd = '.schema'
vim.bo.indentexpr = 'v:lua.require("relata").indent(v:lnum)'
vim.bo.indentkeys = '0{,0},0),0],0>,!^F,o,O'

vim.b.undo_ftplugin = 'setlocal commentstring< comments< formatoptions< expandtab< shiftwidth< softtabstop< suffixesadd< indentexpr< indentkeys<'

if vim.treesitter.start then
  pcall(vim.treesitter.start)
end
