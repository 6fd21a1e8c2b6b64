memctl compact --finish examples/sample_day.jsonl  # history -> vision tokens, in ./fovea.db
memctl stats                                       # pages, tokens and bytes by level
memctl search "failing test"                       # pages that mention it
memctl context --budget 4000 --query "test"        # what to put into the next prompt, as JSON
memctl recall 1 --source tokens                    # page 1, read back from its vision tokens alone
memctl age --dry-run                               # what forgetting would cost, in words (a minute)
memctl age --to faint                              # every page now takes 36 vision tokens
memctl promote 1                                   # page 1 returns to its previous level
memctl show 1 -o page.png                          # the page as it is remembered
memctl report -o report.html                       # all of it as a page (a minute); or memctl view
