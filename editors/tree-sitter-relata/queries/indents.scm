; As nvim-treesitter reads them.
[(object) (options) (list) (set) (group)] @indent.begin
(object "}" @indent.branch @indent.end)
(options ">" @indent.branch @indent.end)
(list "]" @indent.branch @indent.end)
(set "]" @indent.branch @indent.end)
(group ")" @indent.branch @indent.end)
(block_comment) @indent.ignore
