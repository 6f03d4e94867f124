-- `vim.lsp.enable('relata')` starts `relata lsp` (Neovim 0.11 and later; `require('relata').setup()` does so in older ones).
return require('relata').config()
