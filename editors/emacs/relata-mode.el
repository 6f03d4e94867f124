;;; relata-mode.el --- Scripts of Relata, a language for data models -*- lexical-binding: t; -*-

;; Version: 0.1.0
;; Package-Requires: ((emacs "27.1"))
;; Keywords: languages
;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Colours, comments and indentation for `.schema' files.  Reports, completion, rename and the rest come from `relata lsp', by way of eglot:
;;
;;     (require 'relata-mode)
;;     (add-hook 'relata-mode-hook #'eglot-ensure)

;;; Code:

(require 'url-util)

(defgroup relata nil
  "Scripts of Relata."
  :group 'languages)

(defcustom relata-program "relata"
  "The program `relata', which is the language server too."
  :type 'string)

(defcustom relata-indent-offset 2
  "How many columns a step of indentation has."
  :type 'integer
  :safe #'integerp)

(defcustom relata-format-on-save t
  "Whether scripts are formatted when they are saved, while eglot manages them."
  :type 'boolean
  :safe #'booleanp)

(defvar relata-mode-syntax-table
  (let ((table (make-syntax-table)))
    ;; `//' up to the line's end, and `/*' that nests.
    (modify-syntax-entry ?/ ". 124" table)
    (modify-syntax-entry ?* ". 23bn" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?\" "\"" table)
    (modify-syntax-entry ?' "\"" table)
    (modify-syntax-entry ?` "\"" table)
    (modify-syntax-entry ?\\ "\\" table)
    (modify-syntax-entry ?_ "_" table)
    (modify-syntax-entry ?< "." table)
    (modify-syntax-entry ?> "." table)
    table)
  "Syntax of Relata.")

(defun relata--quotes ()
  "Mark the outer of three quotes that begin or end a text of several lines."
  (let* ((from (match-beginning 0))
         (to (match-end 0))
         (state (save-excursion (syntax-ppss from))))
    (cond ((nth 4 state))
          ((null (nth 3 state)) (put-text-property from (1+ from) 'syntax-table (string-to-syntax "|")))
          ((eq (nth 3 state) t) (put-text-property (1- to) to 'syntax-table (string-to-syntax "|"))))))

(defconst relata--propertize
  (syntax-propertize-rules ("\"\"\"" (0 (ignore (relata--quotes))))))

(defconst relata--types
  '("STRING" "CHAR" "TEXT" "CITEXT" "INTEGER" "TINYINT" "SMALLINT" "MEDIUMINT" "BIGINT" "FLOAT" "REAL" "DOUBLE" "DECIMAL" "NUMERIC"
    "BOOLEAN" "DATE" "DATEONLY" "TIME" "UUID" "BLOB" "ENUM" "JSON" "JSONB" "VIRTUAL" "ARRAY" "RANGE" "HSTORE" "GEOMETRY" "GEOGRAPHY"
    "CIDR" "INET" "MACADDR" "TSVECTOR"))

(defconst relata--first
  '("model" "abstract" "enum" "view" "defaults" "import" "once" "index" "unique" "check" "scope" "drop" "sync" "let" "print" "assert"
    "transaction" "rollback")
  "Verbs that begin a sentence.")

(defconst relata--second
  '("hasOne" "hasMany" "belongsTo" "belongsToMany" "extends" "findAll" "findOne" "findByPk" "findAndCountAll" "findOrCreate" "count"
    "sum" "min" "max" "avg" "create" "bulkCreate" "upsert" "update" "increment" "decrement" "destroy" "restore" "truncate" "load"
    "reload" "sync" "drop")
  "Verbs behind a subject.")

(defconst relata--operators
  '("and" "or" "not" "is" "in" "like" "glob" "between" "startsWith" "endsWith" "contains" "matches" "any" "all" "none" "case" "when"
    "then" "else" "end"))

(defconst relata-font-lock-keywords
  `((,(concat "\\(?:^\\|[{;=]\\)[ \t]*\\(" (regexp-opt relata--first) "\\)\\_>[ \t]*\\(?:[^:,>. \t]\\|$\\)") 1 font-lock-keyword-face)
    (,(concat "^[ \t]*\\(?:abstract[ \t]+\\)?\\(model\\|enum\\|view\\)[ \t]+\\(\\(?:\\sw\\|\\s_\\)+\\)")
     (1 font-lock-keyword-face) (2 font-lock-type-face))
    (,(concat "\\(?:\\sw\\|\\s_\\|`\\)[ \t]+\\(" (regexp-opt relata--second) "\\)\\_>[ \t]*\\(?:[^:,( \t]\\|$\\)") 1 font-lock-keyword-face)
    ("\\(?:\\sw\\|\\s_\\)[ \t]+\\(\\(?:get\\|set\\|add\\|remove\\|has\\|count\\|create\\)[[:upper:]]\\(?:\\sw\\|\\s_\\)*\\)" 1 font-lock-keyword-face)
    ("\\_<\\(\\(?:\\sw\\|\\s_\\)+\\)[ \t]*:" 1 font-lock-variable-name-face)
    (,(concat "\\_<" (regexp-opt relata--types) "\\_>") . font-lock-type-face)
    (,(concat "\\_<" (regexp-opt relata--operators) "\\_>") . font-lock-builtin-face)
    (,(regexp-opt '("true" "false" "null") 'symbols) . font-lock-constant-face))
  "What is coloured beside comments and texts.")

(defun relata--syntactic-face (state)
  "The face of the comment or text of STATE."
  (cond ((nth 3 state) font-lock-string-face)
        ((save-excursion (goto-char (nth 8 state)) (looking-at "///\\(?:[^/]\\|$\\)")) font-lock-doc-face)
        (t font-lock-comment-face)))

(defun relata-indent-line ()
  "Indent a line as the one before, and one step more behind an open bracket."
  (interactive)
  (let ((column
         (save-excursion
           (beginning-of-line)
           (let ((closes (looking-at "[ \t]*[]})>]")) (column 0))
             (skip-chars-backward " \t\n")
             (unless (bobp)
               (setq column (current-indentation))
               (let ((state (syntax-ppss)))
                 (when (nth 4 state) (goto-char (nth 8 state)))
                 (skip-chars-backward " \t")
                 (when (memq (char-before) '(?\{ ?\[ ?\( ?<)) (setq column (+ column relata-indent-offset)))))
             (max 0 (if closes (- column relata-indent-offset) column))))))
    (if (<= (current-column) (current-indentation))
        (indent-line-to column)
      (save-excursion (indent-line-to column)))))

;;;###autoload
(define-derived-mode relata-mode prog-mode "Relata"
  "Scripts of Relata."
  (setq-local comment-start "// "
              comment-end ""
              comment-start-skip "//+[ \t]*\\|/\\*+[ \t]*"
              indent-line-function #'relata-indent-line
              indent-tabs-mode nil
              syntax-propertize-function relata--propertize
              font-lock-defaults '(relata-font-lock-keywords
                                   nil nil nil
                                   (font-lock-syntactic-face-function . relata--syntactic-face)))
  (add-hook 'before-save-hook #'relata--format nil t))

(defun relata--format ()
  "Format the script, where eglot manages it."
  (when (and relata-format-on-save (fboundp 'eglot-managed-p) (eglot-managed-p))
    (ignore-errors (eglot-format-buffer))))

(declare-function eglot-managed-p "eglot")
(declare-function eglot-format-buffer "eglot")
(declare-function eglot-current-server "eglot")
(declare-function jsonrpc-request "jsonrpc")
(defvar eglot-server-programs)

(defun relata--show (command argument mode)
  "Show what COMMAND of the server yields for ARGUMENT, in MODE."
  (let* ((server (or (eglot-current-server) (user-error "The language server isn't running")))
         (text (jsonrpc-request server :workspace/executeCommand (list :command command :arguments (vector argument)))))
    (with-current-buffer (get-buffer-create (format "*%s*" command))
      (let ((inhibit-read-only t))
        (erase-buffer)
        (insert text)
        (goto-char (point-min)))
      (funcall mode)
      (view-mode 1)
      (display-buffer (current-buffer)))))

(defun relata-sql ()
  "Show the tables of the script, as SQL."
  (interactive)
  (relata--show "relata.sql" (concat "file://" (url-hexify-string buffer-file-name url-path-allowed-chars)) #'sql-mode))

(defun relata-explain (topic)
  "Show the page of TOPIC, a code or a verb."
  (interactive "sA code or a verb: ")
  (relata--show "relata.explain" topic #'text-mode))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.schema\\'" . relata-mode))

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs `(relata-mode . ,(lambda (&rest _) (list relata-program "lsp")))))

(provide 'relata-mode)
;;; relata-mode.el ends here
