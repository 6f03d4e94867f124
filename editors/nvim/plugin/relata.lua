vim.api.nvim_create_user_command('RelataSql', function()
  require('relata').sql()
end, { desc = 'The tables of a script, as SQL' })

vim.api.nvim_create_user_command('RelataExplain', function(given)
  require('relata').explain(given.args)
end, { nargs = 1, desc = 'The page of a code or a verb' })
