autocmd BufNewFile,BufRead *.schema setfiletype relata
