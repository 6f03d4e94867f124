[(object) (options) (list) (group) (block_comment)] @fold
